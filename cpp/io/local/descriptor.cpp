#include "io/local/descriptor.hpp"

#include <cerrno>
#include <string>
#include <system_error>

namespace smartlic::io {
namespace {

Errc code_of(int number) {
  switch (number) {
    case ENOENT:
      return Errc::not_found;
    case EEXIST:
      return Errc::already_exists;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:  // RLIMIT_FSIZE is a quota too: the process's
      return Errc::storage_full;
    default:
      return Errc::storage_failed;
  }
}

}  // namespace

Error system_error(int number, std::string_view action, const std::filesystem::path& path) {
  std::string detail{action};
  detail.append(" ").append(path.string()).append(": ");
  detail.append(std::generic_category().message(number));
  return {code_of(number), std::move(detail)};
}

}  // namespace smartlic::io
