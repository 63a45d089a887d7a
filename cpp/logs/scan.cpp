#include "logs/scan.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace smartlic::logs {
namespace {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

/// A word, and where in it the two bytes stand by which it is found.
struct Needle {
  std::string_view word;
  std::size_t pair;
};
constexpr std::array needles{
    Needle{"start_date", 5},          Needle{"requested_date", 9},
    Needle{"renew_interval", 5},      Needle{"retry_interval", 5},
    Needle{"product_instance_id", 7}, Needle{"entitlement_tag", 11},
    Needle{"requested_count", 9},     Needle{"id_cert_sn", 2},
    Needle{"signing_cer", 7},         Needle{"compliance_status", 10},
    Needle{"{\"signature\"", 0},
};

/// Whether the word stands in the text from `at` on, in any case.
bool stands(std::string_view text, std::size_t at, std::string_view word) {
  if (at > text.size() || text.size() - at < word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (lower(text[at + i]) != word[i]) return false;
  }
  return true;
}

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }

bool failure_at(std::string_view text, std::size_t at) {
  const char before = at == 0 ? ' ' : lower(text[at - 1]);
  switch (lower(text[at])) {
    case 'f':  // the word itself, not `FailureListener` within a name, nor a failover
      if (stands(text, at, "fatal")) return text[at] == 'F' && text[at + 1] == 'A';
      return stands(text, at, "fail") && !is_word(before) && !stands(text, at, "failover");
    case 'x':
      return at > 0 && stands(text, at - 1, "exception");
    case 'r':
      return at > 0 && text.substr(at - 1).starts_with("ERROR") &&
             !is_word(lower(at > 1 ? text[at - 2] : ' '));
    default:
      return false;
  }
}

bool key_at(std::string_view text, std::size_t at) {
  for (const Needle& needle : needles) {
    if (needle.word[needle.pair + 1] != lower(text[at + 1]) || at < needle.pair) continue;
    if (stands(text, at - needle.pair, needle.word)) return true;
  }
  return false;
}

/// Whether one of the pairs begins at a byte. Branch-free on bytes, so that compilers look at many
/// at once.
inline std::uint8_t pair_at(std::uint8_t first, std::uint8_t second) {
  const auto a = static_cast<std::uint8_t>(first | 0x20);
  const auto b = static_cast<std::uint8_t>(second | 0x20);
  const std::uint8_t key =
      static_cast<std::uint8_t>(first == '_') &
      (static_cast<std::uint8_t>(b == 'i') | static_cast<std::uint8_t>(b == 'd') |
       static_cast<std::uint8_t>(b == 't') | static_cast<std::uint8_t>(b == 'c') |
       static_cast<std::uint8_t>(b == 's'));
  const std::uint8_t failure =
      (static_cast<std::uint8_t>(a == 'f') & static_cast<std::uint8_t>(b == 'a')) |
      (static_cast<std::uint8_t>(a == 'x') & static_cast<std::uint8_t>(b == 'c')) |
      (static_cast<std::uint8_t>(a == 'r') & static_cast<std::uint8_t>(b == 'r'));
  const std::uint8_t signature =
      static_cast<std::uint8_t>(first == '{') & static_cast<std::uint8_t>(second == '"');
  return key | failure | signature;
}

constexpr std::size_t block = 64;

bool block_has_pair(const char* bytes) {
  std::uint8_t found = 0;
  for (std::size_t i = 0; i < block; ++i) {
    found |= pair_at(static_cast<std::uint8_t>(bytes[i]), static_cast<std::uint8_t>(bytes[i + 1]));
  }
  return found != 0;
}

/// Gives every place of the text at which a pair begins to `take`, until that says yes.
template <class Take>
bool any_pair(std::string_view text, std::size_t slack, Take take) {
  const std::size_t readable = text.size() + slack;
  for (std::size_t at = 0; at + 1 < text.size();) {
    const bool whole = at + block < readable;
    const std::size_t end = whole ? at + block : readable - 1;
    if (whole && !block_has_pair(text.data() + at)) {
      at = end;
      continue;
    }
    for (; at < end && at + 1 < text.size(); ++at) {
      if (pair_at(static_cast<std::uint8_t>(text[at]), static_cast<std::uint8_t>(text[at + 1])) !=
              0 &&
          take(at))
        return true;
    }
    if (at + 1 >= text.size()) break;
  }
  return false;
}

}  // namespace

bool may_tell(std::string_view text, std::size_t slack) {
  return any_pair(text, slack,
                  [&](std::size_t at) { return key_at(text, at) || failure_at(text, at); });
}

bool tells_failure(std::string_view text) {
  return any_pair(text, 0, [&](std::size_t at) { return failure_at(text, at); });
}

}  // namespace smartlic::logs
