#pragma once
// What a worker process of a SIP server has: a gate file, the machine's clock and the failed-call
// log.

#include <filesystem>
#include <utility>

#include "admission/failed_call.hpp"
#include "io/local/failed_call_log.hpp"
#include "io/local/gate_file.hpp"

namespace smartlic::io {

/// Decides calls as they come, at the machine's time, and logs those that it rejects if the gate
/// file says so. For one thread at a time: others open their own, which takes microseconds. It has
/// no thread of its own, and no call waits for another process.
class GateWorker {
 public:
  /// log: what the names of the log's files begin with; empty: the gate's path and `.failed-calls`.
  /// Errors: those of `GateFile::open`.
  [[nodiscard]] static Result<GateWorker> open(const std::filesystem::path& gate,
                                               const std::filesystem::path& log = {});

  /// Counts one call and decides on it. Errors: `storage_failed` if the clock cannot be read.
  [[nodiscard]] Result<admission::Decision> decide();

  /// Whether rejected calls are to be logged.
  [[nodiscard]] bool logging() const { return gate_.failed_call_log() != 0; }
  /// Logs the call of the last decision, a rejected one, if that is switched on. One that cannot be
  /// logged is counted in the gate.
  void log(const admission::Decision& decision, const admission::CallFacts& call);

 private:
  GateWorker(GateFile gate, std::filesystem::path log)
      : gate_{std::move(gate)}, log_{std::move(log)} {}

  GateFile gate_;
  FailedCallLog log_;
  UtcTime decided_{};  // when the last decision was
};

}  // namespace smartlic::io
