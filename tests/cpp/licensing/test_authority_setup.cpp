// RULES M2, M3, M6 and M14: a manager's authority, and how it changes.
#include "licensing/authority_setup.hpp"

#include "licensing/manager_world.hpp"

namespace smartlic::licensing::test {
namespace {

class AuthoritySetup : public World {};

TEST_F(AuthoritySetup, M3_ANewAuthorityHoldsTogether) {
  for (const auto algorithm : {identity::Algorithm::es256, identity::Algorithm::rs256}) {
    AuthorityOrder order;
    order.algorithm = algorithm;
    const auto made = new_authority(entropy, start, order);
    ASSERT_TRUE(made) << made.error().message();
    const auto& signing = made->identity.signing.certificate;
    EXPECT_TRUE(identity::verify_answer_signer(signing, made->identity.roots));
    EXPECT_EQ(signing.urn_uuid(), made->identity.manager);
    EXPECT_EQ(signing.serial().to_string(), "01");
    EXPECT_EQ(signing.not_after(), start + signing_lifetime);
    EXPECT_EQ(made->root.certificate.not_after(), start + root_lifetime);
    EXPECT_EQ(made->trust, (message::TrustFile{made->identity.manager, made->identity.roots}));
    EXPECT_EQ(made->trust.roots.version(), 1U);
    EXPECT_EQ(made->root.key.algorithm(), algorithm);
    EXPECT_EQ(made->identity.signing.key.algorithm(), algorithm);
    EXPECT_EQ(made->identity.state_key.size(), 32U);
  }
}

TEST_F(AuthoritySetup, M6_RotationIsDueWithTwoIdLifetimesLeft) {
  const auto& signing = authority.identity.signing.certificate;
  const UtcTime due = signing.not_after() - 720 * one_day;
  EXPECT_FALSE(signing_due_for_rotation(signing, due - tick));
  EXPECT_TRUE(signing_due_for_rotation(signing, due));
}

TEST_F(AuthoritySetup, M3_ARotatedSigningCertificateIsNewerAndServesTheOldOnes) {
  Device device = registered();
  const auto rotated = rotate_signing(authority.root, authority.identity, now);
  ASSERT_TRUE(rotated) << rotated.error().message();
  const auto& before = authority.identity.signing.certificate.serial();
  EXPECT_TRUE(identity::verify_not_older(rotated->signing.certificate, before));
  EXPECT_GT(rotated->signing.certificate.serial(), before);
  EXPECT_EQ(rotated->manager, authority.identity.manager);
  EXPECT_EQ(rotated->state_key, authority.identity.state_key);
  renew_manager(*rotated, {});
  authorize(device, 1);
  renew(device);
  EXPECT_EQ(device.issued->signing_certificate, rotated->signing.certificate);
  authorize(device, 1);
}

TEST_F(AuthoritySetup, M3_SerialNumbersCarryOver) {
  auto identity = authority.identity;
  identity.signing.certificate =
      *identity::issue_signing(authority.root, {.key = identity.signing.key.public_key(),
                                                .manager = identity.manager,
                                                .serial = *identity::SerialNumber::parse("01ff"),
                                                .not_before = now,
                                                .not_after = now + one_day});
  EXPECT_EQ(rotate_signing(authority.root, identity, now)->signing.certificate.serial().to_string(),
            "0200");
  identity.signing.certificate =
      *identity::issue_signing(authority.root, {.key = identity.signing.key.public_key(),
                                                .manager = identity.manager,
                                                .serial = *identity::SerialNumber::parse("ff"),
                                                .not_before = now,
                                                .not_after = now + one_day});
  EXPECT_EQ(rotate_signing(authority.root, identity, now)->signing.certificate.serial().to_string(),
            "0100");
}

TEST_F(AuthoritySetup, M6_NoSigningCertificateOutlivesItsRoot) {
  const UtcTime late = authority.root.certificate.not_after() - one_day;
  const auto rotated = rotate_signing(authority.root, authority.identity, late);
  ASSERT_TRUE(rotated) << rotated.error().message();
  EXPECT_EQ(rotated->signing.certificate.not_after(), authority.root.certificate.not_after());
}

TEST_F(AuthoritySetup, M2_ARootIsSwappedInThreeSteps) {
  Device device = registered();
  const auto held = authority.identity.roots;  // by a device that asks now and then
  const auto successor = *new_root(entropy, now);

  const auto both = swap_roots(authority.root, authority.identity,
                               {authority.root.certificate, successor.certificate});
  ASSERT_TRUE(both) << both.error().message();
  renew_manager(both->identity, {});
  const auto answer = authorize(device, 1);
  ASSERT_TRUE(answer.base.roots) << "spread by every answer";
  const auto second = *message::open_roots(*answer.base.roots, authority.identity.manager, held);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->version(), 2U);
  EXPECT_EQ(*second, both->trust.roots);

  const auto rotated = rotate_signing(successor, both->identity, now);
  ASSERT_TRUE(rotated) << rotated.error().message();
  EXPECT_TRUE(identity::verify_answer_signer(rotated->signing.certificate, *second));
  renew_manager(*rotated, {});
  renew(device);
  authorize(device, 1);

  const auto last = swap_roots(successor, *rotated, {successor.certificate});
  ASSERT_TRUE(last) << last.error().message();
  renew_manager(last->identity, {});
  const auto final_answer = authorize(device, 1);
  const auto third =
      *message::open_roots(*final_answer.base.roots, authority.identity.manager, *second);
  ASSERT_TRUE(third);
  EXPECT_EQ(third->version(), 3U);
  EXPECT_EQ(third->roots().size(), 1U);
}

TEST_F(AuthoritySetup, M2_RefusalsSpreadTheNewRootsToo) {
  Device device = registered();
  const auto successor = *new_root(entropy, now);
  renew_manager(swap_roots(authority.root, authority.identity,
                           {authority.root.certificate, successor.certificate})
                    ->identity,
                {});
  EXPECT_TRUE(as<message::Refusal>(ask(authorization(device, 1, "strange"))).base.roots);
}

TEST_F(AuthoritySetup, M2_StepsOutOfOrderAreErrors) {
  const auto successor = *new_root(entropy, now);
  EXPECT_EQ(rotate_signing(successor, authority.identity, now).error().code,
            Errc::invalid_argument);
  EXPECT_EQ(
      swap_roots(successor, authority.identity, {authority.root.certificate, successor.certificate})
          .error()
          .code,
      Errc::invalid_argument);
  EXPECT_EQ(swap_roots(authority.root, authority.identity, {successor.certificate}).error().code,
            Errc::invalid_argument);
}

}  // namespace
}  // namespace smartlic::licensing::test
