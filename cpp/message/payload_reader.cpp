#include "message/payload_reader.hpp"

#include <algorithm>
#include <limits>

#include "identity/encoding.hpp"
#include "message/codec.hpp"

namespace smartlic::message {
namespace {

constexpr std::int64_t last_ms = 253'402'300'799'999;  // 9999-12-31T23:59:59.999Z
constexpr std::chrono::seconds longest = std::chrono::days{36'525};

}  // namespace

std::string PayloadReader::text(std::string_view member) {
  const std::string* value = object_.text(member);
  if (value == nullptr) refuse(member, "is not a text");
  return value == nullptr ? std::string{} : *value;
}

std::int64_t PayloadReader::integer(std::string_view member, std::int64_t least,
                                    std::int64_t most) {
  const std::int64_t* value = object_.integer(member);
  if (value == nullptr) {
    refuse(member, "is not an integer");
  } else if (*value < least || *value > most) {
    refuse(member, "is out of range: " + std::to_string(*value));
  } else {
    return *value;
  }
  return 0;
}

std::uint64_t PayloadReader::request_no(std::string_view member) {
  return static_cast<std::uint64_t>(integer(member, 1, std::numeric_limits<std::int64_t>::max()));
}

Uuid PayloadReader::uuid(std::string_view member) {
  const auto value = Uuid::parse(text(member));
  if (!value) refuse(member, "is not a UUID in lower case");
  return value ? *value : Uuid{};
}

Bytes PayloadReader::bytes(std::string_view member) {
  auto value = identity::from_base64url(text(member));
  if (!value) refuse(member, "is not base64url");
  return value ? std::move(*value) : Bytes{};
}

identity::Sha256 PayloadReader::sha256(std::string_view member) {
  identity::Sha256 out{};
  const Bytes value = bytes(member);
  if (value.size() != out.size()) {
    refuse(member, "is not 32 bytes");
  } else {
    std::ranges::copy(value, out.begin());
  }
  return out;
}

UtcTime PayloadReader::time(std::string_view member) {
  return UtcTime{Ms{integer(member, 0, last_ms)}};
}

Ms PayloadReader::milliseconds(std::string_view member) {
  return Ms{integer(member, 0, Ms{longest}.count())};
}

std::chrono::seconds PayloadReader::seconds(std::string_view member) {
  return std::chrono::seconds{integer(member, 0, longest.count())};
}

std::optional<identity::Certificate> PayloadReader::certificate(std::string_view member) {
  const auto value = identity::Certificate::from_pem(text(member));
  if (value) return *value;
  refuse(member, value.error().message());
  return std::nullopt;
}

const Json::Array* PayloadReader::array(std::string_view member) {
  const Json::Array* value = object_.array(member);
  if (value == nullptr) refuse(member, "is not an array");
  return value;
}

const Json* PayloadReader::object(std::string_view member) {
  const Json* value = object_.object(member);
  if (value == nullptr) refuse(member, "is not an object");
  return value;
}

void PayloadReader::refuse(std::string_view member, std::string_view why) {
  if (fault_.empty()) fault_.append("'").append(member).append("' ").append(why);
}

std::optional<Error> PayloadReader::fault() const {
  if (fault_.empty()) return std::nullopt;
  return Error{Errc::payload_invalid, fault_};
}

Result<void> check_version(const Json& payload) {
  const std::int64_t* version = payload.integer("v");
  if (version == nullptr) return Error{Errc::payload_invalid, "'v' is not an integer"};
  if (*version != payload_version) {
    return Error{Errc::version_unsupported, "version " + std::to_string(*version)};
  }
  return {};
}

}  // namespace smartlic::message
