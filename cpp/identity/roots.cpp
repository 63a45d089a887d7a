#include "identity/roots.hpp"

#include <algorithm>

#include "identity/encoding.hpp"

namespace smartlic::identity {

struct RootSet::Impl {
  std::uint64_t version = 0;
  std::vector<Certificate> roots;
  Sha256 digest{};
};

namespace {

/// What is wrong with a root; null if nothing.
const char* root_fault(const Certificate& root) {
  if (!root.issued_by(root)) return "it is not self-signed";
  if (!root.is_ca()) return "it is not CA:true";
  if (root.path_len() == 0U) return "its path length leaves no room for a signing certificate";
  if ((root.key_usages() & key_usage::key_cert_sign) == 0) return "it lacks keyCertSign";
  if (root.has_unknown_critical()) return "it has a critical extension that nobody here knows";
  return nullptr;
}

/// RFC 7515, 5.1: what a JWS signature covers.
std::string signing_input(Algorithm algorithm, ByteView payload) {
  std::string header = R"({"alg":")";
  header.append(to_string(algorithm)).append(R"(","typ":"smartlic-roots+jws"})");
  return base64url(as_bytes(header)) + "." + base64url(payload);
}

}  // namespace

Result<RootSet> RootSet::make(std::uint64_t version, std::vector<Certificate> roots) {
  if (roots.empty() || roots.size() > max_roots) {
    return Error{Errc::invalid_argument, "a root set has one to eight roots"};
  }
  Bytes fingerprints;
  for (auto root = roots.begin(); root != roots.end(); ++root) {
    const char* fault =
        std::find(roots.begin(), root, *root) != root ? "it is there twice" : root_fault(*root);
    if (fault != nullptr) {
      return Error{Errc::invalid_argument, "root '" + root->common_name() + "': " + fault};
    }
    fingerprints.insert(fingerprints.end(), root->fingerprint().begin(), root->fingerprint().end());
  }
  return RootSet{std::make_shared<Impl>(Impl{version, std::move(roots), sha256(fingerprints)})};
}

std::uint64_t RootSet::version() const { return impl_->version; }
std::span<const Certificate> RootSet::roots() const { return impl_->roots; }
const Sha256& RootSet::digest() const { return impl_->digest; }

const Certificate* RootSet::find_issuer(const Certificate& certificate) const {
  const auto found =
      std::find_if(impl_->roots.begin(), impl_->roots.end(),
                   [&](const Certificate& root) { return certificate.issued_by(root); });
  return found == impl_->roots.end() ? nullptr : &*found;
}

bool operator==(const RootSet& a, const RootSet& b) {
  return a.impl_->version == b.impl_->version && a.impl_->roots == b.impl_->roots;
}

Result<Bytes> sign_roots_update(const PrivateKey& root_key, ByteView new_set) {
  return root_key.sign(as_bytes(signing_input(root_key.algorithm(), new_set)));
}

Result<void> verify_roots_update(const RootSet& held, ByteView new_set, ByteView signature) {
  for (const auto& root : held.roots()) {
    const auto& key = root.public_key();
    if (key.verify(as_bytes(signing_input(key.algorithm(), new_set)), signature)) return {};
  }
  return Error{Errc::signature_invalid, "the new root set is not signed by a root already held"};
}

}  // namespace smartlic::identity
