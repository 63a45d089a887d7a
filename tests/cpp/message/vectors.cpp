#include "message/vectors.hpp"

#include <algorithm>
#include <filesystem>

#include "identity/csr.hpp"
#include "message/trust_file.hpp"

namespace smartlic::message::test {
namespace {

std::string text_of(const Bytes& bytes) { return std::string{as_text(bytes)}; }

/// Makes vectors out of good messages of one world, each with one thing changed.
class Maker {
 public:
  explicit Maker(const World& world) : world_{world} {}

  /// A request whose parts were changed before it was signed.
  template <class Edit>
  void request(std::string name, std::string rung, Kind kind, Edit edit) {
    Parts parts = parts_of(world_, world_.request(kind), world_.chain);
    edit(parts);
    add({std::move(name),
         false,
         std::move(rung),
         {.message = parts.sealed_by(world_.device_key), .now = world_.now}});
  }
  /// A request whose content was changed.
  template <class T, class Edit>
  void request_content(std::string name, std::string rung, Edit edit) {
    auto content = std::get<T>(world_.request(static_cast<Kind>(Request{T{}}.index())));
    edit(content);
    const Parts parts = parts_of(world_, Request{content}, world_.chain);
    add({std::move(name),
         false,
         std::move(rung),
         {.message = parts.sealed_by(world_.device_key), .now = world_.now}});
  }
  /// The answer to a request of this kind, its parts changed.
  template <class Edit>
  void answer(std::string name, std::string rung, Kind kind, Edit edit) {
    const Request request = world_.request(kind);
    const SealedRequest sealed = world_.seal(request);
    Parts parts = parts_of(world_, world_.grant(request, sealed.open.request_hash), world_.chain);
    edit(parts);
    add({std::move(name),
         true,
         std::move(rung),
         {.message = parts.sealed_by(world_.signing_key),
          .open = sealed.open,
          .request = sealed.bytes}});
  }
  /// The answer to the request that T grants, its content changed.
  template <class T, class Edit>
  void answer_content(std::string name, std::string rung, Kind kind, Edit edit) {
    const Request request = world_.request(kind);
    const SealedRequest sealed = world_.seal(request);
    auto content = std::get<T>(world_.grant(request, sealed.open.request_hash));
    edit(content);
    const Parts parts = parts_of(world_, Answer{content}, world_.chain);
    add({std::move(name),
         true,
         std::move(rung),
         {.message = parts.sealed_by(world_.signing_key),
          .open = sealed.open,
          .request = sealed.bytes}});
  }
  void add(Vector vector) { made.push_back(std::move(vector)); }
  Vector& last() { return made.back(); }

  std::vector<Vector> made;

