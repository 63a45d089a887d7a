#include "io/local/clock.hpp"

#include <cerrno>
#include <ctime>
#include <filesystem>
#include <optional>
#include <string_view>

#include "io/local/descriptor.hpp"
#include "io/local/files.hpp"

namespace smartlic::io {
namespace {

using namespace std::chrono;

constexpr std::string_view boot_id_path = "/proc/sys/kernel/random/boot_id";
constexpr std::size_t uuid_length = 36;

Result<Uuid> read_boot_id() {
  const auto text = read_file(boot_id_path, uuid_length + 1);  // and a line's end
  if (!text) return Error{Errc::storage_failed, text.error().detail};
  return Uuid::parse(as_text(*text).substr(0, uuid_length));
}

Result<nanoseconds> read_clock(clockid_t which, std::string_view name) {
  timespec reading{};
  if (::clock_gettime(which, &reading) != 0) return system_error(errno, "read clock", name);
  return seconds{reading.tv_sec} + nanoseconds{reading.tv_nsec};
}

}  // namespace

Result<Now> read_clock() {
  static const auto boot_id = read_boot_id();
  if (!boot_id) return boot_id.error();
  const auto wall = read_clock(CLOCK_REALTIME, "CLOCK_REALTIME");
  if (!wall) return wall.error();
  const auto boot = read_clock(CLOCK_BOOTTIME, "CLOCK_BOOTTIME");
  if (!boot) return boot.error();
  return Now{UtcTime{floor<Ms>(*wall)}, BootTime{*boot}, *boot_id};
}

}  // namespace smartlic::io
