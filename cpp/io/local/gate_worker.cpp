#include "io/local/gate_worker.hpp"

#include <array>
#include <utility>

#include "io/local/clock.hpp"

namespace smartlic::io {

Result<GateWorker> GateWorker::open(const std::filesystem::path& gate,
                                    const std::filesystem::path& log) {
  const auto now = read_clock();
  if (!now) return now.error();
  auto file = GateFile::open(gate, *now);
  if (!file) return file.error();
  auto prefix = log.empty() ? std::filesystem::path{gate.string() + ".failed-calls"} : log;
  return GateWorker{*std::move(file), std::move(prefix)};
}

Result<admission::Decision> GateWorker::decide() {
  const auto now = read_clock();
  if (!now) return now.error();
  decided_ = now->wall;
  return decision_ = gate_.decide(*now);
}

Result<std::int32_t> GateWorker::ask() {
  const auto decided = decide();
  if (!decided) return decided.error();
  if (decided->admitted()) return 1;
  const auto wait = decided->retry_after.value_or(std::chrono::seconds{}).count();
  return -static_cast<std::int32_t>(wait * 1000 + static_cast<int>(*decided->sip_status));
}

void GateWorker::log(const admission::CallFacts& call) {
  const std::uint64_t file_size = gate_.failed_call_log();
  if (file_size == 0) {
    log_.close();
    return;
  }
  std::array<char, admission::max_record> record{};
  const std::size_t length = admission::write_record(record, decided_, call, decision_);
  if (!log_.append({record.data(), length}, file_size)) gate_.count_lost_call();
}

}  // namespace smartlic::io
