#include "message/answer_ladder.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "identity/encoding.hpp"
#include "message/codec.hpp"
#include "message/envelope_rungs.hpp"
#include "message/trust_file.hpp"

namespace smartlic::message {

/// What is known of one answer while it climbs. What several rungs need is made once, by the first.
class AnswerCheck {
 public:
  AnswerCheck(ByteView message, const AnswerPins& answer_pins,
              std::span<const OpenRequest> open_requests, identity::ChainCache& chain_cache)
      : bytes{message}, pins{answer_pins}, chains{chain_cache}, open_{open_requests} {}

  const ByteView bytes;
  const AnswerPins& pins;
  identity::ChainCache& chains;
  Envelope envelope;
  std::optional<identity::RootSet> newer_roots;

  /// The signer's certificate; null if it cannot be read.
  const identity::Certificate* signer() {
    resolve_signer();
    return signer_ ? &*signer_ : nullptr;
  }
  const identity::PublicKey* key() { return signer() ? &signer()->public_key() : nullptr; }
  /// What is wrong with the signer's certificate or its chain.
  const std::optional<Error>& signer_fault() {
    resolve_signer();
    return signer_fault_;
  }
  const Json& payload() {
    if (!payload_) payload_ = read_payload(envelope);
    return *payload_;
  }
  const Result<Answer>& answer() {
    if (!answer_) answer_ = decode_answer(kind(), payload());
    return *answer_;
  }
  /// Which answer it is, as an index of `answer_types`; past its end if it is none.
  [[nodiscard]] std::size_t type() const {
    return static_cast<std::size_t>(std::ranges::find(answer_types, envelope.type) -
                                    answer_types.begin());
  }
  /// The kind of request that it grants; none if it refuses.
  [[nodiscard]] std::optional<Kind> kind() const {
    return type() < request_types.size() ? std::optional{static_cast<Kind>(type())} : std::nullopt;
  }
  /// The open request that it names by nonce and hash; null if none.
  const OpenRequest* match() {
    const auto has = [this](std::string_view member, ByteView value) {
      const std::string* text = payload().text(member);
      return text != nullptr && *text == identity::base64url(value);
    };
    const auto at = std::ranges::find_if(open_, [&](const OpenRequest& request) {
      return has("nonce", request.nonce) && has("request_hash", request.request_hash);
    });
    return at == open_.end() ? nullptr : &*at;
  }

 private:
  void resolve_signer() {
    if (signer_ || signer_fault_) return;
    if (!envelope.x5c || envelope.x5c->empty()) {
      signer_fault_ = Error{Errc::chain_untrusted, "no certificate"};
      return;
    }
    const Bytes& der = envelope.x5c->front();
    auto verified = chains.answer_signer(der, pins.roots);
    if (!verified) signer_fault_ = verified.error();
    // Untrusted, it still has a key, for the rungs that stand before the chain.
    auto signer = verified ? std::move(verified) : identity::Certificate::from_der(der);
    if (signer) signer_ = *std::move(signer);
  }

