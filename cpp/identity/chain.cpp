#include "identity/chain.hpp"

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "identity/der.hpp"

namespace smartlic::identity {
namespace {

Error untrusted(std::string_view who, std::string_view why) {
  return {Errc::chain_untrusted, std::string{who} + ": " + std::string{why}};
}

/// What a signing certificate lacks (RULES M3); null if nothing.
const char* signing_fault(const Certificate& signing, const RootSet& roots) {
  if (roots.find_issuer(signing) == nullptr) return "not issued directly by a pinned root";
  if (!signing.is_ca()) return "not CA:true";
  if (signing.path_len() != 0U) return "its path length is not 0";
  if (signing.key_usages() != (key_usage::key_cert_sign | key_usage::digital_signature)) {
    return "its key usage is not keyCertSign and digitalSignature";
  }
  if (!signing.ext_key_usages().empty()) return "it has an extended key usage";
  if (!signing.urn_uuid()) return "its one alternative name is not urn:uuid: of a manager";
  if (signing.has_unknown_critical()) return "it has an unknown critical extension";
  return nullptr;
}

/// What an ID certificate lacks (RULES M3, M6); null if nothing.
const char* leaf_fault(const Certificate& leaf, const Certificate& signing) {
  const auto purposes = leaf.ext_key_usages();
  const auto instance = leaf.urn_uuid();
  if (!leaf.issued_by(signing)) return "not issued by the signing certificate beside it";
  if (!leaf.has_basic_constraints() || leaf.is_ca()) return "not CA:false";
  if (leaf.key_usages() != key_usage::digital_signature) {
    return "its key usage is not digitalSignature alone";
  }
  if (purposes.size() != 1 || purposes.front() != ext_key_usage::client_auth) {
    return "its extended key usage is not clientAuth alone";
  }
  if (!instance) return "its one alternative name is not urn:uuid: of a product instance";
  if (leaf.common_name() != instance->to_string()) {
    return "its common name and its alternative name are two instances";
  }
  if (leaf.has_unknown_critical()) return "it has an unknown critical extension";
  return nullptr;
}

/// As a ladder's rung says it: a certificate that cannot be read is not a trusted one (RULES M8).
Result<Certificate> read(std::string_view who, ByteView der) {
  auto certificate = Certificate::from_der(der);
  if (certificate || certificate.error().code == Errc::algorithm_refused) return certificate;
  return untrusted(who, certificate.error().detail);
}

/// What names a chain: everything that its verification depends on. Lengths keep two certificates
/// from being read as others.
Sha256 key_of(std::initializer_list<ByteView> certificates, const RootSet& roots) {
  Bytes text(roots.digest().begin(), roots.digest().end());
  for (const auto der : certificates) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
      text.push_back(static_cast<std::uint8_t>(der.size() >> shift));
    }
    text.insert(text.end(), der.begin(), der.end());
  }
  return sha256(text);
}

struct FirstBytes {
  std::size_t operator()(const Sha256& key) const {
    std::size_t out = 0;
    std::memcpy(&out, key.data(), sizeof out);
    return out;
  }
};

/// A bounded map in two generations: what is found in the old one moves to the young one, and when
/// this is half the capacity, the old one goes.
template <class Value>
class Generations {
 public:
  explicit Generations(std::size_t capacity) : half_{std::max<std::size_t>(capacity / 2, 1)} {}

  std::optional<Value> find(const Sha256& key) {
    const std::lock_guard lock{mutex_};
    if (const auto found = young_.find(key); found != young_.end()) return found->second;
    auto found = old_.extract(key);
    if (found.empty()) return std::nullopt;
    return put(key, std::move(found.mapped()));
  }

  void insert(const Sha256& key, Value value) {
    const std::lock_guard lock{mutex_};
    put(key, std::move(value));
  }

  std::size_t size() const {
    const std::lock_guard lock{mutex_};
    return young_.size() + old_.size();
  }

 private:
  const Value& put(const Sha256& key, Value value) {
    if (young_.size() >= half_) old_ = std::exchange(young_, {});
    return young_.insert_or_assign(key, std::move(value)).first->second;
  }

  using Map = std::unordered_map<Sha256, Value, FirstBytes>;
  mutable std::mutex mutex_;
  std::size_t half_;
  Map young_;
  Map old_;
};

}  // namespace

struct ChainCache::Impl {
  explicit Impl(std::size_t capacity) : signers{capacity}, chains{capacity} {}
  Generations<Certificate> signers;
  Generations<RequestChain> chains;
};

Result<void> verify_answer_signer(const Certificate& signing, const RootSet& roots) {
  const char* fault = signing_fault(signing, roots);
  return fault == nullptr ? Result<void>{} : untrusted("signing certificate", fault);
}

Result<void> verify_request_signer(const Certificate& leaf, const Certificate& signing,
                                   const RootSet& roots) {
  if (auto trusted = verify_answer_signer(signing, roots); !trusted) return trusted;
  const char* fault = leaf_fault(leaf, signing);
  return fault == nullptr ? Result<void>{} : untrusted("ID certificate", fault);
}

Result<void> verify_not_older(const Certificate& signing, const SerialNumber& newest_seen) {
  if (signing.serial() >= newest_seen) return {};
  return untrusted("signing certificate", "its serial number " + signing.serial().to_string() +
                                              " is lower than " + newest_seen.to_string() +
                                              ", which was seen before");
}

Result<void> dates_valid_at(std::span<const Certificate> certificates, UtcTime t) {
  for (const auto& each : certificates) {
    if (each.valid_at(t)) continue;
    return Error{Errc::certificate_expired,
                 "'" + each.common_name() + "' is valid from " + utc_text(each.not_before()) +
                     " to " + utc_text(each.not_after()) + ", not at " + utc_text(t)};
  }
  return {};
}

ChainCache::ChainCache(std::size_t capacity) : impl_{std::make_unique<Impl>(capacity)} {}
ChainCache::~ChainCache() = default;

Result<Certificate> ChainCache::answer_signer(ByteView signing_der, const RootSet& roots) {
  const Sha256 key = key_of({signing_der}, roots);
  if (auto known = impl_->signers.find(key)) return std::move(*known);
  auto signing = read("signing certificate", signing_der);
  if (!signing) return signing;
  if (auto trusted = verify_answer_signer(*signing, roots); !trusted) return trusted.error();
  impl_->signers.insert(key, *signing);
  return signing;
}

Result<RequestChain> ChainCache::request_chain(ByteView leaf_der, ByteView signing_der,
                                               const RootSet& roots) {
  const Sha256 key = key_of({leaf_der, signing_der}, roots);
  if (auto known = impl_->chains.find(key)) return std::move(*known);
  auto signing = answer_signer(signing_der, roots);
  if (!signing) return signing.error();
  auto leaf = read("ID certificate", leaf_der);
  if (!leaf) return leaf.error();
  if (const char* fault = leaf_fault(*leaf, *signing); fault != nullptr) {
    return untrusted("ID certificate", fault);
  }
  RequestChain chain{std::move(*leaf), std::move(*signing)};
  impl_->chains.insert(key, chain);
  return chain;
}

std::size_t ChainCache::size() const { return impl_->signers.size() + impl_->chains.size(); }

}  // namespace smartlic::identity
