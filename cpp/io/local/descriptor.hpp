#pragma once
// An open file descriptor that closes itself, and errno as an Error. For the room's own files.

#include <unistd.h>

#include <filesystem>
#include <string_view>
#include <utility>

#include "foundation/result.hpp"

namespace smartlic::io {

/// Owns a descriptor; -1 is none.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_{number} {}
  Descriptor(Descriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }

  explicit operator bool() const { return number_ >= 0; }
  [[nodiscard]] int get() const { return number_; }

 private:
  int number_;
};

/// The table's row for an errno: ENOENT is `not_found`, EEXIST `already_exists`; a full disk, quota
/// or file size limit `storage_full`; all else `storage_failed`. The detail names the path.
[[nodiscard]] Error system_error(int number, std::string_view action,
                                 const std::filesystem::path& path);

}  // namespace smartlic::io