 private:
  const World& world_;
};

void forged(const World& world, Maker& maker) {
  for (const std::string_view rung : rung_names) {
    const std::string name{rung};
    maker.add({"request-" + name, false, name, forge_request(world, {rung})});
    const Case answer = forge_answer(world, {rung});
    maker.add({"answer-" + name, true, name, answer});
  }
}

void bad_parse(Maker& maker) {
  constexpr auto kind = Kind::authorize;
  const auto replace = [&maker](std::string_view from, std::string_view to) {
    std::string text = text_of(maker.last().of.message);
    text.replace(text.find(from), from.size(), to);
    maker.last().of.message.assign(text.begin(), text.end());
  };
  maker.request("request-parse-duplicate", "parse", kind, [](Parts&) {});
  replace("{", R"({"signature":"",)");
  maker.request("request-parse-padded-base64url", "parse", kind, [](Parts&) {});
  replace("\"}", "=\"}");
  maker.request("request-parse-nested", "parse", kind, [](Parts& parts) {
    parts.more_members = {{"x", must(parse_json(as_bytes("[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]")))}};
  });
  replace("[[", "[[[");
  replace("]]", "]]]");
  maker.request("request-parse-no-csr", "parse", Kind::register_instance, [](Parts& parts) {
    parts.payload = dump(without(must(parse_json(as_bytes(parts.payload))), "csr"));
  });
}

void bad_headers(const World& world, Maker& maker) {
  const auto header = [](std::string_view name, Json value) {
    return [=](Parts& parts) { parts.header.emplace_back(name, value); };
  };
  const Json jwk = Json::Object{{"kty", "EC"}};
  constexpr auto kind = Kind::authorize;
  maker.request("request-header-jwk", "header", kind, header("jwk", jwk));
  maker.request("request-header-x5u", "header", kind, header("x5u", "https://example.org/"));
  maker.request("request-header-crit", "header", kind, header("crit", Json::Array{"exp"}));
  maker.request("request-header-b64", "header", kind, header("b64", true));
  maker.request("request-header-unknown", "header", kind, header("cty", "json"));
  maker.request("request-header-kid-beside-x5c", "header", kind, header("kid", "1"));
  maker.request("request-header-x5c-beside-kid", "header", Kind::register_instance,
                header("x5c", x5c({world.chain.id, world.chain.signing})));
  maker.request("request-header-three-certificates", "header", kind, [&](Parts& parts) {
    parts.header.back().second = x5c({world.chain.id, world.chain.signing, world.chain.root});
  });
  maker.request("request-header-unprotected", "header", kind, [](Parts& parts) {
    parts.more_members = {{"header", Json::Object{}}};
  });
  maker.request("request-header-unknown-member", "header", kind, [](Parts& parts) {
    parts.more_members = {{"signatures", Json::Array{}}};
  });
  maker.answer("answer-header-two-certificates", "header", kind, [&](Parts& parts) {
    parts.header.back().second = x5c({world.chain.signing, world.chain.root});
  });
  maker.answer("answer-header-kid", "header", kind, header("kid", "1"));
}

void bad_signers(const World& world, Maker& maker) {
  constexpr auto kind = Kind::authorize;
  maker.request("request-algorithm-none", "algorithm", kind,
                [](Parts& parts) { parts.header[0].second = "none"; });
  maker.request("request-chain-kid", "chain", Kind::register_instance, [&](Parts& parts) {
    parts.header.back().second = world.fresh_key.public_key().thumbprint();
  });
  maker.answer("answer-chain-older", "chain", kind, [](Parts&) {});
  maker.last().of.newest_signing = "04";
  const auto theirs = must(identity::issue_signing(
      {world.chain.root, world.chain.root_key},
      {world.signing_key.public_key(), world.instance, world.chain.signing.serial(),
       world.chain.signing.not_before(), world.chain.signing.not_after()}));
  maker.answer("answer-audience-certificate", "audience", kind,
               [&](Parts& parts) { parts.header.back().second = x5c({theirs}); });
  const auto id = must(identity::issue_id({theirs, world.signing_key},
                                          {world.device_key.public_key(), world.instance, world.udi,
                                           "Example Ltd", world.chain.id.serial(), day(30)}));
  maker.request("request-audience-certificate", "audience", kind, [&](Parts& parts) {
    parts.header.back().second = x5c({id, theirs});
  });
}

void bad_bindings(const World& world, Maker& maker) {
  constexpr auto kind = Kind::authorize;
  maker.request_content<DeregisterRequest>("request-binding-short-nonce", "binding",
                                           [](auto& request) { request.base.nonce.pop_back(); });
  maker.request_content<RegisterRequest>("request-binding-long-nonce", "binding",
                                         [](auto& request) { request.base.nonce.resize(65); });
  maker.answer_content<AuthorizeAnswer>("answer-binding-hash", "binding", kind,
                                        [](auto& answer) { answer.base.request_hash[0] ^= 1; });
  maker.answer_content<AuthorizeAnswer>("answer-binding-instance", "binding", kind,
                                        [&](auto& answer) { answer.instance = world.manager; });
  const Request request = world.request(kind);
  const SealedRequest sealed = world.seal(request);
  const Answer other =
      DeregisterAnswer{base_of(world.grant(request, sealed.open.request_hash)), world.instance};
  maker.add({"answer-binding-kind",
             true,
             "binding",
             {.message = world.seal(other), .open = sealed.open, .request = sealed.bytes}});
}

void bad_dates(const World& world, Maker& maker) {
  maker.request("request-freshness-too-early", "freshness", Kind::authorize, [](Parts&) {});
  maker.last().of.now = world.chain.id.not_before() - Ms{1};
  maker.request("request-freshness-renew-late", "freshness", Kind::renew, [](Parts&) {});
  maker.last().of.now = world.chain.id.not_after();
}

void bad_requests(const World& world, Maker& maker) {
  const auto authorize = [&](const char* name, auto edit) {
    maker.request_content<AuthorizeRequest>(std::string{"request-payload-"} + name, "payload",
                                            edit);
  };
  authorize("count-above", [](auto& request) { request.entitlements[1].count = 1'000'000'001; });
  authorize("tag-twice",
            [](auto& request) { request.entitlements[1].tag = request.entitlements[0].tag; });
  authorize("tag-empty", [](auto& request) { request.entitlements[1].tag.clear(); });
  authorize("signing-serial", [](auto& request) { request.signing_serial = "02"; });
  authorize("65-tags", [](auto& request) {
    request.entitlements.clear();
    for (int at = 0; at < 65; ++at) {
      request.entitlements.push_back({"tag-" + std::to_string(at), 1, "1.0", ""});
    }
  });
  maker.request_content<RegisterRequest>("request-payload-udi", "payload",
                                         [](auto& request) { request.udi.serial = "OTHER"; });
  maker.request_content<RegisterRequest>("request-payload-token-id", "payload",
                                         [](auto& request) { request.token_id.clear(); });
  const auto renew = [&](const char* name, const Bytes& csr) {
    maker.request_content<RenewRequest>(std::string{"request-payload-"} + name, "payload",
                                        [&](auto& request) { request.csr_der = csr; });
  };
  renew("old-key", must(identity::create_csr(world.device_key, world.udi)));
  renew("csr-of-another", must(identity::create_csr(world.fresh_key, {"CUSP-K9", "OTHER"})));
  Bytes forged = must(identity::create_csr(world.fresh_key, world.udi));
  forged.back() ^= 1;
  renew("csr-forged", forged);
}

void bad_answers(const World& world, Maker& maker) {
  const auto authorized = [&](const char* name, auto edit) {
    maker.answer_content<AuthorizeAnswer>(std::string{"answer-payload-"} + name, "payload",
                                          Kind::authorize, edit);
  };
  authorized("status", [](auto& answer) { answer.status = ComplianceStatus::InCompliance; });
  authorized("tag-twice", [](auto& answer) { answer.tags[1].tag = answer.tags[0].tag; });
  authorized("start-after-time", [](auto& answer) {
    answer.start_date = answer.base.time + std::chrono::milliseconds{5001};
    answer.expiry = std::chrono::days{90} + std::chrono::seconds{5};
  });
  authorized("roots-forged", [&](auto& answer) {
    const auto newer = must(identity::RootSet::make(2, {world.chain.root, world.strange.root}));
    answer.base.roots = must(seal_roots({world.manager, newer}, world.strange.root_key));
  });
  const auto registered = [&](const char* name, auto edit) {
    maker.answer_content<RegisterAnswer>(std::string{"answer-payload-"} + name, "payload",
                                         Kind::register_instance, edit);
  };
  registered("certificate-of-another-key", [&](auto& answer) {
    answer.issued.id_certificate = world.issue_id(world.fresh_key.public_key(), world.instance);
  });
  registered("certificate-of-another-instance", [&](auto& answer) {
    answer.issued.id_certificate = world.issue_id(world.device_key.public_key(), world.manager);
  });
  registered("certificate-of-a-stranger", [&](auto& answer) {
    answer.issued.id_certificate = world.strange.id;
    answer.issued.signing_certificate = world.strange.signing;
  });
  registered("certificate-ended", [&](auto& answer) {
    answer.issued.id_certificate = must(
        identity::issue_id({world.chain.signing, world.signing_key},
                           {world.device_key.public_key(), world.instance, world.udi, "Example Ltd",
                            world.chain.id.serial(), day(30), std::chrono::days{30}}));
  });
}

}  // namespace

std::vector<Vector> good_vectors(const World& world) {
  Maker maker{world};
  const auto nothing = [](auto&) {};
  for (const Kind kind : all_kinds) {
    const std::string name{to_string(kind)};
    maker.request(name, "", kind, nothing);
    maker.answer(std::string{answer_types[static_cast<std::size_t>(kind)]}, "", kind, nothing);
  }
  maker.request_content<AuthorizeRequest>("authorize-nothing", "",
                                          [](auto& request) { request.entitlements.clear(); });
  maker.answer_content<AuthorizeAnswer>(
      "authorized-with-roots", "", Kind::authorize, [&](auto& answer) {
        const auto newer = must(identity::RootSet::make(2, {world.chain.root, world.strange.root}));
        answer.base.roots = must(seal_roots({world.manager, newer}, world.chain.root_key));
      });
  const Request request = world.request(Kind::renew);
  const SealedRequest sealed = world.seal(request);
  maker.add({"refused",
             true,
             "",
             {.message = world.seal(world.refusal(request, sealed.open.request_hash)),
              .open = sealed.open,
              .request = sealed.bytes}});
  return std::move(maker.made);
}

std::vector<Vector> bad_vectors(const World& world) {
  Maker maker{world};
  forged(world, maker);
  bad_parse(maker);
  bad_headers(world, maker);
  bad_signers(world, maker);
  bad_bindings(world, maker);
  bad_dates(world, maker);
  bad_requests(world, maker);
  bad_answers(world, maker);
  return std::move(maker.made);
}

void write_vectors(const std::string& folder, const std::vector<Vector>& vectors) {
  for (const auto& vector : vectors) {
    Json::Object out{{"side", vector.is_answer ? "answer" : "request"}};
    if (!vector.rung.empty()) out.emplace_back("refused_by", vector.rung);
    if (vector.is_answer) {
      out.emplace_back("request", text_of(vector.of.request));
      if (const auto& newest = vector.of.newest_signing; !newest.empty()) {
        out.emplace_back("newest_signing_cert_sn", newest);
      }
    } else {
      out.emplace_back("now", std::int64_t{vector.of.now.time_since_epoch().count()});
    }
    out.emplace_back("message", text_of(vector.of.message));
    write_text(folder + "/" + vector.name + ".json", dump(out) + "\n");
  }
}

std::vector<Vector> read_vectors(const std::string& folder) {
  std::vector<Vector> out;
  for (const auto& file : std::filesystem::directory_iterator{folder}) {
    const std::string text = read_text(file.path().string());
    const Json json = must(parse_json(as_bytes(text), {.max_bytes = text.size()}));
    const auto member = [&json](std::string_view name) {
      const std::string* value = json.text(name);
      return value == nullptr ? std::string{} : *value;
    };
    Vector vector{.name = file.path().stem().string(),
                  .is_answer = member("side") == "answer",
                  .rung = member("refused_by"),
                  .of = {}};
    const std::string message = member("message");
    vector.of.message.assign(message.begin(), message.end());
    vector.of.newest_signing = member("newest_signing_cert_sn");
    if (vector.is_answer) {
      const std::string request = member("request");
      vector.of.request.assign(request.begin(), request.end());
      vector.of.open = must(recall_open_request(vector.of.request));
    } else {
      vector.of.now = UtcTime{Ms{*json.integer("now")}};
    }
    out.push_back(std::move(vector));
  }
  std::ranges::sort(out, {}, &Vector::name);
  return out;
}

}  // namespace smartlic::message::test
