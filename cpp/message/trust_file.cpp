#include "message/trust_file.hpp"

#include <limits>
#include <vector>

#include "message/codec.hpp"
#include "message/payload_reader.hpp"

namespace smartlic::message {

std::string encode(const TrustFile& trust) {
  Json::Array roots;
  for (const auto& root : trust.roots.roots()) roots.emplace_back(root.pem());
  return dump(Json::Object{{"v", payload_version},
                           {"manager", trust.manager.to_string()},
                           {"roots_version", static_cast<std::int64_t>(trust.roots.version())},
                           {"roots", std::move(roots)}}) +
         "\n";
}

Result<TrustFile> decode_trust_file(ByteView bytes) {
  const auto json = parse_json(bytes);
  if (!json) return json.error();
  if (auto version = check_version(*json); !version) return version.error();
  PayloadReader in{*json};
  const Uuid manager = in.uuid("manager");
  const auto version = in.integer("roots_version", 0, std::numeric_limits<std::int64_t>::max());
  std::vector<identity::Certificate> roots;
  if (const Json::Array* items = in.array("roots")) {
    for (const Json& item : *items) {
      const auto* pem = item.if_text();
      auto root = identity::Certificate::from_pem(pem == nullptr ? std::string_view{} : *pem);
      if (!root) return Error{Errc::payload_invalid, "'roots': " + root.error().detail};
      roots.push_back(*std::move(root));
    }
  }
  if (auto fault = in.fault()) return *std::move(fault);
  auto set = identity::RootSet::make(static_cast<std::uint64_t>(version), std::move(roots));
  if (!set) return Error{Errc::payload_invalid, "'roots': " + set.error().detail};
  return TrustFile{manager, *std::move(set)};
}

Result<RootsUpdate> seal_roots(const TrustFile& newer, const identity::PrivateKey& root_key) {
  const std::string text = encode(newer);
  const ByteView bytes = as_bytes(text);
  auto signature = identity::sign_roots_update(root_key, bytes);
  if (!signature) return signature.error();
  return RootsUpdate{{bytes.begin(), bytes.end()}, *std::move(signature)};
}

Result<std::optional<identity::RootSet>> open_roots(const RootsUpdate& update, const Uuid& manager,
                                                    const identity::RootSet& held) {
  auto trust = decode_trust_file(update.trust_file);
  if (!trust) return Error{Errc::payload_invalid, "the root set: " + trust.error().message()};
  if (!held.accepts(trust->roots)) return std::optional<identity::RootSet>{};
  if (trust->manager != manager) {
    return Error{Errc::payload_invalid, "the root set is of another manager"};
  }
  if (!identity::verify_roots_update(held, update.trust_file, update.signature)) {
    return Error{Errc::payload_invalid, "the root set is signed by no root that is held"};
  }
  return std::optional{std::move(trust->roots)};
}

}  // namespace smartlic::message
