/* The admission gate for programs in C, such as a module of a SIP server: open, admit, close.
 *
 * Link libsmartlic_gate, which starts no thread, opens no socket and loads neither OpenSSL nor libcurl. Open one gate in
 * each worker process, after the fork, or in each thread: a gate that is open is for one thread at a time.
 */
#ifndef SMARTLIC_GATE_H
#define SMARTLIC_GATE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SMARTLIC_GATE_API __attribute__((visibility("default")))

/* A gate file that is open. */
struct smartlic_gate;

/* Which call it is, for the failed-call log. Each may be NULL; nothing is kept after the call. */
struct smartlic_call {
  const char *call_id;
  const char *from;
  const char *to;
};

/* What became of a call. The texts are static. */
struct smartlic_decision {
  const char *reason; /* of a rejected call: "mode", "limit_zero" or "rate"; else NULL */
  const char *mode;   /* the enforcement mode, as "InCompliance" */
  double average;     /* calls per second, what was compared with the limit */
  long limit;         /* calls per second; -1: no rate check */
  int sip_status;     /* of a rejected call: 503 or 500; else 0 */
  int retry_after;    /* seconds, at least 1, for the header of that name; 0: send none */
};

/* Opens a gate file for deciding. Gives NULL if that fails, and then a sentence in `error`, cut to `size` bytes with the
 * final zero (`error` may be NULL). */
SMARTLIC_GATE_API struct smartlic_gate *smartlic_gate_open(const char *path, char *error, size_t size);

/* Counts an initial INVITE and decides on it. 1: let it through; 0: answer it with decision->sip_status; -1: do that too,
 * as the clock cannot be read. Rejected calls are logged while the gate's failed-call log is on. `call` and `decision` may
 * be NULL. */
SMARTLIC_GATE_API int smartlic_gate_admit(struct smartlic_gate *gate, const struct smartlic_call *call,
                                          struct smartlic_decision *decision);

/* Closes what smartlic_gate_open gave; NULL does nothing. */
SMARTLIC_GATE_API void smartlic_gate_close(struct smartlic_gate *gate);

#ifdef __cplusplus
}
#endif

#endif
