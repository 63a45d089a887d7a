#include "io/local/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>

#include "io/local/descriptor.hpp"

namespace smartlic::io {
namespace {

namespace fs = std::filesystem;

fs::path directory_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path{"."};
}

constexpr std::string_view random_part = "XXXXXX";  // as mkostemp(3) wants it

std::string temporary_prefix(const fs::path& path) { return "." + path.filename().string() + "."; }

/// A file under a name of its own beside its target, removed unless it has been given that name.
class TemporaryFile {
 public:
  explicit TemporaryFile(const fs::path& target)
      : name_{(directory_of(target) / temporary_prefix(target)).string().append(random_part)},
        file_{::mkostemp(name_.data(), O_CLOEXEC)} {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (file_ && !moved_) ::unlink(name_.c_str());
  }

  explicit operator bool() const { return static_cast<bool>(file_); }
  [[nodiscard]] int get() const { return file_.get(); }

  /// Gives the file the name `target`, whatever was there.
  bool replace(const fs::path& target) {
    moved_ = std::rename(name_.c_str(), target.c_str()) == 0;
    return moved_;
  }

  /// Gives the file the name `target` if nothing has it: link(2), because rename(2) cannot refuse
  /// on every file system.
  bool create(const fs::path& target) { return ::link(name_.c_str(), target.c_str()) == 0; }

 private:
  std::string name_;
  Descriptor file_;
  bool moved_ = false;
};

bool write_all(int file, ByteView content) {
  while (!content.empty()) {
    const auto written = ::write(file, content.data(), content.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) content = content.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

Result<void> write_by_way_of_temporary(const fs::path& path, ByteView content, unsigned mode,
                                       bool (TemporaryFile::*put)(const fs::path& target)) {
  const fs::path directory = directory_of(path);
  // Opened before anything is written, so that an unreadable directory changes nothing.
  const Descriptor parent{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!parent) return system_error(errno, "open directory", directory);
  TemporaryFile temporary{path};
  if (!temporary) return system_error(errno, "create a file beside", path);
  if (::fchmod(temporary.get(), mode) != 0) return system_error(errno, "set mode of", path);
  if (!write_all(temporary.get(), content)) return system_error(errno, "write", path);
  if (::fsync(temporary.get()) != 0) return system_error(errno, "sync", path);
  if (!(temporary.*put)(path)) return system_error(errno, "put in place", path);
  if (::fsync(parent.get()) != 0) return system_error(errno, "sync directory", directory);
  return {};
}

}  // namespace

Result<Bytes> read_file(const fs::path& path, std::size_t limit) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file) return system_error(errno, "open", path);
  constexpr std::size_t chunk = std::size_t{64} << 10;
  Bytes content;
  for (std::size_t length = 0;;) {
    content.resize(length + std::min(chunk, limit - length) + 1);  // one too many tells
    const auto got = ::read(file.get(), content.data() + length, content.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(errno, "read", path);
    length += static_cast<std::size_t>(got);
    if (length > limit) {
      return Error{Errc::storage_failed,
                   "read " + path.string() + ": more than " + std::to_string(limit) + " bytes"};
    }
    if (got == 0) {
      content.resize(length);
      return content;
    }
  }
}

Result<void> write_file_atomic(const fs::path& path, ByteView content, unsigned mode) {
  return write_by_way_of_temporary(path, content, mode, &TemporaryFile::replace);
}

Result<void> create_file_atomic(const fs::path& path, ByteView content, unsigned mode) {
  return write_by_way_of_temporary(path, content, mode, &TemporaryFile::create);
}

Result<void> remove_temporaries(const fs::path& path) {
  const fs::path directory = directory_of(path);
  const std::string prefix = temporary_prefix(path);
  std::error_code error;
  for (fs::directory_iterator at{directory, error}, end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name.size() == prefix.size() + random_part.size() && name.starts_with(prefix)) {
      ::unlink(at->path().c_str());
    }
  }
  if (error) return system_error(error.value(), "list", directory);
  return {};
}

}  // namespace smartlic::io
