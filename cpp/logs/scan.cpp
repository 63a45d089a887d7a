#include "logs/scan.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

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

bool is_word(char c) {
  const char l = lower(c);
  return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/// Whether the word that begins at `at` is `fail` or one of its forms: not a name that begins so,
/// as `FailureListener` and `failover` do.
bool is_fail(std::string_view text, std::size_t at) {
  if (at > 0 && is_word(text[at - 1])) return false;
  for (const std::string_view form :
       {"fail", "failed", "failure", "fails", "failing", "failures"}) {
    const std::size_t end = at + form.size();
    if (stands(text, at, form) && (end == text.size() || !is_word(text[end]))) return true;
  }
  return false;
}

bool failure_at(std::string_view text, std::size_t at) {
  switch (lower(text[at])) {
    case 'f':
      return text.substr(at).starts_with("FATAL") || is_fail(text, at);
    case 'x':
      return at > 0 && stands(text, at - 1, "exception");
    case 'r':
      return at > 0 && text.substr(at - 1).starts_with("ERROR") &&
             (at == 1 || !is_word(text[at - 2]));
    default:
      return false;
  }
}

bool key_at(std::string_view text, std::size_t at) {
  if (text[at] != '_' && text[at] != '{') return false;
  for (const Needle& needle : needles) {
    if (needle.word[needle.pair + 1] != lower(text[at + 1]) || at < needle.pair) continue;
    if (stands(text, at - needle.pair, needle.word)) return true;
  }
  return false;
}

/// Whether one of the pairs begins at a byte. Branch-free on bytes, so that compilers look at many
/// at once.
inline std::uint8_t pair_at(std::uint8_t first, std::uint8_t second) {
  const auto is = [](bool yes) { return static_cast<std::uint8_t>(yes); };
  const auto a = static_cast<std::uint8_t>(first | 0x20);
  const auto b = static_cast<std::uint8_t>(second | 0x20);
  const std::uint8_t behind_underscore =
      is(b == 'i') | is(b == 'd') | is(b == 't') | is(b == 'c') | is(b == 's');
  const std::uint8_t key = is(first == '_') & behind_underscore;
  const std::uint8_t failure = (is(a == 'f') & is(b == 'a')) | (is(a == 'x') & is(b == 'c')) |
                               (is(first == 'R') & is(second == 'R'));
  const std::uint8_t signature = is(first == '{') & is(second == '"');
  return key | failure | signature;
}

constexpr std::size_t block = 64;
using Flags = std::array<std::uint8_t, block>;

/// Flags the bytes of a block at which a pair begins, which may end one byte behind it; whether
/// there is one.
bool flag_pairs(const char* bytes, Flags& flags) {
  std::uint8_t found = 0;
  for (std::size_t i = 0; i < block; ++i) {
    flags[i] =
        pair_at(static_cast<std::uint8_t>(bytes[i]), static_cast<std::uint8_t>(bytes[i + 1]));
    found |= flags[i];
  }
  return found != 0;
}

/// Gives the flagged bytes of a block to `take`, until that says yes.
template <class Take>
bool any_flag(const Flags& flags, Take take) {
  std::uint64_t eight = 0;  // most are none
  for (std::size_t at = 0; at < block; at += sizeof(eight)) {
    std::memcpy(&eight, flags.data() + at, sizeof(eight));
    if (eight == 0) continue;
    for (std::size_t i = at; i < at + sizeof(eight); ++i) {
      if (flags[i] != 0 && take(i)) return true;
    }
  }
  return false;
}

/// Gives every place of the text at which a pair begins to `take`, until that says yes.
template <class Take>
bool any_pair(std::string_view text, std::size_t slack, Take take) {
  Flags flags;
  std::array<char, block + 1> rest{};
  for (std::size_t at = 0; at + 1 < text.size(); at += block) {
    const char* bytes = text.data() + at;
    if (text.size() + slack - at < rest.size()) {
      std::memcpy(rest.data(), bytes, text.size() - at);
      bytes = rest.data();
    }
    if (!flag_pairs(bytes, flags)) continue;
    if (any_flag(flags, [&](std::size_t i) { return at + i + 1 < text.size() && take(at + i); }))
      return true;
  }
  return false;
}

}  // namespace

bool may_tell(std::string_view text, std::size_t slack) {
  return any_pair(text, slack,
                  [&](std::size_t at) { return key_at(text, at) || failure_at(text, at); });
}

bool tells_key(std::string_view text) {
  return any_pair(text, 0, [&](std::size_t at) { return key_at(text, at); });
}

bool tells_failure(std::string_view text) {
  return any_pair(text, 0, [&](std::size_t at) { return failure_at(text, at); });
}

}  // namespace smartlic::logs
