// RULES P4.
#include "licensing/event_chain.hpp"

#include <array>

#include "licensing/manager_world.hpp"

namespace smartlic::licensing::test {
namespace {

using Kind = LedgerEventKind;

std::vector<LedgerEvent> some_events(std::size_t count) {
  std::vector<LedgerEvent> out;
  ChainHead head;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(append(head, start + i * tick, Kind::registered, "subject", std::to_string(i)));
  }
  return out;
}

ChainHead head_at(const std::vector<LedgerEvent>& events, std::size_t index) {
  return {events[index].sequence, events[index].hash};
}

bool says(const ChainReport& report, const std::string& words) {
  return report.sentence.find(words) != std::string::npos;
}

TEST(EventChain, P4_AnIntactChainProvesWhatItCan) {
  const auto events = some_events(5);
  const auto report = verify_chain(events);
  EXPECT_TRUE(report.intact) << report.sentence;
  EXPECT_EQ(report.head, head_at(events, 4));
  EXPECT_TRUE(says(report, "Events 1 to 5 follow one another"));
  EXPECT_TRUE(says(report, "written anew"));
  EXPECT_TRUE(says(report, "cut off after 5 cannot be seen"));
  EXPECT_TRUE(says(verify_chain({}), "proves nothing"));
}

TEST(EventChain, P4_EveryMemberIsCovered) {
  using Change = void (*)(LedgerEvent&);
  constexpr std::array<Change, 7> changes{
      [](LedgerEvent& e) { e.at += tick; },
      [](LedgerEvent& e) { e.kind = Kind::administration; },
      [](LedgerEvent& e) { e.subject += "x"; },
      [](LedgerEvent& e) { e.text += "x"; },
      [](LedgerEvent& e) { e.previous[0] ^= 1; },
      [](LedgerEvent& e) { e.hash[0] ^= 1; },
      [](LedgerEvent& e) { e.sequence += 1; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    auto events = some_events(5);
    changes[i](events[2]);
    const bool is_hash = events[2].hash != some_events(5)[2].hash;
    EXPECT_EQ(hash_of(events[2]) == some_events(5)[2].hash, is_hash) << i;
    const auto report = verify_chain(events);
    EXPECT_FALSE(report.intact) << i;
    EXPECT_EQ(report.first_bad, 3U) << i;
    EXPECT_EQ(report.head, head_at(events, 1));
  }
}

TEST(EventChain, P4_TextCannotMoveBetweenMembers) {
  auto events = some_events(1);
  events[0].subject = "subject0";
  events[0].text = "";
  EXPECT_NE(hash_of(events[0]), events[0].hash);
}

TEST(EventChain, P4_AGapAndAnExchangeAreSeen) {
  auto events = some_events(5);
  events.erase(events.begin() + 2);
  EXPECT_EQ(verify_chain(events).first_bad, 3U);
  auto swapped = some_events(5);
  std::swap(swapped[1], swapped[2]);
  EXPECT_EQ(verify_chain(swapped).first_bad, 2U);
}

TEST(EventChain, P4_ACheckpointShowsACutAndARewrite) {
  const auto events = some_events(5);
  const std::array checkpoint{head_at(events, 3)};
  EXPECT_TRUE(says(verify_chain(events, checkpoint), "confirms them up to 4"));
  const std::span all{events};
  EXPECT_TRUE(verify_chain(all.first(3)).intact) << "without one, a cut cannot be seen";
  EXPECT_EQ(verify_chain(all.first(3), checkpoint).first_bad, 4U);
  std::vector<LedgerEvent> rewritten;
  ChainHead head;
  for (const auto& event : events) {
    rewritten.push_back(append(head, event.at, event.kind, "another", event.text));
  }
  EXPECT_TRUE(verify_chain(rewritten).intact) << "without one, a rewrite cannot be seen";
  EXPECT_EQ(verify_chain(rewritten, checkpoint).first_bad, 4U);
  const std::array last{head_at(events, 4)};
  EXPECT_FALSE(says(verify_chain(events, last), "written anew"));
}

TEST(EventChain, P4_APartIsAnchoredByACheckpointJustBeforeIt) {
  const auto events = some_events(5);
  const auto part = std::span{events}.subspan(2);
  EXPECT_TRUE(says(verify_chain(part), "Nothing is proved about the events before 3"));
  const std::array before{head_at(events, 1)};
  const auto anchored = verify_chain(part, before);
  EXPECT_TRUE(anchored.intact);
  EXPECT_FALSE(says(anchored, "Nothing is proved about the events before"));
  const std::array strange{ChainHead{2, {}}};
  EXPECT_EQ(verify_chain(part, strange).first_bad, 3U);
}

TEST(EventChain, P4_KindsHaveNames) {
  for (std::uint8_t kind = 0; kind <= static_cast<std::uint8_t>(Kind::administration); ++kind) {
    const auto name = to_string(static_cast<Kind>(kind));
    EXPECT_EQ(ledger_event_kind_from(name), static_cast<Kind>(kind));
  }
  EXPECT_EQ(to_string(Kind::fork_suspected), "fork_suspected");
  EXPECT_EQ(ledger_event_kind_from("strange"), std::nullopt);
}

class Checkpoints : public World {
 protected:
  Result<Checkpoint> verify(const Bytes& bytes) {
    return verify_checkpoint(bytes, authority.identity.manager, authority.identity.roots);
  }
  Checkpoint checkpoint() { return {authority.identity.manager, ledger.head(), now}; }
};

TEST_F(Checkpoints, P4_TheManagersOwnChainIsConfirmedByItsCheckpoint) {
  registered();
  const auto bytes = *sign_checkpoint(checkpoint(), authority.identity.signing);
  const auto read = verify(bytes);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(*read, checkpoint());
  const std::array known{read->head};
  EXPECT_TRUE(verify_chain(ledger.events(), known).intact);
}

TEST_F(Checkpoints, P4_OnlyTheManagerItselfSignsThem) {
  const auto stranger = *new_authority(entropy, start);
  const auto forged = *sign_checkpoint(checkpoint(), stranger.identity.signing);
  EXPECT_EQ(verify(forged).error().code, Errc::chain_untrusted);
  auto other = checkpoint();
  other.manager = stranger.identity.manager;
  const auto foreign = *sign_checkpoint(other, authority.identity.signing);
  EXPECT_EQ(verify(foreign).error().code, Errc::audience_wrong);
  const identity::Signer mixed{authority.identity.signing.certificate, new_key()};
  EXPECT_EQ(verify(*sign_checkpoint(checkpoint(), mixed)).error().code, Errc::signature_invalid);
  auto late = checkpoint();
  late.at = authority.identity.signing.certificate.not_after();
  const auto ended = *sign_checkpoint(late, authority.identity.signing);
  EXPECT_EQ(verify(ended).error().code, Errc::certificate_expired);
  Device device = registered();
  EXPECT_EQ(verify(serve(*manager, ledger, authorization(device, 1).bytes, now).body).error().code,
            Errc::header_refused);
  EXPECT_EQ(verify({}).error().code, Errc::message_malformed);
}

}  // namespace
}  // namespace smartlic::licensing::test
