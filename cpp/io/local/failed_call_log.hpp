#pragma once
// Where a process logs the calls that it rejects (S11).

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "io/local/descriptor.hpp"

namespace smartlic::io {

/// A process's own file of whole lines, `PREFIX.PID.jsonl`, and the one before it, with `.1` behind
/// the name. Nothing is held back in memory, so a killed process has logged all it said it did. A
/// process that is forked off begins a file of its own. For one thread at a time.
class FailedCallLog {
 public:
  explicit FailedCallLog(std::filesystem::path prefix) : prefix_{std::move(prefix)} {}

  /// Appends a line, in a new file (0640) if this one would grow beyond `file_size` bytes. Returns
  /// whether the line is in it, whole; if not, as on a full disk, nothing of it is.
  [[nodiscard]] bool append(std::string_view line, std::uint64_t file_size);

  /// Until the next line.
  void close() { file_ = Descriptor{}; }

 private:
  [[nodiscard]] bool open();
  [[nodiscard]] std::filesystem::path path() const;

  std::filesystem::path prefix_;
  Descriptor file_;
  std::uint64_t size_ = 0;  // of the file
  pid_t process_ = 0;       // whose file it is
};

}  // namespace smartlic::io
