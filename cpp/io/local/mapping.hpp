#pragma once
// A file's bytes in memory.

#include <cstdint>
#include <filesystem>
#include <span>
#include <utility>

#include "foundation/result.hpp"
#include "io/local/descriptor.hpp"

namespace smartlic::io {

/// A file's bytes in memory, shared with all who map it; unmapped with this object.
class Mapping {
 public:
  /// Maps the whole file, of an empty one nothing. Errors: `not_found`, `storage_failed`.
  [[nodiscard]] static Result<Mapping> map(const std::filesystem::path& path, bool writable);
  Mapping(Mapping&& other) noexcept
      : file_{std::move(other.file_)}, memory_{std::exchange(other.memory_, {})} {}
  Mapping& operator=(Mapping&&) = delete;
  ~Mapping();

  [[nodiscard]] int file() const { return file_.get(); }
  [[nodiscard]] std::span<std::uint8_t> memory() const { return memory_; }

 private:
  Mapping(Descriptor file, std::span<std::uint8_t> memory)
      : file_{std::move(file)}, memory_{memory} {}

  Descriptor file_;
  std::span<std::uint8_t> memory_;
};

}  // namespace smartlic::io
