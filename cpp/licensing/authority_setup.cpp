#include "licensing/authority_setup.hpp"

#include <algorithm>

#include "identity/roots.hpp"

namespace smartlic::licensing {
namespace {

constexpr std::size_t state_key_bytes = 32;

Result<identity::Signer> make_signing(const identity::Signer& root, const Uuid& manager,
                                      const identity::SerialNumber& serial, UtcTime now,
                                      const AuthorityOrder& order) {
  auto key = identity::PrivateKey::generate(order.algorithm, order.rsa_bits);
  if (!key) return key.error();
  auto certificate = identity::issue_signing(
      root, {.key = key->public_key(),
             .manager = manager,
             .serial = serial,
             .not_before = now - identity::id_backdate,  // for clocks behind, as M6 does
             .not_after = std::min(now + signing_lifetime, root.certificate.not_after())});
  if (!certificate) return certificate.error();
  return identity::Signer{*std::move(certificate), *std::move(key)};
}

/// The number after this one: small numbers, as the source's (S17, S18), that only rise.
Result<identity::SerialNumber> next_serial(const identity::SerialNumber& serial) {
  Bytes digits{serial.bytes().begin(), serial.bytes().end()};
  auto digit = digits.rbegin();
  while (digit != digits.rend() && ++*digit == 0) ++digit;
  if (digit == digits.rend()) digits.insert(digits.begin(), 1);
  return identity::SerialNumber::from_bytes(digits);
}

bool is_held(const identity::RootSet& roots, const identity::Certificate& root) {
  return std::ranges::find(roots.roots(), root) != roots.roots().end();
}

}  // namespace

Result<identity::Signer> new_root(identity::Entropy& entropy, UtcTime now,
                                  const AuthorityOrder& order) {
  auto key = identity::PrivateKey::generate(order.algorithm, order.rsa_bits);
  if (!key) return key.error();
  auto certificate = identity::make_root(*key, {.name = order.root_name,
                                                .serial = identity::SerialNumber::random(entropy),
                                                .not_before = now - identity::id_backdate,
                                                .not_after = now + root_lifetime});
  if (!certificate) return certificate.error();
  return identity::Signer{*std::move(certificate), *std::move(key)};
}

Result<NewAuthority> new_authority(identity::Entropy& entropy, UtcTime now,
                                   const AuthorityOrder& order) {
  auto root = new_root(entropy, now, order);
  if (!root) return root.error();
  auto roots = identity::RootSet::make(1, {root->certificate});
  if (!roots) return roots.error();
  const auto first = identity::SerialNumber::from_u64(1);
  if (!first) return first.error();
  const Uuid manager = entropy.uuid();
  auto signing = make_signing(*root, manager, *first, now, order);
  if (!signing) return signing.error();
  return NewAuthority{
      .root = *std::move(root),
      .identity = {.manager = manager,
                   .roots = *roots,
                   .signing = *std::move(signing),
                   .roots_update = {},
                   .state_key = entropy.bytes(state_key_bytes),
                   .logical_account = order.logical_account},
      .trust = {manager, *roots},
  };
}

bool signing_due_for_rotation(const identity::Certificate& signing, UtcTime now, Ms id_lifetime) {
  return signing.not_after() - now <= 2 * id_lifetime;
}

Result<ManagerIdentity> rotate_signing(const identity::Signer& root,
                                       const ManagerIdentity& identity, UtcTime now,
                                       const AuthorityOrder& order) {
  if (!is_held(identity.roots, root.certificate)) {
    return Error{Errc::invalid_argument, "publish this root first; no device holds it"};
  }
  const auto serial = next_serial(identity.signing.certificate.serial());
  if (!serial) return serial.error();
  auto signing = make_signing(root, identity.manager, *serial, now, order);
  if (!signing) return signing.error();
  ManagerIdentity out = identity;
  out.signing = *std::move(signing);
  return out;
}

Result<RootSwap> swap_roots(const identity::Signer& held, const ManagerIdentity& identity,
                            std::vector<identity::Certificate> roots) {
  if (!is_held(identity.roots, held.certificate)) {
    return Error{Errc::invalid_argument, "the root that signs is not one that devices hold"};
  }
  auto next = identity::RootSet::make(identity.roots.version() + 1, std::move(roots));
  if (!next) return next.error();
  if (next->find_issuer(identity.signing.certificate) == nullptr) {
    return Error{Errc::invalid_argument,
                 "the set lacks the signing certificate's root; rotate that certificate first"};
  }
  const message::TrustFile trust{identity.manager, *next};
  auto update = message::seal_roots(trust, held.key);
  if (!update) return update.error();
  ManagerIdentity out = identity;
  out.roots = *std::move(next);
  out.roots_update = *std::move(update);
  return RootSwap{std::move(out), trust};
}

}  // namespace smartlic::licensing
