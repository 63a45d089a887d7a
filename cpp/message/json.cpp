#include "message/json.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

namespace smartlic::message {
namespace {

bool has_duplicates(const Json::Object& object) {
  std::vector<std::string_view> names;
  names.reserve(object.size());
  for (const auto& [name, value] : object) names.push_back(name);
  std::ranges::sort(names);
  return std::ranges::adjacent_find(names) != names.end();
}

/// Whether a text stands in JSON as it is: printable ASCII that needs no escape.
bool is_plain(std::string_view text) {
  unsigned strange = 0;  // no early end: the loop is vectorized
  for (const char c : text) {
    strange |= static_cast<unsigned>(c < 0x20) | static_cast<unsigned>(c == 0x7f) |
               static_cast<unsigned>(c == '"') | static_cast<unsigned>(c == '\\');
  }
  return strange == 0;
}

/// Takes the parser's events. A handler that returns false ends the reading; `fault` says why.
class TreeBuilder {
 public:
  explicit TreeBuilder(std::size_t max_depth) : max_depth_{max_depth} {}

  bool null() { return add({}); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(std::int64_t value) { return add(value); }
  bool number_unsigned(std::uint64_t value) {
    if (value > std::numeric_limits<std::int64_t>::max())
      return refuse("an integer beyond 64 bits");
    return add(static_cast<std::int64_t>(value));
  }
  bool number_float(double, const std::string& text) {
    return refuse("a number that is not a 64-bit integer: " + text.substr(0, 32));
  }
  bool string(std::string& value) { return add(std::move(value)); }
  bool binary(nlohmann::json::binary_t&) { return refuse("binary"); }  // no event of JSON
  bool start_object(std::size_t) { return open(true); }
  bool start_array(std::size_t) { return open(false); }
  bool key(std::string& name) {
    stack_.back().key = std::move(name);
    return true;
  }
  bool end_object() {
    auto members = std::move(stack_.back().members);
    stack_.pop_back();
    if (has_duplicates(members)) return refuse("a member twice in one object");
    return add(std::move(members));
  }
  bool end_array() {
    auto items = std::move(stack_.back().items);
    stack_.pop_back();
    return add(std::move(items));
  }
  bool parse_error(std::size_t position, const std::string&, const std::exception&) {
    return refuse("not JSON at byte " + std::to_string(position));
  }

  Json root;
  std::string fault;

 private:
  /// An array or object that is not closed yet.
  struct Open {
    bool is_object;
    Json::Array items;
    Json::Object members;
    std::string key;
  };

  bool open(bool is_object) {
    if (stack_.size() == max_depth_) return refuse("nested too deeply");
    stack_.push_back({is_object, {}, {}, {}});
    return true;
  }
  bool add(Json value) {
    if (stack_.empty()) {
      root = std::move(value);
    } else if (Open& top = stack_.back(); top.is_object) {
      top.members.emplace_back(std::move(top.key), std::move(value));
    } else {
      top.items.push_back(std::move(value));
    }
    return true;
  }
  bool refuse(std::string why) {
    fault = std::move(why);
    return false;
  }

  std::size_t max_depth_;
  std::vector<Open> stack_;
};

/// Reads what `dump` writes of plain texts, ten times as fast as the parser, which reads a text
/// byte by byte. It gives the same events or gives up, and then the parser decides.
class PlainReader {
 public:
  PlainReader(std::string_view text, TreeBuilder& builder) : rest_{text}, builder_{builder} {}

  /// Whether all of the text was plain and the builder took it.
  bool read() { return value() && rest_.empty(); }

