// One operation of the core per process, for tests/python/test_purity.py:
//
//   purity_operations list                 names, each with where it may draw randomness: nowhere
//   (`core`) or in a `key` purity_operations make FOLDER ALG      keys and certificates for the
//   operations to work on, made in a process apart purity_operations run NAME FOLDER      one
//   operation, watched by the preloaded shim (shim.cpp)
//
// The inputs come from another process because generating a key seeds OpenSSL, which would hide a
// later draw.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "identity/authority.hpp"
#include "identity/chain.hpp"
#include "identity/csr.hpp"
#include "identity/encoding.hpp"
#include "identity/entropy.hpp"
#include "identity/hash.hpp"
#include "identity/keys.hpp"
#include "identity/roots.hpp"
#include "identity/udi.hpp"
#include "logs/dating.hpp"
#include "logs/reader.hpp"
#include "logs/writer.hpp"

namespace {

using namespace smartlic;
using namespace smartlic::identity;

constexpr UtcTime epoch{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
constexpr Entropy::Seed seed{1, 2, 3};

/// Ends the process loudly if what it needs did not work: an operation that fails early would look
/// pure.
template <class T>
T need(Result<T> result) {
  if (result.ok()) return std::move(result).value();
  std::fprintf(stderr, "%s\n", result.error().message().c_str());
  std::exit(2);
}
void need(const Result<void>& result) {
  if (result.ok()) return;
  std::fprintf(stderr, "%s\n", result.error().message().c_str());
  std::exit(2);
}
void need(bool holds) {
  if (holds) return;
  std::fprintf(stderr, "an operation did not give what it should\n");
  std::exit(2);
}

Uuid uuid() { return Uuid::from_entropy({7}); }
Udi udi() { return need(Udi::make("CUSP", "ABC12345678")); }
SerialNumber serial(std::uint64_t number) { return need(SerialNumber::from_u64(number)); }

/// What the operations work on; read before the shim is armed.
struct Inputs {
  std::string root_key, root, signing_key, signing, id_key, id, csr, signature;
};

std::array<std::pair<const char*, std::string Inputs::*>, 8> files{
    {{"root.key", &Inputs::root_key},
     {"root.pem", &Inputs::root},
     {"signing.key", &Inputs::signing_key},
     {"signing.pem", &Inputs::signing},
     {"id.key", &Inputs::id_key},
     {"id.pem", &Inputs::id},
     {"id.csr", &Inputs::csr},
     {"signature", &Inputs::signature}}};

Signer signer(const std::string& certificate, const std::string& key) {
  return {need(Certificate::from_pem(certificate)), need(PrivateKey::from_pem(key))};
}

Certificate issue_id_certificate(const Signer& signing, const PublicKey& key) {
  return need(issue_id(signing, {key, uuid(), udi(), "account", serial(3), epoch}));
}

Inputs make_inputs(Algorithm algorithm) {
  const PrivateKey root_key = need(PrivateKey::generate(algorithm));
  const PrivateKey signing_key = need(PrivateKey::generate(algorithm));
  const PrivateKey id_key = need(PrivateKey::generate(algorithm));
  const Signer root{need(make_root(root_key, {"root", serial(1), epoch, epoch + 4000 * one_day})),
                    root_key};
  const Signer signing{need(issue_signing(root, {signing_key.public_key(), uuid(), serial(2), epoch,
                                                 epoch + 2000 * one_day})),
                       signing_key};
  const Certificate id = issue_id_certificate(signing, id_key.public_key());
  const Bytes csr = need(create_csr(id_key, udi()));
  const Bytes signature = need(id_key.sign(as_bytes("data")));
  return {root_key.to_pem(),         root.certificate.pem(),
          signing_key.to_pem(),      signing.certificate.pem(),
          id_key.to_pem(),           id.pem(),
          std::string{as_text(csr)}, std::string{as_text(signature)}};
}

RootSet roots(const Inputs& in) {
  return need(RootSet::make(1, {need(Certificate::from_pem(in.root))}));
}

// The operations. All that a function does is watched.

void hash(const Inputs& in) {
  need(sha256(as_bytes(in.root)) != hmac_sha256(as_bytes("key"), as_bytes(in.root)));
}
void draw_from_seed(const Inputs& /*in*/) {
  Entropy entropy{seed};
  need(!entropy.uuid().is_nil() && random_serial(entropy).size() == 11);
}
void read_certificate(const Inputs& in) {
  need(need(Certificate::from_pem(in.id)).urn_uuid() == uuid());
}
void read_csr(const Inputs& in) { need(need(Csr::from_der(as_bytes(in.csr))).udi() == udi()); }
// Reading a private key signs once, to see that its halves belong together (keys.hpp).
void read_key(const Inputs& in) {
  need(!need(PrivateKey::from_pem(in.id_key)).public_key().thumbprint().empty());
}
void write_key(const Inputs& in) {
  need(need(PrivateKey::from_pem(in.id_key)).to_pem() == in.id_key);
}
void write_encrypted_key(const Inputs& in) {
  const std::string pem =
      need(need(PrivateKey::from_pem(in.id_key)).to_pem("passphrase", {4, 5, 6}));
  need(need(PrivateKey::from_pem(pem, "passphrase")).to_pem() == in.id_key);
}
void verify_signature(const Inputs& in) {
  const Certificate id = need(Certificate::from_pem(in.id));
  need(id.public_key().verify(as_bytes("data"), as_bytes(in.signature)));
  need(!id.public_key().verify(as_bytes("Data"), as_bytes(in.signature)));
}
void verify_chain(const Inputs& in) {
  const Certificate id = need(Certificate::from_pem(in.id));
  const Certificate signing = need(Certificate::from_pem(in.signing));
  need(verify_request_signer(id, signing, roots(in)));
  need(dates_valid_at(std::array{id, signing}, epoch + one_day));
  need(!dates_valid_at(std::array{id, signing}, epoch + 361 * one_day).ok());
}
void verify_chain_cached(const Inputs& in) {
  const Certificate id = need(Certificate::from_pem(in.id));
  const Certificate signing = need(Certificate::from_pem(in.signing));
  ChainCache cache;
  need(need(cache.request_chain(id.der(), signing.der(), roots(in))).leaf == id);
  need(need(cache.request_chain(id.der(), signing.der(), roots(in))).leaf == id);
}
void generate_key(const Inputs& in) {
  const Algorithm algorithm = need(Certificate::from_pem(in.id)).public_key().algorithm();
  need(need(PrivateKey::generate(algorithm)).algorithm() == algorithm);
}
void sign(const Inputs& in) {
  need(!need(need(PrivateKey::from_pem(in.id_key)).sign(as_bytes("data"))).empty());
}
void write_csr(const Inputs& in) {
  need(!need(create_csr(need(PrivateKey::from_pem(in.id_key)), udi())).empty());
}
void issue_certificate(const Inputs& in) {
  const PublicKey key = need(Certificate::from_pem(in.id)).public_key();
  need(issue_id_certificate(signer(in.signing, in.signing_key), key).public_key() == key);
}
void issue_authorities(const Inputs& in) {
  const Signer root = signer(in.root, in.root_key);
  const PublicKey key = need(Certificate::from_pem(in.id)).public_key();
  need(need(make_root(root.key, {"root", serial(1), epoch, epoch + one_day})).is_ca());
  need(need(issue_signing(root, {key, uuid(), serial(2), epoch, epoch + one_day})).is_ca());
  need(!need(issue_tls_server(
                 root, {key, {"localhost"}, {"127.0.0.1"}, serial(5), epoch, epoch + one_day}))
            .is_ca());
}

// Dates and zones are reckoned without the machine's clock and zone.
void read_log(const Inputs& /*in*/) {
  logs::LogReader reader;
  reader.feed(
      as_bytes("23:43:53,400 277058 [t] ERROR x\n22:48:28,516 1461208243 [t] DEBUG root - "));
  reader.feed(as_bytes("start_date:1494337382539, compliance_status:OOC,expiry:7775673"));
  reader.finish();
  const auto dates = logs::date_runs(reader.runs(), reader.entries());
  const logs::Entry& answer = reader.entries().at(1);
  need(dates.at(1).zone == std::chrono::hours{9});
  need(logs::date_entry(reader.entries().at(0), dates).latest.has_value());
  need(logs::clock_skew(answer, dates) == Ms{-1023});
  need(logs::write_entry(answer).starts_with("22:48:28,516 1461208243 ["));
}

/// No part of the core: does everything that the shim watches for, so that the test sees the shim
/// see it.
void control(const Inputs& /*in*/) {
  timespec now{};
  timeval day{};
  std::array<unsigned char, 4> bytes{};
  need(time(nullptr) > 0 && clock_gettime(CLOCK_MONOTONIC, &now) == 0 &&
       gettimeofday(&day, nullptr) == 0);
  need(std::chrono::system_clock::now() > std::chrono::system_clock::time_point{});
  need(getentropy(bytes.data(), bytes.size()) == 0 &&
       getrandom(bytes.data(), bytes.size(), 0) == 4);
  need(syscall(SYS_getrandom, bytes.data(), bytes.size(), 0) == 4);
  const int device = open("/dev/urandom", O_RDONLY);
  need(device >= 0 && close(device) == 0);
  std::FILE* const stream = std::fopen("/dev/urandom", "r");
  need(stream != nullptr && std::fclose(stream) == 0);
}

struct Operation {
  const char* name;
  const char* may_draw;  ///< `core`: nothing at all; `key`: only inside OpenSSL's key generation
                         ///< and signing
  void (*run)(const Inputs&);
};

constexpr std::array operations{
    Operation{"hash", "core", hash},
    Operation{"draw_from_seed", "core", draw_from_seed},
    Operation{"read_certificate", "core", read_certificate},
    Operation{"read_csr", "core", read_csr},
    Operation{"verify_signature", "core", verify_signature},
    Operation{"verify_chain", "core", verify_chain},
    Operation{"verify_chain_cached", "core", verify_chain_cached},
    Operation{"generate_key", "key", generate_key},
    Operation{"read_key", "key", read_key},
    Operation{"write_key", "key", write_key},
    Operation{"write_encrypted_key", "key", write_encrypted_key},
    Operation{"sign", "key", sign},
    Operation{"write_csr", "key", write_csr},
    Operation{"issue_certificate", "key", issue_certificate},
    Operation{"issue_authorities", "key", issue_authorities},
    Operation{"read_log", "core", read_log},
    Operation{"control", "control", control},
};

int list() {
  for (const Operation& operation : operations)
    std::printf("%s %s\n", operation.name, operation.may_draw);
  return 0;
}

int make(const std::filesystem::path& folder, std::string_view algorithm) {
  const Inputs in = make_inputs(algorithm == "ES256" ? Algorithm::es256 : Algorithm::rs256);
  for (const auto& [name, member] : files)
    std::ofstream{folder / name, std::ios::binary} << in.*member;
  return 0;
}

int run(std::string_view name, const std::filesystem::path& folder) {
  const auto arm = reinterpret_cast<void (*)()>(dlsym(RTLD_DEFAULT, "smartlic_purity_arm"));
  const auto disarm = reinterpret_cast<void (*)()>(dlsym(RTLD_DEFAULT, "smartlic_purity_disarm"));
  if (arm == nullptr || disarm == nullptr) {
    std::fprintf(stderr, "the shim is not preloaded (LD_PRELOAD)\n");
    return 2;
  }
  Inputs in;
  for (const auto& [file, member] : files) {
    std::ifstream stream{folder / file, std::ios::binary};
    (in.*member).assign(std::istreambuf_iterator<char>{stream}, {});
  }
  for (const Operation& operation : operations) {
    if (name != operation.name) continue;
    arm();
    operation.run(in);
    disarm();
    return 0;
  }
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view verb = argc > 1 ? argv[1] : "";
  if (verb == "list" && argc == 2) return list();
  if (verb == "make" && argc == 4) return make(argv[2], argv[3]);
  if (verb == "run" && argc == 4) return run(argv[2], argv[3]);
  std::fprintf(stderr, "usage: purity_operations list | make FOLDER ALG | run NAME FOLDER\n");
  return 2;
}
