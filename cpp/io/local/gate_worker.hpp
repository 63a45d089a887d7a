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
  /// As `decide`, in one number for callers to whom a value is dear: 1, or of a rejected call minus
  /// (1000 x Retry-After in seconds, if there is one, + SIP status).
  [[nodiscard]] Result<std::int32_t> ask();

  /// Whether rejected calls are to be logged.
  [[nodiscard]] bool logging() const { return gate_.failed_call_log() != 0; }
  /// Logs that the call of the last decision was rejected, if that is switched on. A record that
  /// cannot be written is counted in the gate.
  void log(const admission::CallFacts& call);

 private:
  GateWorker(GateFile gate, std::filesystem::path log)
      : gate_{std::move(gate)}, log_{std::move(log)} {}

  GateFile gate_;
  FailedCallLog log_;
  admission::Decision decision_{};  // the last one
  UtcTime decided_{};               // and when that was
};

}  // namespace smartlic::io
