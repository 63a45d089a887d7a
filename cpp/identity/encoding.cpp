#include "identity/encoding.hpp"

#include <algorithm>
#include <array>

namespace smartlic::identity {
namespace {

constexpr std::string_view url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view standard_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view base32_alphabet = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::uint8_t foreign = 0xFF;

constexpr std::array<std::uint8_t, 256> inverse(std::string_view alphabet) {
  std::array<std::uint8_t, 256> out{};
  out.fill(foreign);
  for (std::size_t at = 0; at < alphabet.size(); ++at) {
    out[static_cast<unsigned char>(alphabet[at])] = static_cast<std::uint8_t>(at);
  }
  return out;
}
constexpr auto url_values = inverse(url_alphabet);
constexpr auto standard_values = inverse(standard_alphabet);

/// Writes bytes as digits of `bits` each, most significant first, the last filled with zero bits.
std::string encode(ByteView bytes, std::string_view alphabet, unsigned bits) {
  std::string out;
  out.reserve((bytes.size() * 8 + bits - 1) / bits);
  std::uint32_t pending = 0;
  unsigned held = 0;
  for (const auto byte : bytes) {
    pending = (pending << 8 | byte) & 0xFFFF;
    for (held += 8; held >= bits; held -= bits) {
      out += alphabet[pending >> (held - bits) & ((1U << bits) - 1)];
    }
  }
  if (held > 0) out += alphabet[pending << (bits - held) & ((1U << bits) - 1)];
  return out;
}

/// Three bytes to four digits at a time; the rest as any other base.
std::string encode64(ByteView bytes, std::string_view alphabet) {
  const std::size_t groups = bytes.size() / 3;
  std::string out(groups * 4, '\0');
  for (std::size_t at = 0; at < groups; ++at) {
    const std::uint8_t* in = &bytes[3 * at];
    char* digits = &out[4 * at];
    const std::uint32_t group = std::uint32_t{in[0]} << 16 | std::uint32_t{in[1]} << 8 | in[2];
    for (unsigned place = 0; place < 4; ++place) {
      digits[place] = alphabet[group >> (18 - 6 * place) & 63];
    }
  }
  return out += encode(bytes.subspan(groups * 3), alphabet, 6);
}

/// Four digits to three bytes at a time, the last group filled up with zero bits.
Result<Bytes> decode64(std::string_view text, const std::array<std::uint8_t, 256>& values) {
  if (text.size() % 4 == 1) return Error{Errc::invalid_argument, "base64 of an impossible length"};
  Bytes out((text.size() + 3) / 4 * 3);
  std::uint8_t faults = 0;
  const auto decode = [&](const char* digits, std::uint8_t* three) {
    std::uint32_t group = 0;
    for (std::size_t place = 0; place < 4; ++place) {
      const auto value = values[static_cast<unsigned char>(digits[place])];
      faults = static_cast<std::uint8_t>(faults | value);
      group = group << 6 | value;
    }
    three[0] = static_cast<std::uint8_t>(group >> 16);
    three[1] = static_cast<std::uint8_t>(group >> 8);
    three[2] = static_cast<std::uint8_t>(group);
  };
  const std::size_t groups = text.size() / 4;
  for (std::size_t at = 0; at < groups; ++at) decode(&text[4 * at], &out[3 * at]);
  if (const auto rest = text.substr(4 * groups); !rest.empty()) {
    std::array<char, 4> filled{'A', 'A', 'A', 'A'};
    std::ranges::copy(rest, filled.begin());
    decode(filled.data(), &out[3 * groups]);
  }
  if ((faults & 0xC0) != 0) return Error{Errc::invalid_argument, "a character foreign to base64"};
  const auto end = out.begin() + static_cast<std::ptrdiff_t>(text.size() * 3 / 4);
  if (std::any_of(end, out.end(), [](auto byte) { return byte != 0; })) {
    return Error{Errc::invalid_argument, "base64 with trailing bits that are not zero"};
  }
  out.erase(end, out.end());
  return out;
}

constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::string_view end_mark = "-----END ";
constexpr std::string_view dashes = "-----";

/// Takes the next line off `text`, without its end (LF or CR LF).
std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// Reads a block after its first line, up to and with its last.
Result<PemBlock> read_block(std::string label, std::string_view& text) {
  const std::string last = std::string{end_mark} + label + std::string{dashes};
  std::string body;
  while (!text.empty()) {
    const auto line = take_line(text);
    if (line == last) {
      auto der = from_base64(body);
      if (!der) return Error{Errc::invalid_argument, "PEM " + label + ": " + der.error().detail};
      return PemBlock{std::move(label), std::move(*der)};
    }
    body += line;
  }
  return Error{Errc::invalid_argument, "PEM " + label + ": the END line is missing"};
}

}  // namespace

std::string base64url(ByteView bytes) { return encode64(bytes, url_alphabet); }

Result<Bytes> from_base64url(std::string_view text) { return decode64(text, url_values); }

std::string base64(ByteView bytes) {
  std::string out = encode64(bytes, standard_alphabet);
  out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

Result<Bytes> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return Error{Errc::invalid_argument, "base64 without its padding"};
  if (text.ends_with("==")) return decode64(text.substr(0, text.size() - 2), standard_values);
  if (text.ends_with('=')) return decode64(text.substr(0, text.size() - 1), standard_values);
  return decode64(text, standard_values);
}

std::string base32(ByteView bytes) { return encode(bytes, base32_alphabet, 5); }

std::string hex(ByteView bytes) { return encode(bytes, "0123456789abcdef", 4); }

std::string to_pem(std::string_view label, ByteView der) {
  constexpr std::size_t width = 64;
  const std::string body = base64(der);
  std::string out;
  out.append(begin_mark).append(label).append(dashes).append("\n");
  for (std::size_t at = 0; at < body.size(); at += width) {
    out.append(body, at, width).append("\n");
  }
  return out.append(end_mark).append(label).append(dashes).append("\n");
}

Result<std::vector<PemBlock>> from_pem(std::string_view text) {
  std::vector<PemBlock> out;
  while (!text.empty()) {
    const auto line = take_line(text);
    if (!line.starts_with(begin_mark) || !line.ends_with(dashes)) continue;
    const auto label_size = line.size() - begin_mark.size() - dashes.size();
    auto block = read_block(std::string{line.substr(begin_mark.size(), label_size)}, text);
    if (!block) return block.error();
    out.push_back(std::move(*block));
  }
  if (out.empty()) return Error{Errc::invalid_argument, "no PEM block in the text"};
  return out;
}

}  // namespace smartlic::identity
