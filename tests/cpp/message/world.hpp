#pragma once
// A manager and a device with frozen keys (tests/vectors/v1/messages/keys), and one good message of
// each sort.

#include <string>
#include <utility>

#include "identity/authority.hpp"
#include "identity/certificate.hpp"
#include "identity/chain.hpp"
#include "identity/keys.hpp"
#include "identity/roots.hpp"
#include "message/answer_ladder.hpp"
#include "message/messages.hpp"
#include "message/request_ladder.hpp"
#include "message/sealing.hpp"

namespace smartlic::message::test {

/// The value, or the end of the test binary with the error's text.
[[noreturn]] void fail(const Error& error);
template <class T>
T must(Result<T> result) {
  if (!result) fail(result.error());
  return *std::move(result);
}

/// A time by its days since 2026-01-01.
[[nodiscard]] UtcTime day(int days);

/// With SMARTLIC_WRITE_VECTORS set, tests/vectors/v1/messages is written anew (keys only if
/// missing) before it is read.
[[nodiscard]] bool writes_vectors();

[[nodiscard]] std::string read_text(const std::string& path);
void write_text(const std::string& path, const std::string& text);
[[nodiscard]] std::string vectors_folder();

/// The frozen private key of this name, as `es256-root`. Test keys: they are public, and protect
/// nothing.
[[nodiscard]] identity::PrivateKey frozen_key(identity::Algorithm algorithm,
                                              const std::string& name);

/// Three certificates on two chains: one that is pinned, and one like it under a stranger's root.
struct Chain {
  Chain(identity::Algorithm algorithm, const std::string& root_name, const Uuid& manager,
        const Uuid& instance);
  identity::PrivateKey root_key;
  identity::Certificate root;
  identity::Certificate signing;
  identity::Certificate id;
};

struct World {
  explicit World(identity::Algorithm algorithm);

  identity::Algorithm algorithm;
  Uuid manager;
  Uuid instance;
  identity::Udi udi{"CUSP-K9", "8F3KX0QT7ZD"};
  identity::PrivateKey signing_key;
  identity::PrivateKey device_key;
  identity::PrivateKey fresh_key;  ///< of a renewal
  Chain chain;
  Chain strange;  ///< the same keys and names below a root that nobody pinned
  identity::RootSet roots;
  UtcTime now = day(60);

  [[nodiscard]] Request request(Kind kind) const;
  [[nodiscard]] SealedRequest seal(const Request& request) const;
  /// What grants `request`, whose hash is `request_hash`.
  [[nodiscard]] Answer grant(const Request& request, const identity::Sha256& request_hash) const;
  [[nodiscard]] Answer refusal(const Request& request, const identity::Sha256& request_hash) const;
  [[nodiscard]] Bytes seal(const Answer& answer) const;
  /// A new ID certificate for this key.
  [[nodiscard]] identity::Certificate issue_id(const identity::PublicKey& key,
                                               const Uuid& to) const;

  [[nodiscard]] AnswerPins answer_pins() const { return {manager, roots, {}}; }
  [[nodiscard]] RequestPins request_pins() const { return {manager, roots}; }
};

/// One of each algorithm, made once.
[[nodiscard]] const World& world(identity::Algorithm algorithm = identity::Algorithm::es256);

inline constexpr std::array all_kinds{Kind::register_instance, Kind::authorize, Kind::renew,
                                      Kind::deregister};
inline constexpr std::array both_algorithms{identity::Algorithm::es256, identity::Algorithm::rs256};

inline constexpr std::string_view tag_5 =
    "regid.2014-08.com.cisco.CUSP-5,1.0_8f106f12-4d11-44b7-8f36-f7aee3dfaa01";
inline constexpr std::string_view tag_10 =
    "regid.2014-08.com.cisco.CUSP-10,1.0_a2f0e2a6-9c30-4f3c-9f5c-0b1fd1f2c7f0";

}  // namespace smartlic::message::test
