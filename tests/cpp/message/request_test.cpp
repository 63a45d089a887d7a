// The manager's side: who may be answered how (RULES M5, M8, M9), late renewal (E7), and the bounds
// of M7.

#include <gtest/gtest.h>

#include "identity/csr.hpp"
#include "message/forge.hpp"

namespace smartlic::message::test {
namespace {

class RequestTest : public testing::Test {
 protected:
  const World& w = world();
  identity::ChainCache chains;
  RequestPins pins{w.manager, w.roots};

  OpenedRequest open(const Bytes& message) {
    auto opened = open_request(message, pins, chains);
    if (const auto* failure = std::get_if<RequestFailure>(&opened)) fail(failure->error);
    return std::get<OpenedRequest>(std::move(opened));
  }
  RequestFailure refuse(const Bytes& message) {
    return std::get<RequestFailure>(open_request(message, pins, chains));
  }
  std::string finish(const OpenedRequest& opened, UtcTime now, Ms late_renewal = Ms{0}) {
    const auto finished = finish_request(opened, now, late_renewal);
    return finished ? std::string{} : std::string{to_string(finished.error().code)};
  }
};

TEST_F(RequestTest, EveryRequestOfBothAlgorithmsIsOpened) {
  for (const auto algorithm : both_algorithms) {
    const World& each = world(algorithm);
    for (const Kind kind : all_kinds) {
      const Request request = each.request(kind);
      const SealedRequest sealed = each.seal(request);
      const auto result = open_request(sealed.bytes, {each.manager, each.roots}, chains);
      const auto& opened = std::get<OpenedRequest>(result);
      const bool registers = kind == Kind::register_instance;
      EXPECT_EQ(opened.kind, kind);
      EXPECT_EQ(*opened.request, request);
      EXPECT_EQ(opened.nonce, base_of(request).nonce);
      EXPECT_EQ(opened.request_hash, sealed.open.request_hash);
      EXPECT_EQ(opened.key_thumbprint, each.device_key.public_key().thumbprint());
      EXPECT_EQ(opened.id_certificate.has_value(), !registers);
      EXPECT_EQ(opened.instance, registers ? std::nullopt : std::optional{each.instance});
      EXPECT_EQ(opened.csr.has_value(), registers || kind == Kind::renew);
      EXPECT_EQ(finish(opened, each.now), "");
    }
  }
}

TEST_F(RequestTest, M9OnlyWhatIsForUsGetsASignedRefusal) {
  for (std::size_t at = 0; at < rung_names.size(); ++at) {
    if (rung_names[at] == "freshness" || rung_names[at] == "payload") continue;  // opened by then
    const Bytes message = forge_request(w, {rung_names[at]}).message;
    const RequestFailure failure = refuse(message);
    EXPECT_EQ(failure.error.code, rung_codes[at]);
    ASSERT_EQ(failure.reply.has_value(), rung_names[at] == "binding") << rung_names[at];
    if (!failure.reply) continue;
    EXPECT_EQ(failure.reply->nonce, base_of(w.request(Kind::authorize)).nonce);
    EXPECT_EQ(failure.reply->request_hash, must(parse_envelope(message)).request_hash);
  }
}

TEST_F(RequestTest, M4ANonceHas16To64Bytes) {
  auto request = std::get<DeregisterRequest>(w.request(Kind::deregister));
  for (const auto& [size, good] : {std::pair{15, false}, {16, true}, {64, true}, {65, false}}) {
    request.base.nonce.resize(static_cast<std::size_t>(size));
    const auto opened = open_request(w.seal(Request{request}).bytes, pins, chains);
    EXPECT_EQ(std::holds_alternative<OpenedRequest>(opened), good) << size;
    if (const auto* failure = std::get_if<RequestFailure>(&opened)) {
      EXPECT_EQ(failure->error.code, Errc::binding_wrong);
      EXPECT_FALSE(failure->reply);  // a refusal has to carry a nonce
    }
  }
}

TEST_F(RequestTest, M8DatesAreCheckedAtTheManagersNow) {
  const auto opened = open(w.seal(w.request(Kind::authorize)).bytes);
  EXPECT_EQ(finish(opened, w.chain.id.not_before() - Ms{1}), "certificate_expired");
  EXPECT_EQ(finish(opened, w.chain.id.not_before()), "");
  EXPECT_EQ(finish(opened, w.chain.id.not_after() - Ms{1}), "");
  EXPECT_EQ(finish(opened, w.chain.id.not_after()), "certificate_expired");
}

TEST_F(RequestTest, E7AnEndedCertificateRenewsWithinTheConfiguredTimeOnly) {
  const auto renewal = open(w.seal(w.request(Kind::renew)).bytes);
  const UtcTime end = w.chain.id.not_after();
  const Ms late = std::chrono::days{30};
  EXPECT_EQ(finish(renewal, end - Ms{1}), "");
  EXPECT_EQ(finish(renewal, end), "certificate_expired");
  EXPECT_EQ(finish(renewal, end, late), "");
  EXPECT_EQ(finish(renewal, end + late - Ms{1}, late), "");
  EXPECT_EQ(finish(renewal, end + late, late), "certificate_expired");
  EXPECT_EQ(finish(renewal, w.chain.id.not_before() - Ms{1}, late), "certificate_expired");
  const auto authorize = open(w.seal(w.request(Kind::authorize)).bytes);
  EXPECT_EQ(finish(authorize, end, late), "certificate_expired");
}

TEST_F(RequestTest, M5OfARegistrationTheCsrAloneIsReadBeforeItsSignatureHolds) {
  Parts parts = parts_of(w, w.request(Kind::register_instance), w.chain);
  const Json payload = must(parse_json(as_bytes(parts.payload)));
  parts.payload = dump(without(payload, "csr"));
  EXPECT_EQ(refuse(parts.sealed_by(w.device_key)).error.code, Errc::message_malformed);
  parts.payload = "{";
  EXPECT_EQ(refuse(parts.sealed_by(w.device_key)).error.code, Errc::message_malformed);
  parts.payload = dump(with(payload, "csr", "AAAA"));
  EXPECT_EQ(refuse(parts.sealed_by(w.device_key)).error.code, Errc::chain_untrusted);
  // wrong members are judged after the signature
  parts.payload = dump(with(payload, "udi", "?"));
  EXPECT_EQ(refuse(parts.sealed_by(w.fresh_key)).error.code, Errc::signature_invalid);
  EXPECT_EQ(finish(open(parts.sealed_by(w.device_key)), w.now), "payload_invalid");
}

TEST_F(RequestTest, M5ARegistrationIsSignedByTheCsrsKey) {
  Parts parts = parts_of(w, w.request(Kind::register_instance), w.chain);
  EXPECT_EQ(refuse(parts.sealed_by(w.fresh_key)).error.code, Errc::signature_invalid);
  Bytes csr = must(identity::create_csr(w.device_key, w.udi));
  csr.back() ^= 1;  // its own signature
  auto request = std::get<RegisterRequest>(w.request(Kind::register_instance));
  request.csr_der = csr;
  parts = parts_of(w, Request{request}, w.chain);
  EXPECT_EQ(refuse(parts.sealed_by(w.device_key)).error.code, Errc::chain_untrusted);
}

TEST_F(RequestTest, M3ASigningOrTlsCertificateSignsNoRequest) {
  const auto tls = must(identity::issue_tls_server({w.chain.root, w.chain.root_key},
                                                   {w.device_key.public_key(),
                                                    {"manager.example"},
                                                    {},
                                                    must(identity::SerialNumber::from_u64(9)),
                                                    day(0),
                                                    day(365)}));
  Parts parts = parts_of(w, w.request(Kind::authorize), w.chain);
  parts.header.back().second = x5c({tls, w.chain.signing});
  EXPECT_EQ(refuse(parts.sealed_by(w.device_key)).error.code, Errc::chain_untrusted);
  parts.header.back().second = x5c({w.chain.signing, w.chain.root});
  EXPECT_EQ(refuse(parts.sealed_by(w.signing_key)).error.code, Errc::chain_untrusted);
}

TEST_F(RequestTest, M7BoundsOfEntitlements) {
  const auto outcome = [&](auto edit) {
    auto request = std::get<AuthorizeRequest>(w.request(Kind::authorize));
    edit(request.entitlements);
    return finish(open(w.seal(Request{request}).bytes), w.now);
  };
  const auto many = [](std::size_t count) {
    return [count](auto& entitlements) {
      entitlements.clear();
      for (std::size_t at = 0; at < count; ++at)
        entitlements.push_back({std::to_string(at), 1, "", ""});
    };
  };
  EXPECT_EQ(outcome(many(0)), "");  // E9: releases the usage
  EXPECT_EQ(outcome(many(64)), "");
  EXPECT_EQ(outcome(many(65)), "payload_invalid");
  for (const std::int64_t count : {std::int64_t{1}, std::int64_t{1'000'000'000}}) {
    EXPECT_EQ(outcome([&](auto& entitlements) { entitlements[0].count = count; }), "") << count;
  }
  for (const std::int64_t count :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1'000'000'001}}) {
    EXPECT_EQ(outcome([&](auto& entitlements) { entitlements[0].count = count; }),
              "payload_invalid");
  }
}

TEST_F(RequestTest, M14AnotherVersionIsToldApartFromABadPayload) {
  Parts parts = parts_of(w, w.request(Kind::authorize), w.chain);
  const Json payload = must(parse_json(as_bytes(parts.payload)));
  parts.payload = dump(with(payload, "v", std::int64_t{2}));
  EXPECT_EQ(finish(open(parts.sealed_by(w.device_key)), w.now), "version_unsupported");
  // freshness stands before the payload, whatever is in it
  EXPECT_EQ(finish(open(parts.sealed_by(w.device_key)), w.chain.id.not_after()),
            "certificate_expired");
}

TEST_F(RequestTest, M1AnAnswerIsNoRequest) {
  const Request request = w.request(Kind::authorize);
  EXPECT_EQ(refuse(w.seal(w.grant(request, {}))).error.code, Errc::header_refused);
}

TEST_F(RequestTest, M1TheSizeIsAtMost64KiB) {
  Bytes message = w.seal(w.request(Kind::authorize)).bytes;
  message.resize(65536, ' ');
  EXPECT_EQ(finish(open(message), w.now), "");
  message.push_back(' ');
  EXPECT_EQ(refuse(message).error.code, Errc::message_too_large);
}

TEST_F(RequestTest, SealedRequestsAreRecalledFromTheirBytes) {
  for (const Kind kind : all_kinds) {
    const SealedRequest sealed = w.seal(w.request(kind));
    EXPECT_EQ(must(recall_open_request(sealed.bytes)), sealed.open) << to_string(kind);
    EXPECT_EQ(sealed.open.key_thumbprint.empty(),
              kind == Kind::authorize || kind == Kind::deregister);
  }
  EXPECT_EQ(recall_open_request(as_bytes("{}")).error().code, Errc::message_malformed);
  const Bytes answer = w.seal(w.grant(w.request(Kind::authorize), {}));
  EXPECT_EQ(recall_open_request(answer).error().code, Errc::message_malformed);
}

TEST_F(RequestTest, SealingRefusesAKeyThatIsNotTheCsrs) {
  const auto registration = std::get<RegisterRequest>(w.request(Kind::register_instance));
  EXPECT_EQ(seal_registration(registration, w.fresh_key).error().code, Errc::invalid_argument);
  EXPECT_EQ(seal_request(registration, w.device_key, w.chain.id, w.chain.signing).error().code,
            Errc::invalid_argument);
  auto renewal = std::get<RenewRequest>(w.request(Kind::renew));
  renewal.csr_der.pop_back();
  EXPECT_EQ(seal_request(renewal, w.device_key, w.chain.id, w.chain.signing).error().code,
            Errc::invalid_argument);
}

}  // namespace
}  // namespace smartlic::message::test
