// RULES M13, E7 and E2 at the manager: renewals, and which certificate speaks.
#include "licensing/manager_world.hpp"

namespace smartlic::licensing::test {
namespace {

using message::RenewAnswer;

class ManagerRenew : public World {
 protected:
  void allow_late(Ms for_how_long) {
    ManagerPolicy policy;
    policy.late_renewal = for_how_long;
    use_policy(policy);
  }
};

TEST_F(ManagerRenew, M13_ARenewedCertificateHasTheFreshKey) {
  Device device = registered();
  now += 180 * one_day;
  const auto fresh = new_key();
  const auto answer = as<RenewAnswer>(ask(renewal(device, fresh)));
  EXPECT_EQ(answer.issued.id_certificate.public_key(), fresh.public_key());
  EXPECT_EQ(answer.issued.id_certificate.not_after(), now + 360 * one_day);
  EXPECT_EQ(answer.issued.id_certificate.urn_uuid(), device.instance);
  EXPECT_EQ(answer.issued.renew_interval, 180 * one_day);
}

TEST_F(ManagerRenew, M13_TheKeyHasToBeFreshAndNobodyElses) {
  Device device = registered("A"), other = registered("B");
  EXPECT_EQ(code_of(ask(renewal(device, device.key))), Errc::payload_invalid);
  EXPECT_EQ(code_of(ask(renewal(device, other.key))), Errc::payload_invalid);
  device.request_no = 0;
  EXPECT_FALSE(code_of(ask(renewal(device, new_key())))) << "the number was left open";
}

TEST_F(ManagerRenew, M13_TheSameCsrKeyGetsTheSameCertificate) {
  Device device = registered();
  const auto fresh = new_key();
  const auto first = as<RenewAnswer>(ask(renewal(device, fresh)));
  now += one_day;
  EXPECT_EQ(as<RenewAnswer>(ask(renewal(device, fresh))).issued, first.issued);
  const auto other = as<RenewAnswer>(ask(renewal(device, new_key())));
  EXPECT_NE(other.issued.id_certificate, first.issued.id_certificate);
}

TEST_F(ManagerRenew, M13_TheOldCertificateHoldsUntilTheFirstMessageUnderTheNew) {
  Device device = registered();
  authorize(device, 1);
  Device old = device;
  renew(device);
  old.request_no = device.request_no;
  authorize(old, 1);  // the answer may have been lost
  device.request_no = old.request_no;
  device.acked = old.acked;
  authorize(device, 1);
  old.request_no = device.request_no;
  EXPECT_EQ(code_of(ask(authorization(old, 1))), Errc::certificate_superseded);
  EXPECT_EQ(code_of(ask(authorization(old, 1))), Errc::certificate_superseded);
  EXPECT_EQ(events(LedgerEventKind::certificate_superseded), 1U);
  authorize(device, 1);  // whom the copy has not harmed, nor its numbers
}

TEST_F(ManagerRenew, M10_WhatComesTwiceOrLateUnderTheOldCertificateIsNoCopy) {
  Device device = registered();
  const auto doubled = authorization(device, 1);
  ask(doubled);
  renew(device);
  authorize(device, 1);
  EXPECT_EQ(code_of(ask(doubled)), Errc::stale);
  EXPECT_EQ(events(LedgerEventKind::certificate_superseded), 0U);
}

TEST_F(ManagerRenew, M9_ANewerCertificateThanTheRecordsMeansThatTheManagerWasRestored) {
  Device device = registered();
  authorize(device, 1);
  const MemoryLedger backup = ledger;
  now += one_day;
  renew(device);
  authorize(device, 1);
  ledger = backup;
  authorize(device, 1);
  EXPECT_EQ(events(LedgerEventKind::instance_adopted), 1U);
  EXPECT_EQ(record(device).certificate, device.issued->id_certificate);
  authorize(device, 1);
  EXPECT_EQ(events(LedgerEventKind::instance_adopted), 1U);
  EXPECT_EQ(events(LedgerEventKind::fork_suspected), 0U);
}

TEST_F(ManagerRenew, M9_ACertificateAdoptedTakesTheStateOfTheNextRequest) {
  Device device = registered();
  authorize(device, 1);
  authorize(device, 1);
  const MemoryLedger backup = ledger;
  now += one_day;
  take(device, as<message::RegisterAnswer>(ask(registration(device, token().text))));
  device.acked.clear();
  ledger = backup;
  authorize(device, 1);
  EXPECT_EQ(events(LedgerEventKind::instance_adopted), 1U);
  EXPECT_EQ(events(LedgerEventKind::fork_suspected), 0U);
}

TEST_F(ManagerRenew, E2_ARenewalInTimeMovesTheEndOfTheUsage) {
  Device device = registered();
  now += 300 * one_day;
  authorize(device, 2);  // bound by the certificate's end, 60 days from now
  EXPECT_EQ(record(device).usage_until, start + 360 * one_day);
  now = start + 360 * one_day - tick;
  renew(device);
  EXPECT_EQ(record(device).usage_until, start + 390 * one_day);
}

TEST_F(ManagerRenew, E7_LateRenewalIsOffByDefault) {
  Device device = registered();
  now += 360 * one_day;
  EXPECT_EQ(code_of(ask(renewal(device, new_key()))), Errc::certificate_expired);
}

TEST_F(ManagerRenew, E7_ALateRenewalHasItsTimeAndMovesNoUsage) {
  allow_late(10 * one_day);
  Device device = registered();
  now += 300 * one_day;
  authorize(device, 2);
  now = start + 370 * one_day;
  EXPECT_EQ(code_of(ask(renewal(device, new_key()))), Errc::certificate_expired);
  --device.request_no;
  now -= tick;
  renew(device);
  EXPECT_EQ(events(LedgerEventKind::late_renewal), 1U);
  EXPECT_EQ(record(device).usage_until, start + 360 * one_day);
  EXPECT_EQ(in_use(now), 0);
  // E2: what has ended stays ended, in-time renewals after it too.
  renew(device);
  EXPECT_EQ(in_use(now), 0);
  EXPECT_EQ(events(LedgerEventKind::late_renewal), 1U);
  authorize(device, 2);
}

TEST_F(ManagerRenew, E7_NoLateRenewalIfANewerCertificateExists) {
  allow_late(10 * one_day);
  Device device = registered();
  now += 359 * one_day;
  const auto lost = new_key();
  const auto answer = as<RenewAnswer>(ask(renewal(device, lost)));
  now += one_day;
  EXPECT_EQ(code_of(ask(renewal(device, new_key()))), Errc::renewal_refused);
  EXPECT_EQ(as<RenewAnswer>(ask(renewal(device, lost))).issued, answer.issued) << "M13";
  EXPECT_EQ(events(LedgerEventKind::late_renewal), 0U);
}

TEST_F(ManagerRenew, M6_ASignerWithTooLittleLifeLeftIsAnInternalRefusal) {
  Device device = registered();
  const UtcTime end = authority.identity.signing.certificate.not_after();
  while (now + 360 * one_day <= end) {
    renew(device);
    authorize(device, 1);
    now += 359 * one_day;
  }
  const auto refusal = as<message::Refusal>(ask(renewal(device, new_key())));
  EXPECT_EQ(refusal.code, Errc::internal);
  EXPECT_NE(refusal.text.find("rotate"), std::string::npos) << refusal.text;
}

}  // namespace
}  // namespace smartlic::licensing::test
