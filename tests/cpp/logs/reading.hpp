#pragma once
// How tests read a log, and say times.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "logs/dating.hpp"
#include "logs/reader.hpp"

namespace smartlic::logs::test {

using namespace std::chrono_literals;
using std::chrono::sys_days;

/// What a reader has to tell of a log.
struct Log {
  std::vector<Entry> entries{};
  std::vector<Run> runs{};
  LineCounts counts{};
  std::vector<Lines> unread{};
  friend bool operator==(const Log&, const Log&) = default;

  [[nodiscard]] std::vector<RunDate> dates() const { return date_runs(runs, entries); }
  [[nodiscard]] Dated dated(std::size_t entry) const {
    return date_entry(entries.at(entry), dates());
  }
};

inline Log told(const LogReader& reader) {
  return {reader.entries(), reader.runs(), reader.counts(), reader.unread()};
}

/// Reads a text in pieces of so many bytes. Each piece is fed from memory of its own, which is gone
/// afterwards, so that the sanitizers see whatever is read beyond it, or later.
inline Log read(std::string_view text, std::size_t piece = std::string_view::npos) {
  LogReader reader;
  for (std::size_t at = 0; at < text.size(); at += std::min(piece, text.size() - at)) {
    const std::string_view part = text.substr(at, piece);
    const Bytes own(part.begin(), part.end());
    reader.feed(own);
  }
  reader.finish();
  return told(reader);
}

inline UtcTime utc(int year, unsigned month, unsigned day, Ms time_of_day = 0ms) {
  return sys_days{std::chrono::year{year} / static_cast<int>(month) / static_cast<int>(day)} +
         time_of_day;
}

/// 3 hours and 4 minutes: `clock_time(3, 4)`.
constexpr Ms clock_time(int hours, int minutes = 0, int seconds = 0, int ms = 0) {
  return std::chrono::hours{hours} + std::chrono::minutes{minutes} + std::chrono::seconds{seconds} +
         Ms{ms};
}

/// `13:48:28,516`.
inline std::string text_of(Ms time_of_day) {
  const std::chrono::hh_mm_ss time{time_of_day};
  const auto two = [](auto part) {
    return std::string(part.count() < 10 ? "0" : "") + std::to_string(part.count());
  };
  const std::string ms = std::to_string(1000 + time.subseconds().count()).substr(1);
  return two(time.hours()) + ":" + two(time.minutes()) + ":" + two(time.seconds()) + "," + ms;
}

/// An ordinary line, which tells nothing of licences, as of S18: time of day, uptime, thread.
inline std::string plain_line(Ms time_of_day, Ms uptime) {
  return text_of(time_of_day) + " " + std::to_string(uptime.count()) +
         " [RubyThread-6:smart_agent.rb:161] DEBUG root - tick\n";
}

/// What an answer says that the manager gave at `when` (D2, D3): it began then, and lasts 90 days.
inline std::string answer_at(UtcTime when) {
  return "start_date:" + std::to_string(when.time_since_epoch().count()) +
         ", compliance_status:OOC,expiry:7776000, retry_interval:43200\n";
}

}  // namespace smartlic::logs::test
