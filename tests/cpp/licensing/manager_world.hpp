#pragma once
// A manager, its ledger, and devices that are no more than keys and counters: what a test wants to
// send is sent, right or wrong.

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "licensing/authority_setup.hpp"
#include "licensing/catalogue.hpp"
#include "licensing/manager.hpp"
#include "licensing/memory_ledger.hpp"
#include "licensing/registration_token.hpp"
#include "message/answer_ladder.hpp"
#include "message/sealing.hpp"

namespace smartlic::licensing::test {

inline constexpr UtcTime start{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
inline const std::string cusp = Catalogue{}.entries().front().tag;
inline constexpr Ms tick{1};

inline identity::PrivateKey new_key() {
  return *identity::PrivateKey::generate(identity::Algorithm::es256);
}

/// A device as the manager sees it. Copying it makes a clone.
struct Device {
  identity::Udi udi = *identity::Udi::make("CUSP", "ABCDEFGHIJK");
  identity::PrivateKey key = new_key();
  std::optional<message::Issued> issued;
  Uuid instance;
  std::uint64_t request_no = 0;
  std::string acked;
};

inline std::optional<Errc> code_of(const message::Answer& answer) {
  const auto* refusal = std::get_if<message::Refusal>(&answer);
  return refusal == nullptr ? std::nullopt : std::optional{refusal->code};
}

/// The answer as this type; the test fails if it is another.
template <class T>
T as(const message::Answer& answer) {
  const auto* out = std::get_if<T>(&answer);
  if (out != nullptr) return *out;
  const auto* refusal = std::get_if<message::Refusal>(&answer);
  ADD_FAILURE() << "another answer: " << (refusal ? refusal->text : "a granting one");
  throw std::runtime_error{"no such answer"};
}

class World : public ::testing::Test {
 protected:
  World() { ledger.add_tag(cusp, start); }

  void use_policy(const ManagerPolicy& policy) { renew_manager(authority.identity, policy); }
  void renew_manager(const ManagerIdentity& identity, const ManagerPolicy& policy) {
    manager.emplace(identity, policy, entropy.seed());
  }
  void buy(std::int64_t count, UtcTime end = never) {
    ASSERT_TRUE(ledger.purchase("default", cusp, {count, start, end}, now));
  }
  NewToken token(std::int64_t max_uses = 1, UtcTime expires = never,
                 const std::string& account = "default") {
    auto out = *make_token(entropy, account, expires, max_uses);
    EXPECT_TRUE(ledger.add_token(out.record, now));
    return out;
  }

  message::RequestBase base() { return {authority.identity.manager, entropy.bytes(16), now}; }
  message::SealedRequest registration(const Device& device, const std::string& token_text) {
    const auto parts = *parse_token(token_text);
    const Bytes csr = *identity::create_csr(device.key, device.udi);
    const auto common = base();
    const auto proof = message::token_proof(parts.secret_hash, csr, common.nonce, common.manager);
    return *message::seal_registration(
        {common, parts.id, proof, "regid.2014-08.com.cisco.CUSP,1.0", device.udi, csr, "host"},
        device.key);
  }
  message::SealedRequest sealed(const Device& device, const message::Request& request) {
    return *message::seal_request(request, device.key, device.issued->id_certificate,
                                  device.issued->signing_certificate);
  }
  message::SealedRequest authorization(Device& device, std::int64_t count,
                                       const std::string& tag = cusp) {
    message::AuthorizeRequest request{base(),
                                      device.instance,
                                      ++device.request_no,
                                      device.acked,
                                      device.issued->signing_certificate.serial().to_string(),
                                      {}};
    if (count > 0) request.entitlements.push_back({tag, count, "1.0", "CUSP-5"});
    return sealed(device, request);
  }
  message::SealedRequest renewal(Device& device, const identity::PrivateKey& fresh) {
    return sealed(device, message::RenewRequest{base(), device.instance, ++device.request_no,
                                                *identity::create_csr(fresh, device.udi)});
  }
  message::SealedRequest deregistration(Device& device) {
    return sealed(device, message::DeregisterRequest{base(), device.instance, ++device.request_no});
  }

  /// Serves a request and climbs the agent's own ladder with the answer.
  message::Answer ask(const message::SealedRequest& request, Channel channel = Channel::online) {
    return opened(request, serve(*manager, ledger, request.bytes, now, channel));
  }
  message::Answer opened(const message::SealedRequest& request, const Reply& reply) {
    EXPECT_EQ(reply.http_status, 200) << as_text(reply.body);
    identity::ChainCache chains;
    auto verified = message::verify_answer(
        reply.body, {authority.identity.manager, manager->identity().roots, {}},
        std::vector{request.open}, chains);
    if (!verified) {
      ADD_FAILURE() << verified.error().message();
      throw std::runtime_error{"no valid answer"};
    }
    return verified->answer;
  }

  // What a device that works as it should does.
  void take(Device& device, const message::RegisterAnswer& answer) {
    device.instance = answer.instance;
    device.issued = answer.issued;
  }
  Device registered(const std::string& serial = "ABCDEFGHIJK") {
    Device device;
    device.udi.serial = serial;
    take(device, as<message::RegisterAnswer>(ask(registration(device, token().text))));
    return device;
  }
  message::AuthorizeAnswer authorize(Device& device, std::int64_t count) {
    auto answer = as<message::AuthorizeAnswer>(ask(authorization(device, count)));
    device.acked = answer.state;
    return answer;
  }
  void renew(Device& device) {
    const auto fresh = new_key();
    device.issued = as<message::RenewAnswer>(ask(renewal(device, fresh))).issued;
    device.key = fresh;
  }

  const InstanceRecord& record(const Device& device) {
    return ledger.instances().at(device.instance);
  }
  std::int64_t in_use(UtcTime at) {
    for (const auto& row : ledger.inventory("default", at)) {
      if (row.tag == cusp) return row.in_use;
    }
    return 0;
  }
  std::size_t events(LedgerEventKind kind) {
    std::size_t out = 0;
    for (const auto& event : ledger.events()) out += event.kind == kind;
    return out;
  }

  identity::Entropy entropy{identity::Entropy::Seed{1}};
  UtcTime now = start;
  NewAuthority authority = *new_authority(entropy, start);
  MemoryLedger ledger;
  std::optional<Manager> manager{std::in_place, authority.identity, ManagerPolicy{},
                                 entropy.seed()};
};

}  // namespace smartlic::licensing::test
