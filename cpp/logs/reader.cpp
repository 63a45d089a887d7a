#include "logs/reader.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "logs/fields.hpp"
#include "logs/scan.hpp"

namespace smartlic::logs {
namespace {

/// Of a line: a byte more than is looked at, as it may be a line end's `\r`. Lines are cut there
/// before anything else, so that it makes no difference in which pieces they came.
constexpr std::size_t max_line = LogReader::max_entry + 1;

}  // namespace

void LogReader::begin_source() {
  finish();
  if (begun_) ++source_;
  begun_ = true;
  line_ = 0;
}

void LogReader::feed(ByteView bytes) {
  begun_ = begun_ || !bytes.empty();
  std::string_view left = as_text(bytes);
  while (!left.empty()) {
    const auto* const end = static_cast<const char*>(std::memchr(left.data(), '\n', left.size()));
    if (end == nullptr) break;
    const auto length = static_cast<std::size_t>(end - left.data());
    if (carry_.empty()) {
      line(left.substr(0, length), left.size() - length);
    } else {
      carry(left.substr(0, length));
      const std::string whole = std::exchange(carry_, {});
      line(whole, 0);
      keep();  // `whole` goes
    }
    left.remove_prefix(length + 1);
  }
  keep();
  carry(left);
}

void LogReader::carry(std::string_view text) {
  carry_.append(text.substr(0, max_line - carry_.size()));
}

void LogReader::finish() {
  if (!carry_.empty()) {
    const std::string whole = std::exchange(carry_, {});
    line(whole, 0);
    close();
  }
  close();
}

void LogReader::line(std::string_view text, std::size_t slack) {
  ++line_;
  ++counts_.total;
  slack += text.size();
  text = text.substr(0, max_line);
  // One, or more: FTP in text mode adds one to those that are there.
  while (text.ends_with('\r')) text.remove_suffix(1);
  text = text.substr(0, max_entry);
  slack -= text.size();
  if (const auto prefix = read_prefix(text)) {
    open(text, slack, &*prefix);
  } else if (is_blank(text)) {
    ++counts_.blank;
    close();
  } else if (pending_.open) {
    join(text);
  } else {
    open(text, slack, nullptr);
  }
}

void LogReader::open(std::string_view text, std::size_t slack, const Prefix* prefix) {
  close();
  pending_ = Pending{};
  pending_.open = true;
  pending_.stamped = prefix != nullptr;
  pending_.lines = {source_, line_, line_};
  pending_.slack = slack;
  pending_.text = text;
  if (prefix == nullptr) return;
  pending_.stamp = prefix->stamp;
  pending_.message = prefix->length;
}

/// Adds a line to the entry. Nothing is put between the two: lines are wrapped within words, and
/// the keys do not need it.
void LogReader::join(std::string_view text) {
  pending_.lines.last = line_;
  keep();
  joined_.append(text.substr(0, max_entry - std::min(max_entry, joined_.size())));
}

/// Copies what there is of the entry, as the bytes that it stands in are going away.
void LogReader::keep() {
  if (!pending_.open || pending_.joined) return;
  joined_.assign(pending_.text);
  pending_.joined = true;
  pending_.text = {};
}

void LogReader::close() {
  if (!pending_.open) return;
  pending_.open = false;
  const std::string_view text = pending_.joined ? std::string_view{joined_} : pending_.text;
  const std::size_t slack = pending_.joined ? 0 : pending_.slack;
  const auto place =
      pending_.stamped ? tracker_.place(pending_.stamp, pending_.lines) : std::nullopt;
  const std::uint64_t lines = pending_.lines.last - pending_.lines.first + 1;
  // Prose has the words of a failure too; without a line's prefix they tell of none.
  if (!(pending_.stamped ? may_tell(text, slack) : tells_key(text))) {
    if (pending_.stamped) {
      counts_.other += lines;
    } else {
      counts_.unread += lines;
      if (unread_.size() < max_unread) unread_.push_back(pending_.lines);
    }
    return;
  }
  Entry entry{.lines = pending_.lines, .stamp = pending_.stamp};
  if (place) {
    entry.run = place->run;
    entry.elapsed = place->elapsed;
  }
  read_fields(text, pending_.message, entry);
  counts_.entries += lines;
  entries_.push_back(std::move(entry));
}

}  // namespace smartlic::logs
