// The envelope: a flattened JWS with nothing loose about it (RULES M1, RFC 7515).

#include "message/envelope.hpp"

#include <gtest/gtest.h>

#include "identity/encoding.hpp"
#include "message/forge.hpp"

namespace smartlic::message::test {
namespace {

std::string b64(std::string_view text) { return identity::base64url(as_bytes(text)); }

/// A parse's outcome: "" or the error's name.
std::string parses(const Json& envelope) {
  const auto parsed = parse_envelope(as_bytes(dump(envelope)));
  return parsed ? std::string{} : std::string{to_string(parsed.error().code)};
}

const Json sample =
    Json::Object{{"payload", b64("{}")},
                 {"protected", b64(R"({"alg":"ES256","typ":"smartlic-renew+jws","kid":"k"})")},
                 {"signature", b64("sig")}};

Envelope with_header(std::string_view header) {
  return must(parse_envelope(as_bytes(dump(with(sample, "protected", b64(header))))));
}

TEST(Envelope, IsTakenApart) {
  const Envelope envelope = must(parse_envelope(as_bytes(dump(sample))));
  EXPECT_EQ(envelope.type, "renew");
  EXPECT_EQ(envelope.algorithm, "ES256");
  EXPECT_EQ(envelope.kid, "k");
  EXPECT_FALSE(envelope.x5c);
  EXPECT_EQ(envelope.stranger, "");
  EXPECT_EQ(as_text(envelope.payload), "{}");
  EXPECT_EQ(as_text(envelope.signature), "sig");
  EXPECT_EQ(envelope.signing_input, *sample.text("protected") + "." + *sample.text("payload"));
  EXPECT_EQ(envelope.request_hash, identity::sha256(as_bytes(envelope.signing_input)));
}

TEST(Envelope, NeedsItsThreeTexts) {
  EXPECT_EQ(parses(sample), "");
  for (const auto* member : {"payload", "protected", "signature"}) {
    EXPECT_EQ(parses(without(sample, member)), "message_malformed") << member;
    EXPECT_EQ(parses(with(sample, member, std::int64_t{1})), "message_malformed") << member;
  }
  EXPECT_EQ(parses(Json::Array{sample}), "message_malformed");
  EXPECT_EQ(parses("text"), "message_malformed");
}

TEST(Envelope, TakesCanonicalBase64UrlOnly) {
  for (const auto* member : {"payload", "protected", "signature"}) {
    for (const auto* loose : {"e30=", "e3 0", "e3\n0", "e31", "e+0", "e/0", "e"}) {
      EXPECT_EQ(parses(with(sample, member, loose)), "message_malformed") << member << loose;
    }
  }
}

TEST(Envelope, HeaderIsStrictJsonToo) {
  for (const auto* header :
       {"", "[]", "1", R"({"alg":"ES256","alg":"ES256"})", R"({"a":1.5})", R"({"alg":"ES256"}x)"}) {
    EXPECT_EQ(parses(with(sample, "protected", b64(header))), "message_malformed") << header;
  }
  EXPECT_EQ(parses(with(sample, "protected", b64(R"({"x5c":["AA="]})"))), "message_malformed");
}

TEST(Envelope, CarriesStrangersForTheHeaderRung) {
  EXPECT_EQ(with_header(R"({"alg":"ES256","jwk":{}})").stranger, "jwk");
  EXPECT_EQ(with_header(R"({"alg":5})").stranger, "alg");
  EXPECT_EQ(with_header(R"({"typ":null})").stranger, "typ");
  EXPECT_EQ(with_header(R"({"kid":[]})").stranger, "kid");
  EXPECT_EQ(with_header(R"({"x5c":"AA=="})").stranger, "x5c");
  EXPECT_EQ(with_header(R"({"x5c":[1]})").stranger, "x5c");
  const Json more = with(sample, "header", Json::Object{});
  EXPECT_EQ(must(parse_envelope(as_bytes(dump(more)))).stranger, "header");
}

TEST(Envelope, TypeHasItsFormOrIsEmpty) {
  for (const auto* typ : {"renew", "smartlic-renew", "renew+jws", "smartlic+jws",
                          "SMARTLIC-renew+jws", "application/smartlic-renew+jws"}) {
    EXPECT_EQ(with_header(dump(Json::Object{{"typ", typ}})).type, "") << typ;
  }
  EXPECT_EQ(with_header(R"({"typ":"smartlic-+jws"})").type, "");
}

TEST(Envelope, SealNamesTheSignerInOneWay) {
  const World& w = world();
  const auto by_kid = must(seal("register", "{}", w.device_key, {.kid = "thumb"}));
  const Envelope kid = must(parse_envelope(by_kid.bytes));
  EXPECT_EQ(kid.kid, "thumb");
  EXPECT_FALSE(kid.x5c);
  EXPECT_EQ(kid.request_hash, by_kid.request_hash);
  const auto by_x5c =
      must(seal("renew", "{}", w.device_key, {.x5c = {w.chain.id.der(), w.chain.signing.der()}}));
  const Envelope x5c = must(parse_envelope(by_x5c.bytes));
  EXPECT_FALSE(x5c.kid);
  ASSERT_EQ(x5c.x5c->size(), 2U);
  EXPECT_TRUE(std::ranges::equal(x5c.x5c->at(0), w.chain.id.der()));
  EXPECT_TRUE(std::ranges::equal(x5c.x5c->at(1), w.chain.signing.der()));
  EXPECT_TRUE(w.device_key.public_key().verify(as_bytes(x5c.signing_input), x5c.signature));
}

}  // namespace
}  // namespace smartlic::message::test
