#pragma once
// One authority, one device and the moments they live at; and certificates that are odd in one way.

#include <chrono>
#include <string>
#include <vector>

#include "identity/authority.hpp"
#include "identity/certificate.hpp"
#include "identity/keys.hpp"
#include "identity/openssl.hpp"
#include "identity/roots.hpp"

namespace smartlic::identity::test {

using namespace std::chrono_literals;
using std::chrono::sys_days;

inline constexpr UtcTime t0 = sys_days{std::chrono::year{2026} / 1 / 1};
inline constexpr Ms one_year = std::chrono::days{365};

inline const Uuid manager_id = *Uuid::parse("8f106f12-4d11-44b7-8f36-f7aee3dfaa01");
inline const Uuid instance_id = *Uuid::parse("3c2b7a52-0d4e-4c8a-9d0e-0f5b8a7c6d5e");
inline const Udi udi{"CUSP-SRE-K9", "ABCDEFGHJKM"};

/// A key pair of tests/vectors; the same in every run, so TBSCertificates can be compared with
/// golden files.
[[nodiscard]] PrivateKey fixed_key(const std::string& name);

[[nodiscard]] inline SerialNumber number(std::uint64_t value) {
  return *SerialNumber::from_u64(value);
}

/// A root, a signing certificate, an ID certificate and their keys.
struct World {
  PrivateKey root_key = fixed_key("root");
  PrivateKey signing_key = fixed_key("signing");
  PrivateKey device_key = fixed_key("device");
  Signer root{*make_root(root_key, {"Example root", number(1), t0, t0 + 20 * one_year}), root_key};
  Signer signing{*issue_signing(root, signing_order()), signing_key};
  Certificate id = *issue_id(signing, id_order());
  RootSet roots = *RootSet::make(1, {root.certificate});

  [[nodiscard]] SigningOrder signing_order() const {
    return {signing_key.public_key(), manager_id, number(2), t0, t0 + 5 * one_year};
  }
  [[nodiscard]] IdOrder id_order() const {
    return {device_key.public_key(), instance_id, udi, "Example account", number(970857), t0 + 24h};
  }
  [[nodiscard]] TlsServerOrder tls_order() const {
    return {device_key.public_key(),
            {"manager.example"},
            {"127.0.0.1", "::1"},
            number(3),
            t0,
            t0 + one_year};
  }
};

/// Changes a certificate behind the back of its issuer, then lets the issuer's key sign the result.
class Forge {
 public:
  explicit Forge(const Certificate& model);
  /// Puts an extension in the place of the one of its kind. `value` as in OpenSSL's configuration
  /// files.
  Forge& set(int nid, const std::string& value);
  Forge& add(int nid, const std::string& value);
  Forge& drop(int nid);
  Forge& unknown_critical();
  Forge& issuer(const Certificate& other);
  Forge& common_name(const std::string& text);
  Forge& version(long number);
  Forge& not_before(const std::string& generalized_time);
  [[nodiscard]] Bytes der(const PrivateKey& signer) const;
  [[nodiscard]] Certificate sign(const PrivateKey& signer) const;

 private:
  ossl::X509Cert x_;
};

/// Reads a file of tests/vectors/identity.
[[nodiscard]] std::string vector_text(const std::string& name);

}  // namespace smartlic::identity::test
