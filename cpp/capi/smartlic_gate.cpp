#include "capi/smartlic_gate.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <string_view>

#include "io/local/gate_worker.hpp"

using smartlic::admission::Decision;
using smartlic::io::GateWorker;

struct smartlic_gate {
  GateWorker worker;
};

namespace {

void tell(std::string_view text, char* error, std::size_t size) {
  if (error == nullptr || size == 0) return;
  text = text.substr(0, size - 1);
  *std::copy(text.begin(), text.end(), error) = '\0';
}

std::string_view view(const char* text) {
  return text == nullptr ? std::string_view{} : std::string_view{text};
}

smartlic_decision plain(const Decision& decision) {
  return {
      .reason = decision.reason ? to_string(*decision.reason).data() : nullptr,
      .mode = to_string(decision.mode).data(),
      .average = decision.average.per_second(),
      .limit = decision.limit ? static_cast<long>(*decision.limit) : -1,
      .sip_status = decision.sip_status ? static_cast<int>(*decision.sip_status) : 0,
      .retry_after = decision.retry_after ? static_cast<int>(decision.retry_after->count()) : 0};
}

constexpr smartlic_decision undecided{
    .reason = nullptr, .mode = "", .average = 0, .limit = -1, .sip_status = 503, .retry_after = 0};

}  // namespace

smartlic_gate* smartlic_gate_open(const char* path, char* error, size_t size) {
  try {
    auto worker = GateWorker::open(path);
    if (worker) return std::make_unique<smartlic_gate>(*std::move(worker)).release();
    tell(worker.error().detail, error, size);
  } catch (const std::exception& out_of_memory) {
    tell(out_of_memory.what(), error, size);
  }
  return nullptr;
}

int smartlic_gate_admit(smartlic_gate* gate, const smartlic_call* call,
                        smartlic_decision* decision) {
  const auto decided = gate->worker.decide();
  if (decision != nullptr) *decision = decided ? plain(*decided) : undecided;
  if (!decided) return -1;
  if (decided->admitted()) return 1;
  const smartlic_call nobody{};
  const smartlic_call& facts = call == nullptr ? nobody : *call;
  gate->worker.log({view(facts.call_id), view(facts.from), view(facts.to)});
  return 0;
}

void smartlic_gate_close(smartlic_gate* gate) { delete gate; }