  std::span<const OpenRequest> open_;
  std::optional<identity::Certificate> signer_;
  std::optional<Error> signer_fault_;
  std::optional<Json> payload_;
  std::optional<Result<Answer>> answer_;
};

namespace {

constexpr Ms max_disagreement = std::chrono::seconds{5};  // RULES M7

Fault size(AnswerCheck& check) { return check_size(check.bytes); }

Fault parse(AnswerCheck& check) { return check_parse(check.bytes, check.envelope); }

Fault header(AnswerCheck& check) {
  if (check.type() == answer_types.size()) return "'typ' is not that of an answer";
  return check_members(check.envelope, 1);
}

Fault algorithm(AnswerCheck& check) {
  const auto& fault = check.signer_fault();
  if (fault && fault->code == Errc::algorithm_refused) return fault->detail;
  return check_algorithm(check.envelope, check.key());
}

/// RULES M2, M3. Dates are left to the rung of freshness.
Fault chain(AnswerCheck& check) {
  if (const auto& fault = check.signer_fault()) return fault->detail;
  if (!check.pins.newest_signing) return {};
  const auto newest = identity::verify_not_older(*check.signer(), *check.pins.newest_signing);
  if (!newest) return newest.error().detail;
  return {};
}

Fault signature(AnswerCheck& check) { return check_signature(check.envelope, check.key()); }

/// RULES M4: the manager is named twice, by the message and by its signer's certificate.
Fault audience(AnswerCheck& check) {
  const std::string* manager = check.payload().text("iss");
  if (manager == nullptr) return "the payload names no manager";
  if (*manager != check.pins.manager.to_string()) return "from manager " + *manager;
  if (check.signer() == nullptr || check.signer()->urn_uuid() != check.pins.manager) {
    return "the signing certificate is another manager's";
  }
  return {};
}

Fault binding(AnswerCheck& check) {
  const OpenRequest* match = check.match();
  if (match == nullptr) return "no open request has this nonce and hash";
  if (!check.kind()) return {};  // a refusal fits every request, and names no instance
  if (*check.kind() != match->kind) {
    return "'" + check.envelope.type + "' answers no '" + std::string{to_string(match->kind)} + "'";
  }
  const std::string* instance = check.payload().text("product_instance_id");
  if (match->instance && (instance == nullptr || *instance != match->instance->to_string())) {
    return "for another product instance";
  }
  return {};
}

/// RULES T3: at the answer's own time, so that a device whose clock is far off can recover.
Fault freshness(AnswerCheck& check) {
  const std::int64_t* time = check.payload().integer("time");
  if (time == nullptr) return "the payload has no time";
  if (check.signer() == nullptr) return "no signing certificate";
  const auto valid = identity::dates_valid_at({check.signer(), 1}, UtcTime{Ms{*time}});
  if (!valid) return valid.error().detail;
  return {};
}

bool apart(Ms difference) { return std::chrono::abs(difference) > max_disagreement; }

/// RULES M7: `start_date`, `expiry` and `time` say the same thing twice, and the statuses too (P2).
Fault check_content(const AuthorizeAnswer& answer, AnswerCheck& check) {
  const Ms left = answer.start_date + check.pins.authorization - answer.base.time;
  if (apart(answer.expiry - std::max(left, Ms{0}))) {
    return "'expiry' is " + std::to_string(answer.expiry.count()) +
           " s, but from 'start_date' and 'time' it is " + std::to_string(left.count()) + " ms";
  }
  if (answer.start_date - answer.base.time > max_disagreement) {
    return "'start_date' is after 'time'";
  }
  std::set<std::string_view> tags;
  auto worst = ComplianceStatus::InCompliance;
  for (const auto& tag : answer.tags) {
    if (!tags.insert(tag.tag).second) return "tag '" + tag.tag + "' twice";
    worst = std::max(worst, tag.status);
  }
  if (answer.status != worst) return "'compliance_status' is not the worst tag's";
  return {};
}

/// RULES S13, M3, M6: our key, our name, and a chain that holds at the answer's time.
Fault check_issued(const Issued& issued, const Uuid& instance, AnswerCheck& check) {
  const auto& [id, signing, renew_interval] = issued;
  auto trusted = check.chains.request_chain(id.der(), signing.der(), check.pins.roots);
  if (!trusted) return "the ID certificate: " + trusted.error().detail;
  if (signing.urn_uuid() != check.pins.manager) return "another manager issued the ID certificate";
  if (id.urn_uuid() != instance) return "the ID certificate is another instance's";
  if (const OpenRequest* match = check.match();
      match != nullptr && id.public_key().thumbprint() != match->key_thumbprint) {
    return "the ID certificate has another key than the CSR";
  }
  const std::array certificates{id, signing};
  const auto valid = identity::dates_valid_at(certificates, base_of(*check.answer()).time);
  if (!valid) return valid.error().detail;
  return {};
}

Fault check_content(const RegisterAnswer& answer, AnswerCheck& check) {
  return check_issued(answer.issued, answer.instance, check);
}

Fault check_content(const RenewAnswer& answer, AnswerCheck& check) {
  return check_issued(answer.issued, answer.instance, check);
}

Fault check_content(const DeregisterAnswer&, AnswerCheck&) { return {}; }

Fault check_content(const Refusal&, AnswerCheck&) { return {}; }

Fault payload(AnswerCheck& check) {
  const auto& answer = check.answer();
  if (!answer) return {};  // verify_answer reports it, with its own code
  if (auto fault = std::visit([&](const auto& a) { return check_content(a, check); }, *answer)) {
    return fault;
  }
  const auto& update = base_of(*answer).roots;
  if (!update) return {};
  auto newer = open_roots(*update, check.pins.manager, check.pins.roots);
  if (!newer) return newer.error().detail;
  check.newer_roots = *std::move(newer);
  return {};
}

constexpr std::array<AnswerRung, 10> rungs{{
    {"size", Errc::message_too_large, size},
    {"parse", Errc::message_malformed, parse},
    {"header", Errc::header_refused, header},
    {"algorithm", Errc::algorithm_refused, algorithm},
    {"chain", Errc::chain_untrusted, chain},
    {"signature", Errc::signature_invalid, signature},
    {"audience", Errc::audience_wrong, audience},
    {"binding", Errc::binding_wrong, binding},
    {"freshness", Errc::certificate_expired, freshness},
    {"payload", Errc::payload_invalid, payload},
}};

}  // namespace

std::span<const AnswerRung> answer_ladder() { return rungs; }

Result<VerifiedAnswer> verify_answer(ByteView bytes, const AnswerPins& pins,
                                     std::span<const OpenRequest> open,
                                     identity::ChainCache& chains,
                                     std::span<const AnswerRung> ladder) {
  AnswerCheck check{bytes, pins, open, chains};
  if (auto climbed = climb(ladder, check); !climbed) return climbed.error();
  if (!check.answer()) return check.answer().error();
  if (check.signer() == nullptr) return *check.signer_fault();
  const OpenRequest* match = check.match();
  const auto index = match == nullptr ? open.size() : static_cast<std::size_t>(match - open.data());
  return VerifiedAnswer{*check.answer(), *check.signer(), index, std::move(check.newer_roots)};
}

}  // namespace smartlic::message
