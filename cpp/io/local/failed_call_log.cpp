#include "io/local/failed_call_log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>

namespace smartlic::io {

namespace fs = std::filesystem;

bool FailedCallLog::append(std::string_view line, std::uint64_t file_size) {
  if (process_ != ::getpid()) {
    process_ = ::getpid();
    close();
  }
  if (!file_ && !open()) return false;
  if (size_ > 0 && size_ + line.size() > file_size) {
    const std::string name = path();
    close();
    if (std::rename(name.c_str(), (name + ".1").c_str()) != 0 || !open()) return false;
  }
  ssize_t written = 0;
  do written = ::write(file_.get(), line.data(), line.size());
  while (written < 0 && errno == EINTR);
  if (written == static_cast<ssize_t>(line.size())) {
    size_ += line.size();
    return true;
  }
  // Half a line is none. If even that fails, the next line is kept out of this file.
  if (written > 0 && ::ftruncate(file_.get(), static_cast<off_t>(size_)) != 0)
    size_ = UINT64_MAX / 2;
  return false;
}

bool FailedCallLog::open() {
  constexpr mode_t permissions = 0640;
  Descriptor file{
      ::open(path().c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, permissions)};
  struct stat facts {};
  if (!file || ::fstat(file.get(), &facts) != 0) return false;
  size_ = static_cast<std::uint64_t>(facts.st_size);
  file_ = std::move(file);
  return true;
}

fs::path FailedCallLog::path() const {
  return prefix_.string() + "." + std::to_string(process_) + ".jsonl";
}

}  // namespace smartlic::io
