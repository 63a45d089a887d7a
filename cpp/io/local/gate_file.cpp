#include "io/local/gate_file.hpp"

#include <sys/file.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string>

#include "io/local/files.hpp"

namespace smartlic::io {
namespace {

namespace fs = std::filesystem;
using admission::SharedGate;

/// Keeps other processes that publish or restart away, while it lives. The kernel lets go for a
/// process that is killed.
class FileLock {
 public:
  explicit FileLock(int file) : file_{file} {
    do held_ = ::flock(file_, LOCK_EX) == 0;
    while (!held_ && errno == EINTR);
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock() {
    if (held_) ::flock(file_, LOCK_UN);
  }
  explicit operator bool() const { return held_; }

 private:
  int file_;
  bool held_ = false;
};

Error of_file(const fs::path& path, const Error& error) {
  return {error.code, path.string().append(": ").append(error.detail)};
}

}  // namespace

Result<void> GateFile::create(const fs::path& path, const Now& now,
                              const GateFileOptions& options) {
  alignas(SharedGate) std::array<std::uint8_t, sizeof(SharedGate)> content{};
  std::construct_at(reinterpret_cast<SharedGate*>(content.data()), options.shape,
                    options.sip_status, now);
  return create_file_atomic(path, content, options.permissions);
}

Result<GateFile> GateFile::open(const fs::path& path, const Now& now) {
  auto mapping = Mapping::map(path, true);
  if (!mapping) return mapping.error();
  const auto gate = SharedGate::attach(mapping->memory());
  if (!gate) return of_file(path, gate.error());
  if (!(*gate)->counts_in(now)) {
    const FileLock lock{mapping->file()};
    if (!lock) return system_error(errno, "lock", path);
    // Of several that open it at once, one does it, before any of them decides.
    if (!(*gate)->counts_in(now)) (*gate)->restart(now);
  }
  return GateFile{*std::move(mapping), *gate};
}

Result<void> GateFile::publish(const admission::Plan& plan, const Now& now) {
  const FileLock lock{mapping_.file()};
  if (!lock) return system_error(errno, "lock", "the gate file");
  return gate_->publish(plan, now);
}

Result<void> GateFile::set_limit(admission::Limit limit) {
  const FileLock lock{mapping_.file()};
  if (!lock) return system_error(errno, "lock", "the gate file");
  gate_->set_limit(limit);
  return {};
}

Result<GateObserver> GateObserver::open(const fs::path& path) {
  auto mapping = Mapping::map(path, false);
  if (!mapping) return mapping.error();
  const auto gate = SharedGate::observe(mapping->memory());
  if (!gate) return of_file(path, gate.error());
  return GateObserver{*std::move(mapping), *gate};
}

}  // namespace smartlic::io
