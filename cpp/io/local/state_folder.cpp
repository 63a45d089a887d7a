#include "io/local/state_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "io/local/files.hpp"

namespace smartlic::io {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view magic = "smartlic-agent-state";
constexpr std::uint32_t version = 1;
constexpr std::size_t version_at = magic.size();
constexpr std::size_t length_at = version_at + sizeof(std::uint32_t);
constexpr std::size_t checksum_at = length_at + sizeof(std::uint64_t);
constexpr std::size_t header_size = checksum_at + sizeof(std::uint32_t);

fs::path state_file(const fs::path& folder) { return folder / "state.bin"; }

template <class Number>
void append_number(Bytes& out, Number number) {
  for (int shift = 8 * (sizeof(Number) - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(number >> shift));
  }
}

template <class Number>
Number number_at(ByteView file, std::size_t at) {
  Number number = 0;
  for (const auto byte : file.subspan(at, sizeof(Number))) {
    number = static_cast<Number>(number << 8 | byte);
  }
  return number;
}

std::uint32_t checksum(ByteView before, ByteView after) {
  auto sum = ::crc32_z(0, before.data(), before.size());
  // Not called for nothing: zlib takes a null pointer as "give the initial value".
  if (!after.empty()) sum = ::crc32_z(sum, after.data(), after.size());
  return static_cast<std::uint32_t>(sum);
}

Bytes wrap(ByteView content) {
  Bytes file{magic.begin(), magic.end()};
  file.reserve(header_size + content.size());
  append_number(file, version);
  append_number(file, std::uint64_t{content.size()});
  append_number(file, checksum(file, content));
  file.insert(file.end(), content.begin(), content.end());
  return file;
}

Error damaged(const fs::path& path, std::string_view how) {
  return {Errc::state_damaged, path.string().append(": ").append(how)};
}

Result<Bytes> unwrap(ByteView file, const fs::path& path) {
  if (file.size() < header_size) return damaged(path, "shorter than its header");
  if (!as_text(file).starts_with(magic)) return damaged(path, "not an agent's state");
  const ByteView content = file.subspan(header_size);
  if (number_at<std::uint64_t>(file, length_at) != content.size()) {
    return damaged(path, "not as long as its header says");
  }
  if (number_at<std::uint32_t>(file, checksum_at) != checksum(file.first(checksum_at), content)) {
    return damaged(path, "its checksum does not fit");
  }
  if (const auto found = number_at<std::uint32_t>(file, version_at); found != version) {
    return Error{Errc::state_version, path.string() + ": version " + std::to_string(found) +
                                          ", expected " + std::to_string(version)};
  }
  return Bytes{content.begin(), content.end()};
}

Result<std::optional<Bytes>> load_state(const fs::path& folder) {
  const fs::path path = state_file(folder);
  const auto file = read_file(path, header_size + max_state_size);
  if (!file) {
    if (file.error().code == Errc::not_found) return std::optional<Bytes>{};
    return file.error();
  }
  auto content = unwrap(*file, path);
  if (!content) return content.error();
  return std::optional{std::move(*content)};
}

Result<void> make_folder(const fs::path& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0) {
    if (errno == EEXIST) return {};
    return system_error(errno, "make folder", folder);
  }
  const fs::path parent = folder / "..";  // its entry for the folder has to be durable too
  const Descriptor opened{::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!opened || ::fsync(opened.get()) != 0) return system_error(errno, "sync directory", parent);
  return {};
}

Result<Descriptor> take_lock(const fs::path& folder) {
  const fs::path path = folder / "lock";
  Descriptor lock{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (!lock) return system_error(errno, "open", path);
  while (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return Error{Errc::locked, folder.string()};
    if (errno != EINTR) return system_error(errno, "lock", path);
  }
  return lock;
}

}  // namespace

StateFolder::StateFolder(fs::path folder, Descriptor lock)
    : folder_{std::move(folder)}, lock_{std::move(lock)} {}

Result<StateFolder> StateFolder::open(const fs::path& folder, bool create) {
  const fs::path absolute = fs::absolute(folder);  // stays put when the process changes directory
  if (create) {
    if (const auto made = make_folder(absolute); !made) return made.error();
  }
  auto lock = take_lock(absolute);
  if (!lock) return lock.error();
  if (const auto removed = remove_temporaries(state_file(absolute)); !removed) {
    return removed.error();
  }
  return StateFolder{absolute, std::move(*lock)};
}

Result<std::optional<Bytes>> StateFolder::peek(const fs::path& folder) {
  if (std::error_code error; !fs::is_directory(folder, error)) {
    return Error{Errc::not_found, folder.string()};
  }
  return load_state(folder);
}

Result<std::optional<Bytes>> StateFolder::load() const { return load_state(folder_); }

Result<void> StateFolder::save(ByteView content) {
  if (content.size() > max_state_size) {
    return Error{Errc::invalid_argument, "a state of " + std::to_string(content.size()) + " bytes"};
  }
  return write_file_atomic(state_file(folder_), wrap(content));
}

}  // namespace smartlic::io
