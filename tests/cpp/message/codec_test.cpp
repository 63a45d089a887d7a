// The payloads' JSON: names and units of the field (S15-S18, D1-D3), exact types, `v` (RULES M14).

#include "message/codec.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "message/forge.hpp"

namespace smartlic::message::test {
namespace {

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

Json payload_of(Kind kind) { return encode(world().request(kind)); }

Json grant_of(Kind kind) { return encode(world().grant(world().request(kind), {})); }

Json refusal() { return encode(world().refusal(world().request(Kind::authorize), {})); }

template <class T>
std::string outcome(const Result<T>& decoded) {
  return decoded ? std::string{} : std::string{to_string(decoded.error().code)};
}

TEST(Codec, MessagesComeBackAsTheyWere) {
  for (const Kind kind : all_kinds) {
    const Request request = world().request(kind);
    EXPECT_EQ(must(decode_request(kind, encode(request))), request) << to_string(kind);
    Answer answer = world().grant(request, {});
    EXPECT_EQ(must(decode_answer(kind, encode(answer))), answer) << to_string(kind);
    std::visit([](auto& a) { a.base.roots = RootsUpdate{{1, 2}, {3}}; }, answer);
    EXPECT_EQ(must(decode_answer(kind, encode(answer))), answer) << to_string(kind);
  }
  const Answer refused = world().refusal(world().request(Kind::renew), {});
  EXPECT_EQ(must(decode_answer({}, encode(refused))), refused);
}

TEST(Codec, OptionalMembersMayBeAbsent) {
  auto request = std::get<RegisterRequest>(world().request(Kind::register_instance));
  request.hostname.reset();
  EXPECT_EQ(encode(Request{request}).find("hostname"), nullptr);
  EXPECT_EQ(must(decode_request(Kind::register_instance, encode(Request{request}))),
            Request{request});
  const Json bare = without(without(refusal(), "retry_after"), "highest_request_no");
  const auto decoded = std::get<Refusal>(must(decode_answer({}, bare)));
  EXPECT_FALSE(decoded.retry_after || decoded.highest_request_no);
}

TEST(Codec, UsesTheWordsAndUnitsOfTheField) {
  const Json request = payload_of(Kind::authorize);
  EXPECT_EQ(*request.integer("v"), 1);
  EXPECT_EQ(*request.text("aud"), world().manager.to_string());
  EXPECT_EQ(*request.text("nonce"), "ABEiM0RVZneImaq7zN3u_w");
  EXPECT_EQ(*request.integer("time"), 1772409600000);  // 2026-03-02T00:00Z, D2
  EXPECT_EQ(*request.text("product_instance_id"), world().instance.to_string());
  EXPECT_EQ(*request.text("signing_cert_sn"), "03");
  EXPECT_EQ(dump(request.array("entitlements")->at(0)),
            R"({"tag":"regid.2014-08.com.cisco.CUSP-5,1.0_8f106f12-4d11-44b7-8f36-f7aee3dfaa01",)"
            R"("requested_count":2,"version":"1.0","display_name":"CUSP-5"})");
  const Json answer = grant_of(Kind::authorize);
  EXPECT_EQ(*answer.text("compliance_status"), "OutOfCompliance");
  EXPECT_EQ(*answer.array("entitlements")->at(0).text("compliance_status"), "InCompliance");
  EXPECT_EQ(*answer.integer("start_date"), 1772409600000 - 326000);          // milliseconds, D2
  EXPECT_EQ(*answer.integer("expiry"), 7775674);                             // seconds, D3
  EXPECT_EQ(*answer.integer("retry_interval"), 43200);                       // seconds, D7
  EXPECT_EQ(*grant_of(Kind::renew).integer("renew_interval"), 15552000000);  // milliseconds, D1
  EXPECT_EQ(*grant_of(Kind::register_instance).text("id_cert_sn"), "0eca96");
  EXPECT_EQ(*refusal().text("code"), "stale");
}

TEST(Codec, EveryOtherMemberIsNeededWithItsType) {
  const std::set<std::string_view> optional{"hostname", "roots", "retry_after",
                                            "highest_request_no"};
  const auto check = [&](const Json& good, auto decode) {
    ASSERT_EQ(outcome(decode(good)), "");
    for (const auto& [name, value] : *good.if_object()) {
      if (!optional.contains(name)) {
        EXPECT_EQ(outcome(decode(without(good, name))), "payload_invalid") << name;
      }
      EXPECT_EQ(outcome(decode(with(good, name, Json{}))), "payload_invalid") << name;
      EXPECT_EQ(outcome(decode(with(good, name, true))), "payload_invalid") << name;
    }
  };
  for (const Kind kind : all_kinds) {
    check(payload_of(kind), [&](const Json& json) { return decode_request(kind, json); });
    check(grant_of(kind), [&](const Json& json) { return decode_answer(kind, json); });
  }
  check(refusal(), [](const Json& json) { return decode_answer({}, json); });
}

TEST(Codec, MembersOfMembersAreNeededToo) {
  const auto spoiled = [](const Json& good, std::string_view member) {
    return with(good, "entitlements",
                Json::Array{without(good.array("entitlements")->at(0), member)});
  };
  for (const auto* member : {"tag", "requested_count", "version", "display_name"}) {
    const Json bad = spoiled(payload_of(Kind::authorize), member);
    EXPECT_EQ(outcome(decode_request(Kind::authorize, bad)), "payload_invalid") << member;
  }
  for (const auto* member : {"tag", "compliance_status"}) {
    const Json bad = spoiled(grant_of(Kind::authorize), member);
    EXPECT_EQ(outcome(decode_answer(Kind::authorize, bad)), "payload_invalid") << member;
  }
  for (const auto* roots : {R"({"trust_file":"AA"})", R"({"signature":"AA"})", "[]"}) {
    const Json bad = with(refusal(), "roots", must(parse_json(as_bytes(roots))));
    EXPECT_EQ(outcome(decode_answer({}, bad)), "payload_invalid") << roots;
  }
}

TEST(Codec, RangesKeepArithmeticSafe) {
  const Json request = payload_of(Kind::authorize);
  const auto request_with = [&](std::string_view member, std::int64_t value) {
    return outcome(decode_request(Kind::authorize, with(request, member, value)));
  };
  EXPECT_EQ(request_with("time", 0), "");
  EXPECT_EQ(request_with("time", 253402300799999), "");
  EXPECT_EQ(request_with("time", 253402300800000), "payload_invalid");
  EXPECT_EQ(request_with("time", -1), "payload_invalid");
  EXPECT_EQ(request_with("request_no", largest), "");
  EXPECT_EQ(request_with("request_no", 0), "payload_invalid");
  for (const auto* member : {"expiry", "retry_interval"}) {
    const Json answer = grant_of(Kind::authorize);
    EXPECT_EQ(outcome(decode_answer(Kind::authorize, with(answer, member, std::int64_t{0}))), "");
    for (const std::int64_t value : {std::int64_t{-1}, largest}) {
      EXPECT_EQ(outcome(decode_answer(Kind::authorize, with(answer, member, value))),
                "payload_invalid");
    }
  }
  EXPECT_EQ(
      outcome(decode_answer(Kind::renew, with(grant_of(Kind::renew), "renew_interval", largest))),
      "payload_invalid");
}

TEST(Codec, TextsThatStandForValuesAreExact) {
  const Json request = payload_of(Kind::register_instance);
  const auto request_with = [&](std::string_view member, const char* value) {
    return outcome(decode_request(Kind::register_instance, with(request, member, value)));
  };
  EXPECT_EQ(request_with("aud", "6D1B2C7E-0D5F-4C63-9A53-2F6A2C1E9B10"), "payload_invalid");
  EXPECT_EQ(request_with("nonce", "AA=="), "payload_invalid");
  EXPECT_EQ(request_with("token_proof", "AAAA"), "payload_invalid");
  EXPECT_EQ(request_with("udi", "CUSP"), "payload_invalid");
  EXPECT_EQ(request_with("udi", "PID:CUSP-K9SN:8F3KX0QT7ZD"), "");  // S14's form is read too (M6)
  const Json answer = grant_of(Kind::register_instance);
  for (const auto* serial : {"id_cert_sn", "signing_cert_sn"}) {
    EXPECT_EQ(outcome(decode_answer(Kind::register_instance, with(answer, serial, "05"))),
              "payload_invalid");
  }
  const Json status = with(grant_of(Kind::authorize), "compliance_status", "OOC");
  EXPECT_EQ(outcome(decode_answer(Kind::authorize, status)), "payload_invalid");
}

TEST(Codec, OnlyCodesWithAnEffectAreRefusals) {
  for (const auto& row : error_table()) {
    const auto decoded = decode_answer({}, with(refusal(), "code", row.name));
    EXPECT_EQ(decoded.ok(), row.effect.has_value()) << row.name;
  }
  EXPECT_FALSE(decode_answer({}, with(refusal(), "code", "no such code")).ok());
}

TEST(Codec, UnknownMembersAreIgnoredAndUnknownVersionsAreNot) {
  EXPECT_EQ(outcome(decode_request(Kind::renew, with(payload_of(Kind::renew), "new", "x"))), "");
  EXPECT_EQ(
      outcome(decode_request(Kind::renew, with(payload_of(Kind::renew), "v", std::int64_t{2}))),
      "version_unsupported");
  EXPECT_EQ(outcome(decode_answer({}, with(refusal(), "v", std::int64_t{0}))),
            "version_unsupported");
  EXPECT_EQ(outcome(decode_answer({}, Json{})), "payload_invalid");
}

TEST(TokenProof, CoversSecretCsrNonceAndManager) {  // RULES M5
  const auto secret = identity::sha256(as_bytes("secret"));
  const Bytes csr{1, 2, 3};
  const Bytes nonce(16, 7);
  const auto proof = token_proof(secret, csr, nonce, world().manager);
  Bytes text;
  const auto csr_hash = identity::sha256(csr);
  text.insert(text.end(), csr_hash.begin(), csr_hash.end());
  text.insert(text.end(), nonce.begin(), nonce.end());
  text.insert(text.end(), world().manager.bytes.begin(), world().manager.bytes.end());
  EXPECT_EQ(proof, identity::hmac_sha256(secret, text));
  EXPECT_NE(proof, token_proof(identity::sha256(as_bytes("other")), csr, nonce, world().manager));
  EXPECT_NE(proof, token_proof(secret, Bytes{1, 2}, nonce, world().manager));
  EXPECT_NE(proof, token_proof(secret, csr, Bytes(16, 8), world().manager));
  EXPECT_NE(proof, token_proof(secret, csr, nonce, world().instance));
}

}  // namespace
}  // namespace smartlic::message::test
