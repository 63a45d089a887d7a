#include "message/world.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "identity/csr.hpp"
#include "identity/encoding.hpp"

namespace smartlic::message::test {
namespace {

using identity::Algorithm;
using identity::SerialNumber;

SerialNumber serial(std::uint64_t value) { return must(SerialNumber::from_u64(value)); }

Uuid uuid(std::string_view text) { return must(Uuid::parse(text)); }

const Bytes nonce{0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
                  0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};

}  // namespace

void fail(const Error& error) {
  std::fprintf(stderr, "%s\n", error.message().c_str());
  std::abort();
}

UtcTime day(int days) {
  using namespace std::chrono;
  return sys_days{2026y / January / 1} + std::chrono::days{days};
}

bool writes_vectors() { return std::getenv("SMARTLIC_WRITE_VECTORS") != nullptr; }

std::string vectors_folder() { return SMARTLIC_VECTORS "/v1/messages"; }

std::string read_text(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in) fail({Errc::not_found, path});
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

void write_text(const std::string& path, const std::string& text) {
  std::filesystem::create_directories(std::filesystem::path{path}.parent_path());
  std::ofstream{path, std::ios::binary} << text;
}

identity::PrivateKey frozen_key(Algorithm algorithm, const std::string& name) {
  const std::string prefix = algorithm == Algorithm::es256 ? "/keys/es256-" : "/keys/rs256-";
  const std::string path = vectors_folder() + prefix + name + ".pem";
  if (writes_vectors() && !std::filesystem::exists(path)) {
    write_text(path, must(identity::PrivateKey::generate(algorithm)).to_pem());
  }
  return must(identity::PrivateKey::from_pem(read_text(path)));
}

Chain::Chain(Algorithm algorithm, const std::string& root_name, const Uuid& manager,
             const Uuid& instance)
    : root_key{frozen_key(algorithm, root_name)},
      root{must(identity::make_root(root_key, {root_name, serial(1), day(-365), day(7300)}))},
      signing{must(
          identity::issue_signing({root, root_key}, {frozen_key(algorithm, "signing").public_key(),
                                                     manager, serial(3), day(-100), day(1500)}))},
      id{must(identity::issue_id({signing, frozen_key(algorithm, "signing")},
                                 {frozen_key(algorithm, "device").public_key(),
                                  instance,
                                  {"CUSP-K9", "8F3KX0QT7ZD"},
                                  "Example Ltd",
                                  serial(969365),
                                  day(30)}))} {}

World::World(Algorithm of)
    : algorithm{of},
      manager{uuid("6d1b2c7e-0d5f-4c63-9a53-2f6a2c1e9b10")},
      instance{uuid("c2f9e3a4-51b7-4e0c-8d2e-9a7b6c5d4e3f")},
      signing_key{frozen_key(of, "signing")},
      device_key{frozen_key(of, "device")},
      fresh_key{frozen_key(of, "fresh")},
      chain{of, "root", manager, instance},
      strange{of, "strange-root", manager, instance},
      roots{must(identity::RootSet::make(1, {chain.root}))} {}

Request World::request(Kind kind) const {
  const RequestBase base{manager, nonce, now};
  switch (kind) {
    case Kind::register_instance: {
      const Bytes csr = must(identity::create_csr(device_key, udi));
      const auto secret_hash = identity::sha256(as_bytes("a token's secret"));
      return RegisterRequest{.base = base,
                             .token_id = "tok-1",
                             .token_proof = token_proof(secret_hash, csr, nonce, manager),
                             .software_tag = "regid.2014-08.com.cisco.CUSP,9.1.5",
                             .udi = udi,
                             .csr_der = csr,
                             .hostname = "cusp.example"};
    }
    case Kind::authorize:
      return AuthorizeRequest{.base = base,
                              .instance = instance,
                              .request_no = 7,
                              .acked = "state-6",
                              .signing_serial = chain.signing.serial().to_string(),
                              .entitlements = {{std::string{tag_5}, 2, "1.0", "CUSP-5"},
                                               {std::string{tag_10}, 1, "1.0", "CUSP-10"}}};
    case Kind::renew:
      return RenewRequest{base, instance, 8, must(identity::create_csr(fresh_key, udi))};
    case Kind::deregister:
      return DeregisterRequest{base, instance, 9};
  }
  std::abort();
}

SealedRequest World::seal(const Request& request) const {
  if (const auto* registration = std::get_if<RegisterRequest>(&request)) {
    return must(seal_registration(*registration, device_key));
  }
  return must(seal_request(request, device_key, chain.id, chain.signing));
}

identity::Certificate World::issue_id(const identity::PublicKey& key, const Uuid& to) const {
  return must(identity::issue_id({chain.signing, signing_key},
                                 {key, to, udi, "Example Ltd", serial(969366), now}));
}

Answer World::grant(const Request& request, const identity::Sha256& request_hash) const {
  const AnswerBase base{manager, base_of(request).nonce, request_hash, now, {}};
  switch (kind_of(request)) {
    case Kind::register_instance:
      return RegisterAnswer{
          base,
          instance,
          {issue_id(device_key.public_key(), instance), chain.signing, std::chrono::days{180}},
          "Default"};
    case Kind::authorize:
      return AuthorizeAnswer{.base = base,
                             .instance = instance,
                             .status = ComplianceStatus::OutOfCompliance,
                             .tags = {{std::string{tag_5}, ComplianceStatus::InCompliance},
                                      {std::string{tag_10}, ComplianceStatus::OutOfCompliance}},
                             .start_date = now - std::chrono::seconds{326},  // D3
                             .expiry = std::chrono::seconds{7775674},
                             .retry_interval = std::chrono::seconds{43200},
                             .state = "state-7"};
    case Kind::renew:
      return RenewAnswer{
          base,
          instance,
          {issue_id(fresh_key.public_key(), instance), chain.signing, std::chrono::days{180}}};
    case Kind::deregister:
      return DeregisterAnswer{base, instance};
  }
  std::abort();
}

Answer World::refusal(const Request& request, const identity::Sha256& request_hash) const {
  return Refusal{.base = {manager, base_of(request).nonce, request_hash, now, {}},
                 .code = Errc::stale,
                 .text = "a request with number 9 was decided",
                 .retry_after = std::chrono::seconds{60},
                 .highest_request_no = 9};
}

Bytes World::seal(const Answer& answer) const {
  return must(seal_answer(answer, signing_key, chain.signing));
}

const World& world(Algorithm algorithm) {
  static const World es256{Algorithm::es256};
  static const World rs256{Algorithm::rs256};
  return algorithm == Algorithm::es256 ? es256 : rs256;
}

}  // namespace smartlic::message::test
