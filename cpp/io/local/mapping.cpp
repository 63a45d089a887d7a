#include "io/local/mapping.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>

namespace smartlic::io {

Result<Mapping> Mapping::map(const std::filesystem::path& path, bool writable) {
  Descriptor file{::open(path.c_str(), (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC)};
  if (!file) return system_error(errno, "open", path);
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) return system_error(errno, "look at", path);
  const auto size = static_cast<std::size_t>(facts.st_size);
  if (size == 0) return Mapping{std::move(file), {}};  // which mmap(2) refuses
  void* memory = ::mmap(nullptr, size, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED,
                        file.get(), 0);
  if (memory == MAP_FAILED) return system_error(errno, "map", path);
  return Mapping{std::move(file), {static_cast<std::uint8_t*>(memory), size}};
}

Mapping::~Mapping() {
  if (!memory_.empty()) ::munmap(memory_.data(), memory_.size());
}

}  // namespace smartlic::io
