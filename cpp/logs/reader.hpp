#pragma once
// Reads sml.log, however much of it there is and whatever has become of it (S17, S18, D9).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/bytes.hpp"
#include "logs/entry.hpp"
#include "logs/runs.hpp"

namespace smartlic::logs {

/// Reads a log as it comes: `begin_source()` before each file of a set, the oldest first, `feed()`
/// with its bytes in pieces of any size, `finish()` at the end, or whenever nothing more comes for
/// now. `entries()`, `runs()`, `counts()` and `unread()` tell what has been read so far; dating.hpp
/// dates it.
///
/// An entry begins with a line that has a prefix and goes on up to the next such line or an empty
/// one, so an entry that was wrapped is one (D9). Text without a prefix is an entry if it has an
/// entry's keys. Nothing is an error: what cannot be read is counted, and listed with its lines.
///
/// Of the bytes it keeps an unfinished line and the entry it belongs to, at most 64 KiB of it; of
/// the rest what entries say. It reads no clock and no file.
class LogReader {
 public:
  /// Of one entry; more of it is not looked at.
  static constexpr std::size_t max_entry = std::size_t{64} * 1024;
  /// Pieces of text that belong to no entry: so many are listed, all are counted.
  static constexpr std::size_t max_unread = 1000;

  /// The next bytes are another file's: lines count from 1 again, runs go on.
  void begin_source();
  void feed(ByteView bytes);
  /// Ends the last line, if it has no end, and the last entry. More may be fed after it.
  void finish();

  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  [[nodiscard]] const std::vector<Run>& runs() const { return tracker_.runs(); }
  [[nodiscard]] const LineCounts& counts() const { return counts_; }
  [[nodiscard]] const std::vector<Lines>& unread() const { return unread_; }

 private:
  /// What has been read of an entry: its text as it stands in the bytes fed, until more is known.
  struct Pending {
    bool open = false;
    bool stamped = false;
    bool joined = false;  ///< whether its text is in `joined_`, else it is `text`
    Stamp stamp;
    Lines lines;
    std::size_t message = 0;  ///< where its message begins, behind the prefix
    std::size_t slack = 0;    ///< bytes that may be read behind `text`
    std::string_view text;
  };

  void carry(std::string_view text);
  void line(std::string_view text, std::size_t slack);
  void open(std::string_view text, std::size_t slack, const Prefix* prefix);
  void join(std::string_view text);
  void keep();
  void close();

  std::vector<Entry> entries_{};
  RunTracker tracker_;
  LineCounts counts_;
  std::vector<Lines> unread_{};

  std::uint32_t source_ = 0;
  std::uint64_t line_ = 0;
  bool begun_ = false;
  std::string carry_{};  ///< a line that has no end yet
  Pending pending_;
  std::string joined_{};
};

}  // namespace smartlic::logs