 private:
  bool value() {
    if (take('"')) return text([&](std::string& found) { return builder_.string(found); });
    if (take('{')) return object();
    if (take('[')) return array();
    if (take("true")) return builder_.boolean(true);
    if (take("false")) return builder_.boolean(false);
    if (take("null")) return builder_.null();
    return integer();
  }
  bool object() {
    if (!builder_.start_object(0)) return false;
    if (take('}')) return builder_.end_object();
    do {
      const auto name = [&](std::string& found) { return builder_.key(found); };
      if (!take('"') || !text(name) || !take(':') || !value()) return false;
    } while (take(','));
    return take('}') && builder_.end_object();
  }
  bool array() {
    if (!builder_.start_array(0)) return false;
    if (take(']')) return builder_.end_array();
    do {
      if (!value()) return false;
    } while (take(','));
    return take(']') && builder_.end_array();
  }
  /// The rest of a text whose first quote was taken.
  template <class Sink>
  bool text(Sink sink) {
    std::string found;
    for (auto quote = rest_.find('"'); quote != std::string_view::npos;) {
      const auto plain = rest_.substr(0, std::min(quote, rest_.substr(0, quote).find('\\')));
      if (!is_plain(plain)) return false;
      found += plain;
      rest_.remove_prefix(plain.size());
      quote -= plain.size();
      if (take('"')) return sink(found);
      if (!escape(found)) return false;
      // searched for again only if it was the escaped one: the time stays linear
      quote = quote == 1 ? rest_.find('"') : quote - 2;
    }
    return false;
  }
  /// The escapes of JSON within JSON, and of PEM.
  bool escape(std::string& out) {
    for (const auto& [spelled, meant] : {std::pair{"\\\"", '"'}, {"\\\\", '\\'}, {"\\n", '\n'}}) {
      if (take(spelled)) {
        out += meant;
        return true;
      }
    }
    return false;
  }
  /// An integer as RFC 8259 spells it: no zero in front of others. -0 is left to the parser.
  bool integer() {
    std::int64_t number = 0;
    const auto [end, fault] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
    const auto size = static_cast<std::size_t>(end - rest_.data());
    if (fault != std::errc{} || std::to_string(number) != rest_.substr(0, size)) return false;
    rest_.remove_prefix(size);
    return builder_.number_integer(number);
  }
  bool take(char c) { return take({&c, 1}); }
  bool take(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }

  std::string_view rest_;
  TreeBuilder& builder_;
};

void write_text(const std::string& text, std::string& out) {
  if (is_plain(text)) {
    out.append(1, '"').append(text).append(1, '"');
  } else {
    using nlohmann::json;
    out += json(text).dump(-1, ' ', false, json::error_handler_t::replace);
  }
}

void write(const Json& value, std::string& out);

void write(const Json::Array& items, std::string& out) {
  out += '[';
  for (const Json& item : items) {
    if (&item != items.data()) out += ',';
    write(item, out);
  }
  out += ']';
}

void write(const Json::Object& members, std::string& out) {
  out += '{';
  for (const auto& member : members) {
    if (&member != members.data()) out += ',';
    write_text(member.first, out);
    out += ':';
    write(member.second, out);
  }
  out += '}';
}

void write(const Json& value, std::string& out) {
  if (const auto* boolean = value.if_boolean()) {
    out += *boolean ? "true" : "false";
  } else if (const auto* integer = value.if_integer()) {
    out += std::to_string(*integer);
  } else if (const auto* text = value.if_text()) {
    write_text(*text, out);
  } else if (const auto* items = value.if_array()) {
    write(*items, out);
  } else if (const auto* members = value.if_object()) {
    write(*members, out);
  } else {
    out += "null";
  }
}

}  // namespace

const Json* Json::find(std::string_view member) const {
  const Object* object = if_object();
  if (object == nullptr) return nullptr;
  const auto at = std::ranges::find(*object, member, &Object::value_type::first);
  return at == object->end() ? nullptr : &at->second;
}

const bool* Json::boolean(std::string_view member) const {
  const Json* found = find(member);
  return found == nullptr ? nullptr : found->if_boolean();
}

const std::int64_t* Json::integer(std::string_view member) const {
  const Json* found = find(member);
  return found == nullptr ? nullptr : found->if_integer();
}

const std::string* Json::text(std::string_view member) const {
  const Json* found = find(member);
  return found == nullptr ? nullptr : found->if_text();
}

const Json::Array* Json::array(std::string_view member) const {
  const Json* found = find(member);
  return found == nullptr ? nullptr : found->if_array();
}

const Json* Json::object(std::string_view member) const {
  const Json* found = find(member);
  return found == nullptr || found->if_object() == nullptr ? nullptr : found;
}

Result<Json> parse_json(ByteView bytes, const JsonLimits& limits) {
  if (bytes.size() > limits.max_bytes) {
    return Error{Errc::message_too_large, std::to_string(bytes.size()) + " bytes"};
  }
  if (TreeBuilder builder{limits.max_depth}; PlainReader{as_text(bytes), builder}.read()) {
    return std::move(builder.root);
  }
  // The parser takes a NUL for the end of its input and skips a byte order mark; RFC 8259 allows
  // neither in what is sent.
  if (std::ranges::find(bytes, std::uint8_t{0}) != bytes.end()) {
    return Error{Errc::message_malformed, "a NUL byte"};
  }
  if (as_text(bytes).starts_with("\xEF\xBB\xBF")) {
    return Error{Errc::message_malformed, "a byte order mark"};
  }
  TreeBuilder builder{limits.max_depth};
  if (!nlohmann::json::sax_parse(bytes.data(), bytes.data() + bytes.size(), &builder)) {
    return Error{Errc::message_malformed, std::move(builder.fault)};
  }
  return std::move(builder.root);
}

std::string dump(const Json& value) {
  std::string out;
  write(value, out);
  return out;
}

}  // namespace smartlic::message
