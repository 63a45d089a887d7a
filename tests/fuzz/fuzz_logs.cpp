// Whatever is read as a log is read alike in whole and in pieces; its lines add up, its entries
// ascend, and no time lies outside the years in which logs are written.

#include <algorithm>
#include <cstdlib>

#include "logs/dating.hpp"
#include "logs/reader.hpp"

namespace {

using namespace smartlic;
using namespace smartlic::logs;

void need(bool holds) {
  if (!holds) std::abort();
}

/// Reads it in pieces of so many bytes, each from memory of its own. A byte of 0x1E begins another
/// file of a set.
LogReader read(ByteView bytes, std::size_t piece) {
  LogReader reader;
  Bytes own;
  for (std::size_t at = 0; at < bytes.size();) {
    const ByteView next = bytes.subspan(at, std::min(piece, bytes.size() - at));
    const auto mark = std::ranges::find(next, std::uint8_t{0x1E});
    const auto part = next.first(static_cast<std::size_t>(std::distance(next.begin(), mark)));
    if (part.empty()) {
      reader.begin_source();
      ++at;
      continue;
    }
    own.assign(part.begin(), part.end());
    own.shrink_to_fit();
    reader.feed(own);
    at += part.size();
  }
  own = {};
  reader.finish();
  return reader;
}

void check_lines(const LogReader& reader) {
  const LineCounts& counts = reader.counts();
  need(counts.total == counts.blank + counts.entries + counts.other + counts.unread);
  std::uint64_t listed = 0;
  Lines before{};
  for (const Entry& entry : reader.entries()) {
    const Lines& lines = entry.lines;
    need(lines.first >= 1 && lines.first <= lines.last && lines.last <= counts.total);
    need(lines.source > before.source ||
         (lines.source == before.source && lines.first > before.last));
    need(!entry.run || *entry.run < reader.runs().size());
    listed += lines.last - lines.first + 1;
    before = lines;
  }
  need(listed == counts.entries);
}

void check_time(const std::optional<UtcTime>& time) {
  using std::chrono::year;
  constexpr UtcTime first = std::chrono::sys_days{year{1969} / 12 / 31};
  constexpr UtcTime last = std::chrono::sys_days{year{2200} / 1 / 2};
  need(!time || (*time >= first && *time < last));
}

void check_dates(const LogReader& reader) {
  const auto dates = date_runs(reader.runs(), reader.entries());
  for (std::size_t i = 0; i < dates.size(); ++i) {
    for (const Ms elapsed : {Ms{}, reader.runs()[i].first_elapsed, reader.runs()[i].last_elapsed}) {
      const Dated dated = date_line(dates[i], elapsed);
      for (const auto& time : {dated.at, dated.earliest, dated.latest}) check_time(time);
    }
  }
  for (const Entry& entry : reader.entries()) {
    const Dated dated = date_entry(entry, dates);
    for (const auto& time : {dated.at, dated.earliest, dated.latest}) check_time(time);
    need(!(dated.at && (dated.earliest || dated.latest)));
    const auto skew = clock_skew(entry, dates);
    need(!skew || (answered(entry) && dated.at));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes{data, size};
  const LogReader whole = read(bytes, size + 1);
  check_lines(whole);
  check_dates(whole);
  for (const std::size_t piece : {std::size_t{1}, size / 3 + 1, size % 61 + 2}) {
    const LogReader again = read(bytes, piece);
    need(again.entries() == whole.entries() && again.runs() == whole.runs());
    need(again.counts() == whole.counts() && again.unread() == whole.unread());
  }
  return 0;
}
