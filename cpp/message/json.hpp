#pragma once
// JSON as this project reads and writes it (DESIGN 3): one small immutable tree, strict to read,
// one way to write.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "foundation/bytes.hpp"
#include "foundation/result.hpp"

namespace smartlic::message {

/// A JSON value. Numbers are 64-bit integers: no message of ours has a fraction. Objects keep the
/// order in which their members were read or given.
class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::vector<std::pair<std::string, Json>>;

  Json() = default;  ///< null
  Json(bool value) : value_{value} {}
  Json(std::int64_t value) : value_{value} {}
  Json(std::string value) : value_{std::move(value)} {}
  Json(std::string_view value) : value_{std::string{value}} {}
  Json(const char* value) : value_{std::string{value}} {}
  Json(Array value) : value_{std::move(value)} {}
  Json(Object value) : value_{std::move(value)} {}

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::monostate>(value_); }

  /// The value, if it has exactly this type; else null.
  [[nodiscard]] const bool* if_boolean() const { return std::get_if<bool>(&value_); }
  [[nodiscard]] const std::int64_t* if_integer() const {
    return std::get_if<std::int64_t>(&value_);
  }
  [[nodiscard]] const std::string* if_text() const { return std::get_if<std::string>(&value_); }
  [[nodiscard]] const Array* if_array() const { return std::get_if<Array>(&value_); }
  [[nodiscard]] const Object* if_object() const { return std::get_if<Object>(&value_); }

  /// The member of this object; null if there is none, or this is no object.
  [[nodiscard]] const Json* find(std::string_view member) const;

  /// The member's value with exactly this type; null if it is missing or of another type.
  [[nodiscard]] const bool* boolean(std::string_view member) const;
  [[nodiscard]] const std::int64_t* integer(std::string_view member) const;
  [[nodiscard]] const std::string* text(std::string_view member) const;
  [[nodiscard]] const Array* array(std::string_view member) const;
  /// The member itself if it is an object; null otherwise.
  [[nodiscard]] const Json* object(std::string_view member) const;

  friend bool operator==(const Json&, const Json&) = default;

 private:
  std::variant<std::monostate, bool, std::int64_t, std::string, Array, Object> value_;
};

/// What a reader accepts (RULES M1).
struct JsonLimits {
  std::size_t max_bytes = std::size_t{64} * 1024;
  std::size_t max_depth = 16;  ///< open arrays and objects at one time
};

/// Reads one JSON text (RFC 8259), strictly: UTF-8 checked, no duplicate members, no fractions or
/// exponents, integers that fit 64 bits, nothing but white space after the value. Errors:
/// `message_too_large`, `message_malformed`.
[[nodiscard]] Result<Json> parse_json(ByteView bytes, const JsonLimits& limits = {});

/// Writes without white space, members in their order. Texts are expected to be UTF-8; what is not
/// is written as U+FFFD.
[[nodiscard]] std::string dump(const Json& value);

}  // namespace smartlic::message
