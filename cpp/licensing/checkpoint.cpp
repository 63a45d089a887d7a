// Signed checkpoints of the event chain (RULES P4).
#include <array>
#include <limits>

#include "identity/chain.hpp"
#include "identity/encoding.hpp"
#include "licensing/event_chain.hpp"
#include "message/codec.hpp"
#include "message/envelope.hpp"
#include "message/envelope_rungs.hpp"
#include "message/payload_reader.hpp"

namespace smartlic::licensing {
namespace {

constexpr std::string_view type = "checkpoint";
constexpr auto last_sequence = std::numeric_limits<std::int64_t>::max();

Result<Checkpoint> read_payload(const message::Json& payload) {
  if (auto version = message::check_version(payload); !version) return version.error();
  message::PayloadReader in{payload};
  Checkpoint out;
  out.manager = in.uuid("iss");
  out.head.sequence = static_cast<std::uint64_t>(in.integer("sequence", 0, last_sequence));
  out.head.hash = in.sha256("hash");
  out.at = in.time("time");
  if (auto fault = in.fault()) return *std::move(fault);
  return out;
}

/// The rungs of M8 that a message has without a request that it answers; gives the signer.
Result<identity::Certificate> verify_signer(const message::Envelope& envelope,
                                            const identity::RootSet& roots) {
  if (envelope.type != type) return Error{Errc::header_refused, "it is no checkpoint"};
  if (auto fault = message::check_members(envelope, 1)) return Error{Errc::header_refused, *fault};
  auto signing = identity::Certificate::from_der(envelope.x5c->front());
  if (!signing) return Error{Errc::chain_untrusted, signing.error().detail};
  const auto* key = &signing->public_key();
  if (auto fault = message::check_algorithm(envelope, key)) {
    return Error{Errc::algorithm_refused, *fault};
  }
  if (auto chain = identity::verify_answer_signer(*signing, roots); !chain) return chain.error();
  if (auto fault = message::check_signature(envelope, key)) {
    return Error{Errc::signature_invalid, *fault};
  }
  return signing;
}

}  // namespace

Result<Bytes> sign_checkpoint(const Checkpoint& checkpoint, const identity::Signer& signing) {
  const message::Json payload{
      message::Json::Object{{"v", message::payload_version},
                            {"iss", checkpoint.manager.to_string()},
                            {"sequence", static_cast<std::int64_t>(checkpoint.head.sequence)},
                            {"hash", identity::base64url(checkpoint.head.hash)},
                            {"time", std::int64_t{checkpoint.at.time_since_epoch().count()}}}};
  const message::SignerName signer{.kid = {}, .x5c = {signing.certificate.der()}};
  auto sealed = message::seal(type, message::dump(payload), signing.key, signer);
  if (!sealed) return sealed.error();
  return std::move(sealed->bytes);
}

Result<Checkpoint> verify_checkpoint(ByteView bytes, const Uuid& manager,
                                     const identity::RootSet& roots) {
  if (auto fault = message::check_size(bytes)) return Error{Errc::message_too_large, *fault};
  const auto envelope = message::parse_envelope(bytes);
  if (!envelope) return envelope.error();
  const auto signing = verify_signer(*envelope, roots);
  if (!signing) return signing.error();
  auto checkpoint = read_payload(message::read_payload(*envelope));
  if (!checkpoint) return checkpoint.error();
  if (checkpoint->manager != manager || signing->urn_uuid() != manager) {
    return Error{Errc::audience_wrong, "a checkpoint of " + checkpoint->manager.to_string()};
  }
  const std::array certificates{*signing};
  if (auto dates = identity::dates_valid_at(certificates, checkpoint->at); !dates) {
    return dates.error();
  }
  return checkpoint;
}

}  // namespace smartlic::licensing
