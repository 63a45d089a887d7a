// The agent's side: which request an answer fits, and what it may bring (RULES M2-M4, M7, T3).

#include <gtest/gtest.h>

#include "identity/csr.hpp"
#include "message/codec.hpp"
#include "message/forge.hpp"
#include "message/trust_file.hpp"

namespace smartlic::message::test {
namespace {

using std::chrono::seconds;

class AnswerTest : public testing::Test {
 protected:
  const World& w = world();
  identity::ChainCache chains;

  Result<VerifiedAnswer> verify(const Bytes& message, std::span<const OpenRequest> open) {
    return verify_answer(message, w.answer_pins(), open, chains);
  }
  /// The outcome of an authorized answer with this content changed.
  template <class Edit>
  std::string authorized(Edit edit) {
    const Request request = w.request(Kind::authorize);
    const SealedRequest sealed = w.seal(request);
    auto answer = std::get<AuthorizeAnswer>(w.grant(request, sealed.open.request_hash));
    edit(answer);
    return outcome_of_answer(w.answer_pins(),
                             {.message = w.seal(Answer{answer}), .open = sealed.open});
  }
};

TEST_F(AnswerTest, EveryAnswerOfBothAlgorithmsIsVerifiedAndDecoded) {
  for (const auto algorithm : both_algorithms) {
    const World& each = world(algorithm);
    for (const Kind kind : all_kinds) {
      const Request request = each.request(kind);
      const SealedRequest sealed = each.seal(request);
      for (const Answer& answer : {each.grant(request, sealed.open.request_hash),
                                   each.refusal(request, sealed.open.request_hash)}) {
        const auto verified =
            must(verify_answer(each.seal(answer), each.answer_pins(), {&sealed.open, 1}, chains));
        EXPECT_EQ(verified.answer, answer);
        EXPECT_EQ(verified.signing, each.chain.signing);
        EXPECT_EQ(verified.open_index, 0U);
        EXPECT_FALSE(verified.newer_roots);
      }
    }
  }
}

TEST_F(AnswerTest, M8AnAnswerFindsItsSlotAmongTwo) {
  auto later = std::get<AuthorizeRequest>(w.request(Kind::authorize));
  later.base.nonce[0] ^= 1;
  const std::array open{w.seal(w.request(Kind::authorize)).open, w.seal(Request{later}).open};
  const auto first = w.seal(w.grant(w.request(Kind::authorize), open[0].request_hash));
  const auto second = w.seal(w.grant(Request{later}, open[1].request_hash));
  EXPECT_EQ(must(verify(first, open)).open_index, 0U);
  EXPECT_EQ(must(verify(second, open)).open_index, 1U);
  EXPECT_EQ(verify(first, {}).error().code, Errc::binding_wrong);
  // the nonce of one and the hash of the other
  const auto mixed = w.seal(w.grant(w.request(Kind::authorize), open[1].request_hash));
  EXPECT_EQ(verify(mixed, open).error().code, Errc::binding_wrong);
}

TEST_F(AnswerTest, M8AGrantOfAnotherKindFitsNoRequest) {
  for (const Kind asked : all_kinds) {
    const SealedRequest sealed = w.seal(w.request(asked));
    for (const Kind granted : all_kinds) {
      const auto answer = w.seal(w.grant(w.request(granted), sealed.open.request_hash));
      const auto verified = verify(answer, {&sealed.open, 1});
      EXPECT_EQ(verified.ok(), asked == granted) << to_string(asked) << to_string(granted);
      if (verified) continue;
      EXPECT_EQ(verified.error().code, Errc::binding_wrong);
    }
  }
}

TEST_F(AnswerTest, M1ARequestIsNoAnswer) {
  const SealedRequest sealed = w.seal(w.request(Kind::authorize));
  EXPECT_EQ(verify(sealed.bytes, {&sealed.open, 1}).error().code, Errc::header_refused);
}

TEST_F(AnswerTest, M3AnIdCertificateSignsNoAnswer) {
  const Request request = w.request(Kind::authorize);
  const SealedRequest sealed = w.seal(request);
  Parts parts = parts_of(w, w.grant(request, sealed.open.request_hash), w.chain);
  parts.header.back().second = x5c({w.chain.id});
  const auto by_device = parts.sealed_by(w.device_key);
  EXPECT_EQ(verify(by_device, {&sealed.open, 1}).error().code, Errc::chain_untrusted);
  parts.header.back().second = x5c({w.chain.root});
  const auto by_root = parts.sealed_by(w.chain.root_key);
  EXPECT_EQ(verify(by_root, {&sealed.open, 1}).error().code, Errc::chain_untrusted);
  parts.header.back().second = Json::Array{"AAAA"};  // no certificate at all
  const auto by_nobody = parts.sealed_by(w.signing_key);
  EXPECT_EQ(verify(by_nobody, {&sealed.open, 1}).error().code, Errc::chain_untrusted);
}

TEST_F(AnswerTest, M3ASignerIsNeverOlderThanTheNewestSeen) {
  Case of = forge_answer(w, {});
  for (const auto& [newest, outcome] :
       {std::pair{"02", ""}, {"03", ""}, {"04", "chain_untrusted"}}) {
    of.newest_signing = newest;
    EXPECT_EQ(outcome_of_answer(w.answer_pins(), of), outcome) << newest;
  }
}

TEST_F(AnswerTest, M7DisagreementOfMoreThanFiveSecondsIsAPayloadError) {
  const auto shifted = [&](seconds by) {
    return authorized([by](auto& answer) {
      answer.start_date = answer.base.time - seconds{1000};
      answer.expiry = seconds{7776000 - 1000} + by;
    });
  };
  EXPECT_EQ(shifted(seconds{0}), "");
  EXPECT_EQ(shifted(seconds{5}), "");
  EXPECT_EQ(shifted(seconds{-5}), "");
  EXPECT_EQ(shifted(seconds{6}), "payload_invalid");
  EXPECT_EQ(shifted(seconds{-6}), "payload_invalid");
  const auto fraction = [&](Ms by) {
    return authorized([by](auto& answer) {
      answer.start_date = answer.base.time - by;
      answer.expiry = seconds{7776000 - 5};
    });
  };
  EXPECT_EQ(fraction(Ms{0}), "");
  EXPECT_EQ(fraction(Ms{10000}), "");
  EXPECT_EQ(fraction(Ms{10001}), "payload_invalid");
}

TEST_F(AnswerTest, M7ADecisionMayBeUpToFiveSecondsAheadOfTheTime) {
  const auto ahead = [&](Ms by) {
    return authorized([by](auto& answer) {
      answer.start_date = answer.base.time + by;
      answer.expiry = seconds{7776000};
    });
  };
  EXPECT_EQ(ahead(Ms{5000}), "");
  EXPECT_EQ(ahead(Ms{5001}), "payload_invalid");
}

TEST_F(AnswerTest, E5AnAuthorizationThatIsOverHasNothingLeft) {
  const auto over = [&](seconds expiry) {
    return authorized([expiry](auto& answer) {
      answer.start_date = answer.base.time - std::chrono::days{100};
      answer.expiry = expiry;
    });
  };
  EXPECT_EQ(over(seconds{0}), "");  // the agent refuses it, as a matter of freshness
  EXPECT_EQ(over(seconds{6}), "payload_invalid");
}

TEST_F(AnswerTest, P2TheStatusIsTheWorstTags) {
  using enum ComplianceStatus;
  const auto statuses = [&](ComplianceStatus overall, std::vector<TagStatus> tags) {
    return authorized([&](auto& answer) {
      answer.status = overall;
      answer.tags = std::move(tags);
    });
  };
  EXPECT_EQ(statuses(InCompliance, {}), "");
  EXPECT_EQ(statuses(OutOfCompliance, {}), "payload_invalid");
  EXPECT_EQ(statuses(InCompliance, {{"a", InCompliance}, {"b", InCompliance}}), "");
  EXPECT_EQ(statuses(OutOfCompliance, {{"a", OutOfCompliance}, {"b", InCompliance}}), "");
  EXPECT_EQ(statuses(InCompliance, {{"a", OutOfCompliance}, {"b", InCompliance}}),
            "payload_invalid");
}

TEST_F(AnswerTest, T3DatesAreCheckedAtTheAnswersTime) {
  const auto at = [&](UtcTime time) {
    return authorized([time](auto& answer) {
      answer.start_date += time - answer.base.time;
      answer.base.time = time;
    });
  };
  const auto& signing = w.chain.signing;
  EXPECT_EQ(at(signing.not_before() - Ms{1}), "certificate_expired");
  EXPECT_EQ(at(signing.not_before()), "");
  EXPECT_EQ(at(signing.not_after() - Ms{1}), "");
  EXPECT_EQ(at(signing.not_after()), "certificate_expired");
}

TEST_F(AnswerTest, M13AnIdCertificateOfAnOlderSignerIsTaken) {
  const auto newer = must(
      identity::issue_signing({w.chain.root, w.chain.root_key},
                              {w.fresh_key.public_key(), w.manager,
                               must(identity::SerialNumber::from_u64(4)), day(50), day(1500)}));
  const Request request = w.request(Kind::register_instance);
  const SealedRequest sealed = w.seal(request);
  const Answer answer = w.grant(request, sealed.open.request_hash);
  const Bytes message = must(seal_answer(answer, w.fresh_key, newer));
  EXPECT_EQ(must(verify(message, {&sealed.open, 1})).signing, newer);
}

TEST_F(AnswerTest, M13ARenewalsCertificateHasTheFreshKey) {
  const Request request = w.request(Kind::renew);
  const SealedRequest sealed = w.seal(request);
  auto answer = std::get<RenewAnswer>(w.grant(request, sealed.open.request_hash));
  EXPECT_TRUE(verify(w.seal(Answer{answer}), {&sealed.open, 1}).ok());
  answer.issued.id_certificate = w.issue_id(w.device_key.public_key(), w.instance);
  EXPECT_EQ(verify(w.seal(Answer{answer}), {&sealed.open, 1}).error().code, Errc::payload_invalid);
}

TEST_F(AnswerTest, M4AnIdCertificateOfAnotherManagerIsRefused) {
  const auto serial = [](std::uint64_t value) {
    return must(identity::SerialNumber::from_u64(value));
  };
  const auto theirs = must(identity::issue_signing(
      {w.chain.root, w.chain.root_key},
      {w.fresh_key.public_key(), w.instance, serial(5), day(0), day(1500)}));
  const Request request = w.request(Kind::register_instance);
  const SealedRequest sealed = w.seal(request);
  auto answer = std::get<RegisterAnswer>(w.grant(request, sealed.open.request_hash));
  answer.issued.signing_certificate = theirs;
  answer.issued.id_certificate =
      must(identity::issue_id({theirs, w.fresh_key}, {w.device_key.public_key(), w.instance, w.udi,
                                                      "Example Ltd", serial(6), w.now}));
  EXPECT_EQ(verify(w.seal(Answer{answer}), {&sealed.open, 1}).error().code, Errc::payload_invalid);
}

TEST_F(AnswerTest, M2ANewerRootSetSignedByAHeldRootIsHandedOut) {
  const auto newer = must(identity::RootSet::make(2, {w.strange.root, w.chain.root}));
  const Request request = w.request(Kind::deregister);
  const SealedRequest sealed = w.seal(request);
  auto answer = std::get<DeregisterAnswer>(w.grant(request, sealed.open.request_hash));
  answer.base.roots = must(seal_roots({w.manager, newer}, w.chain.root_key));
  const Bytes message = w.seal(Answer{answer});
  EXPECT_EQ(must(verify(message, {&sealed.open, 1})).newer_roots, newer);
  // once held, it is not newer any more
  const auto again =
      must(verify_answer(message, {w.manager, newer, {}}, {&sealed.open, 1}, chains));
  EXPECT_FALSE(again.newer_roots);
}

TEST_F(AnswerTest, M2ANewerRootSetDoesNotVouchForItsOwnAnswer) {
  const auto newer = must(identity::RootSet::make(2, {w.strange.root, w.chain.root}));
  const Request request = w.request(Kind::deregister);
  const SealedRequest sealed = w.seal(request);
  auto answer = std::get<DeregisterAnswer>(w.grant(request, sealed.open.request_hash));
  answer.base.roots = must(seal_roots({w.manager, newer}, w.chain.root_key));
  const Bytes message = must(seal_answer(Answer{answer}, w.signing_key, w.strange.signing));
  EXPECT_EQ(verify(message, {&sealed.open, 1}).error().code, Errc::chain_untrusted);
}

TEST_F(AnswerTest, M1TheSizeIsAtMost64KiB) {
  Case of = forge_answer(w, {});
  const std::string good{as_text(of.message)};
  const auto padded = [&](std::size_t size) {
    of.message.assign(good.begin(), good.end());
    of.message.resize(size, ' ');
    return outcome_of_answer(w.answer_pins(), of);
  };
  EXPECT_EQ(padded(65536), "");
  EXPECT_EQ(padded(65537), "message_too_large");
}

TEST_F(AnswerTest, M14AnotherVersionIsToldApartFromABadPayload) {
  const Request request = w.request(Kind::authorize);
  const SealedRequest sealed = w.seal(request);
  Parts parts = parts_of(w, w.grant(request, sealed.open.request_hash), w.chain);
  const Json payload = must(parse_json(as_bytes(parts.payload)));
  parts.payload = dump(with(payload, "v", std::int64_t{2}));
  EXPECT_EQ(verify(parts.sealed_by(w.signing_key), {&sealed.open, 1}).error().code,
            Errc::version_unsupported);
  parts.payload = "not JSON";  // it names no manager, which is the first thing asked of it
  EXPECT_EQ(verify(parts.sealed_by(w.signing_key), {&sealed.open, 1}).error().code,
            Errc::audience_wrong);
}

}  // namespace
}  // namespace smartlic::message::test
