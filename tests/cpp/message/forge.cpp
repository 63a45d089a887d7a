#include "message/forge.hpp"

#include <algorithm>

#include "identity/encoding.hpp"
#include "message/codec.hpp"

namespace smartlic::message::test {
namespace {

using identity::base64url;

std::string other_algorithm(const World& world) {
  return world.algorithm == identity::Algorithm::es256 ? "RS256" : "ES256";
}

/// The faults that are the same in requests and answers.
void spoil(const World& world, const std::set<std::string_view>& faults, Parts& parts) {
  if (faults.contains("size")) {
    const Json payload = must(parse_json(as_bytes(parts.payload)));
    parts.payload = dump(with(payload, "padding", std::string(max_message_bytes, 'x')));
  }
  if (faults.contains("header")) parts.header.emplace_back("jku", "https://example.org/keys");
  if (faults.contains("algorithm")) parts.header[0].second = other_algorithm(world);
  if (faults.contains("signature")) parts.flip_signature = true;
}

void spoil_text(const std::set<std::string_view>& faults, Bytes& message) {
  if (faults.contains("parse")) message.push_back('}');
}

template <class Subject>
std::vector<Rung<Subject>> leave_out(std::span<const Rung<Subject>> ladder, std::string_view name) {
  std::vector<Rung<Subject>> out;
  std::ranges::copy_if(ladder, std::back_inserter(out),
                       [&](const auto& rung) { return rung.name != name; });
  return out;
}

}  // namespace

Bytes Parts::sealed_by(const identity::PrivateKey& key) const {
  const std::string protected_text = base64url(as_bytes(dump(header)));
  const std::string payload_text = base64url(as_bytes(payload));
  Bytes signature = must(key.sign(as_bytes(protected_text + "." + payload_text)));
  if (flip_signature) signature.back() ^= 1;
  Json::Object envelope{{"payload", payload_text},
                        {"protected", protected_text},
                        {"signature", base64url(signature)}};
  envelope.insert(envelope.end(), more_members.begin(), more_members.end());
  const std::string text = dump(envelope);
  return {text.begin(), text.end()};
}

Json with(const Json& object, std::string_view member, Json value) {
  Json::Object out = *object.if_object();
  const auto at = std::ranges::find(out, member, &Json::Object::value_type::first);
  if (at == out.end()) {
    out.emplace_back(member, std::move(value));
  } else {
    at->second = std::move(value);
  }
  return out;
}

Json without(const Json& object, std::string_view member) {
  Json::Object out = *object.if_object();
  std::erase_if(out, [&](const auto& each) { return each.first == member; });
  return out;
}

Json x5c(std::initializer_list<identity::Certificate> certificates) {
  Json::Array out;
  for (const auto& certificate : certificates)
    out.emplace_back(identity::base64(certificate.der()));
  return out;
}

Parts parts_of(const World& world, const Request& request, const Chain& chain) {
  Parts out{.header = {{"alg", to_string(world.algorithm)},
                       {"typ", "smartlic-" + std::string{to_string(kind_of(request))} + "+jws"}},
            .payload = dump(encode(request))};
  if (kind_of(request) == Kind::register_instance) {
    out.header.emplace_back("kid", world.device_key.public_key().thumbprint());
  } else {
    out.header.emplace_back("x5c", x5c({chain.id, chain.signing}));
  }
  return out;
}

Parts parts_of(const World& world, const Answer& answer, const Chain& chain) {
  return {.header = {{"alg", to_string(world.algorithm)},
                     {"typ", "smartlic-" + std::string{answer_types[answer.index()]} + "+jws"},
                     {"x5c", x5c({chain.signing})}},
          .payload = dump(encode(answer))};
}

Case forge_request(const World& world, const std::set<std::string_view>& faults) {
  auto request = std::get<AuthorizeRequest>(world.request(Kind::authorize));
  if (faults.contains("audience")) request.base.manager = world.instance;
  if (faults.contains("binding")) request.instance = world.manager;
  if (faults.contains("payload")) request.entitlements[0].count = 0;
  const Chain& chain = faults.contains("chain") ? world.strange : world.chain;
  Parts parts = parts_of(world, Request{request}, chain);
  spoil(world, faults, parts);
  Case out{.message = parts.sealed_by(world.device_key), .now = world.now};
  spoil_text(faults, out.message);
  if (faults.contains("freshness")) out.now = world.chain.id.not_after();
  return out;
}

Case forge_answer(const World& world, const std::set<std::string_view>& faults) {
  const Request request = world.request(Kind::authorize);
  const SealedRequest sealed = world.seal(request);
  auto answer = std::get<AuthorizeAnswer>(world.grant(request, sealed.open.request_hash));
  if (faults.contains("audience")) answer.base.manager = world.instance;
  if (faults.contains("binding")) answer.base.nonce[0] ^= 1;
  if (faults.contains("freshness")) {
    answer.start_date += world.chain.signing.not_after() - answer.base.time;
    answer.base.time = world.chain.signing.not_after();
  }
  if (faults.contains("payload")) answer.expiry -= std::chrono::seconds{7};
  const Chain& chain = faults.contains("chain") ? world.strange : world.chain;
  Parts parts = parts_of(world, Answer{answer}, chain);
  spoil(world, faults, parts);
  Case out{
      .message = parts.sealed_by(world.signing_key), .open = sealed.open, .request = sealed.bytes};
  spoil_text(faults, out.message);
  return out;
}

std::string outcome_of_request(const RequestPins& pins, const Case& of, std::string_view left_out) {
  const RequestLadder full = request_ladder();
  const auto opening = leave_out(full.opening, left_out);
  const auto closing = leave_out(full.closing, left_out);
  const RequestLadder ladder{opening, closing};
  identity::ChainCache chains;
  const auto opened = open_request(of.message, pins, chains, ladder);
  if (const auto* failure = std::get_if<RequestFailure>(&opened)) {
    return std::string{to_string(failure->error.code)};
  }
  const auto finished = finish_request(std::get<OpenedRequest>(opened), of.now, Ms{0}, ladder);
  return finished ? std::string{} : std::string{to_string(finished.error().code)};
}

std::string outcome_of_answer(AnswerPins pins, const Case& of, std::string_view left_out) {
  const auto ladder = leave_out(answer_ladder(), left_out);
  identity::ChainCache chains;
  if (!of.newest_signing.empty()) {
    pins.newest_signing = must(identity::SerialNumber::parse(of.newest_signing));
  }
  const auto verified = verify_answer(of.message, pins, {&of.open, 1}, chains, ladder);
  return verified ? std::string{} : std::string{to_string(verified.error().code)};
}

}  // namespace smartlic::message::test
