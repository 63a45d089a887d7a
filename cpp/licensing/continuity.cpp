#include "licensing/continuity.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "identity/encoding.hpp"
#include "identity/hash.hpp"

namespace smartlic::licensing {
namespace {

// request number (8 bytes, big-endian) || entropy (8) || the tag (16) that authenticates both
constexpr std::size_t number_bytes = 8;
constexpr std::size_t told_bytes = 16;
constexpr std::size_t tag_bytes = 16;

// A device names one of these in its next request, so more than a few wait only while answers get
// lost. At one request in 12 hours (D7), 256 losses in a row are four months, longer than the
// authorization lasts; beyond that the oldest is forgotten, and naming it would raise a false
// alarm.
constexpr std::size_t max_issued_states = 256;

/// The first 16 bytes of HMAC-SHA-256: truncation to half is RFC 2104's own advice (section 5).
std::array<std::uint8_t, tag_bytes> tag_of(ByteView state_key, const Uuid& instance,
                                           ByteView told) {
  Bytes text{instance.bytes.begin(), instance.bytes.end()};
  text.insert(text.end(), told.begin(), told.end());
  const auto mac = identity::hmac_sha256(state_key, text);
  std::array<std::uint8_t, tag_bytes> out{};
  std::ranges::copy(std::span{mac}.first<tag_bytes>(), out.begin());
  return out;
}

void confirm(InstanceRecord& record, std::string_view state) {
  record.confirmed_state = state;
  record.issued_states.clear();
}

}  // namespace

std::string make_state(ByteView state_key, const Uuid& instance, std::uint64_t request_no,
                       identity::Entropy& entropy) {
  Bytes told;
  for (std::size_t i = number_bytes; i-- > 0;) {
    told.push_back(static_cast<std::uint8_t>(request_no >> (8 * i)));
  }
  const Bytes random = entropy.bytes(told_bytes - number_bytes);
  told.insert(told.end(), random.begin(), random.end());
  const auto tag = tag_of(state_key, instance, told);
  told.insert(told.end(), tag.begin(), tag.end());
  return identity::base64url(told);
}

std::optional<std::uint64_t> read_state(ByteView state_key, const Uuid& instance,
                                        std::string_view state) {
  const auto bytes = identity::from_base64url(state);
  if (!bytes || bytes->size() != told_bytes + tag_bytes) return std::nullopt;
  const auto told = ByteView{*bytes}.first(told_bytes);
  const auto tag = ByteView{*bytes}.last(tag_bytes);
  if (!identity::constant_time_equal(tag, tag_of(state_key, instance, told))) return std::nullopt;
  std::uint64_t request_no = 0;
  for (const std::uint8_t byte : told.first(number_bytes)) request_no = request_no << 8U | byte;
  return request_no;
}

Continuity follow_state(InstanceRecord& record, std::string_view acked, ByteView state_key) {
  if (record.state_unknown) {
    record.state_unknown = false;
    confirm(record, acked);
    return Continuity::continues;
  }
  // Answers issued since may still be on their way, or lost.
  if (acked == record.confirmed_state) return Continuity::continues;
  if (std::ranges::find(record.issued_states, acked) != record.issued_states.end()) {
    confirm(record, acked);
    return Continuity::continues;
  }
  const auto issued_for = read_state(state_key, record.instance, acked);
  if (issued_for && *issued_for > record.request_no) {
    confirm(record, acked);
    return Continuity::adopted;
  }
  return Continuity::forked;
}

void add_issued_state(InstanceRecord& record, std::string state) {
  auto& issued = record.issued_states;
  if (issued.size() == max_issued_states) issued.erase(issued.begin());
  issued.push_back(std::move(state));
}

}  // namespace smartlic::licensing
