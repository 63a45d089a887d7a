/* A program in C that decides calls by a gate file: one line of text for each, or what went wrong. */
#include <smartlic_gate.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  char error[200];
  struct smartlic_decision decision;
  const struct smartlic_call call = {"call-of-C", "sip:alice@atlanta.example", NULL};
  struct smartlic_gate *gate;
  int calls;

  if (argc != 3) return 2;
  gate = smartlic_gate_open(argv[1], error, sizeof error);
  if (gate == NULL) {
    fprintf(stderr, "%s\n", error);
    return 1;
  }
  for (calls = atoi(argv[2]); calls > 0; --calls) {
    const int admitted = smartlic_gate_admit(gate, &call, &decision);
    printf("%d %s %s %.3f %ld %d %d\n", admitted, decision.reason ? decision.reason : "-", decision.mode,
           decision.average, decision.limit, decision.sip_status, decision.retry_after);
  }
  if (smartlic_gate_admit(gate, NULL, NULL) < 0) return 3;
  smartlic_gate_close(gate);
  smartlic_gate_close(NULL);
  return smartlic_gate_open("", NULL, 0) == NULL ? 0 : 4;
}
