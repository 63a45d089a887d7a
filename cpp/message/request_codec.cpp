#include <array>
#include <limits>

#include "identity/encoding.hpp"
#include "message/codec.hpp"
#include "message/payload_reader.hpp"

namespace smartlic::message {
namespace {

using identity::base64url;

Json::Object start(const RequestBase& base) {
  return {{"v", payload_version},
          {"aud", base.manager.to_string()},
          {"nonce", base64url(base.nonce)},
          {"time", std::int64_t{base.time.time_since_epoch().count()}}};
}

void add_instance(Json::Object& out, const Uuid& instance, std::uint64_t request_no) {
  out.emplace_back("product_instance_id", instance.to_string());
  out.emplace_back("request_no", static_cast<std::int64_t>(request_no));
}

Json::Object encode_members(const RegisterRequest& request) {
  Json::Object out = start(request.base);
  out.emplace_back("token_id", request.token_id);
  out.emplace_back("token_proof", base64url(request.token_proof));
  out.emplace_back("software_tag", request.software_tag);
  out.emplace_back("udi", request.udi.to_string());
  out.emplace_back("csr", base64url(request.csr_der));  // DER, as in ACME (RFC 8555, 7.4)
  if (request.hostname) out.emplace_back("hostname", *request.hostname);
  return out;
}

Json::Object encode_members(const AuthorizeRequest& request) {
  Json::Array entitlements;
  for (const auto& entitlement : request.entitlements) {
    entitlements.push_back(Json::Object{{"tag", entitlement.tag},
                                        {"requested_count", entitlement.count},
                                        {"version", entitlement.version},
                                        {"display_name", entitlement.display_name}});
  }
  Json::Object out = start(request.base);
  add_instance(out, request.instance, request.request_no);
  out.emplace_back("acked", request.acked);
  out.emplace_back("signing_cert_sn", request.signing_serial);
  out.emplace_back("entitlements", std::move(entitlements));
  return out;
}

Json::Object encode_members(const RenewRequest& request) {
  Json::Object out = start(request.base);
  add_instance(out, request.instance, request.request_no);
  out.emplace_back("csr", base64url(request.csr_der));
  return out;
}

Json::Object encode_members(const DeregisterRequest& request) {
  Json::Object out = start(request.base);
  add_instance(out, request.instance, request.request_no);
  return out;
}

RequestBase read_base(PayloadReader& in) {
  return {in.uuid("aud"), in.bytes("nonce"), in.time("time")};
}

Request read_register(PayloadReader& in) {
  RegisterRequest out;
  out.base = read_base(in);
  out.token_id = in.text("token_id");
  out.token_proof = in.sha256("token_proof");
  out.software_tag = in.text("software_tag");
  if (auto udi = identity::Udi::parse(in.text("udi"))) {
    out.udi = *std::move(udi);
  } else {
    in.refuse("udi", udi.error().detail);
  }
  out.csr_der = in.bytes("csr");
  if (in.has("hostname")) out.hostname = in.text("hostname");
  return out;
}

EntitlementRequest read_entitlement(PayloadReader& in, const Json& item) {
  constexpr auto any = std::numeric_limits<std::int64_t>::max();  // the ladder judges the count
  PayloadReader entitlement{item};
  EntitlementRequest out{.tag = entitlement.text("tag"),
                         .count = entitlement.integer("requested_count", -any, any),
                         .version = entitlement.text("version"),
                         .display_name = entitlement.text("display_name")};
  if (const auto fault = entitlement.fault()) in.refuse("entitlements", fault->detail);
  return out;
}

Request read_authorize(PayloadReader& in) {
  AuthorizeRequest out;
  out.base = read_base(in);
  out.instance = in.uuid("product_instance_id");
  out.request_no = in.request_no("request_no");
  out.acked = in.text("acked");
  out.signing_serial = in.text("signing_cert_sn");
  if (const Json::Array* items = in.array("entitlements")) {
    for (const Json& item : *items) out.entitlements.push_back(read_entitlement(in, item));
  }
  return out;
}

Request read_renew(PayloadReader& in) {
  return RenewRequest{.base = read_base(in),
                      .instance = in.uuid("product_instance_id"),
                      .request_no = in.request_no("request_no"),
                      .csr_der = in.bytes("csr")};
}

Request read_deregister(PayloadReader& in) {
  return DeregisterRequest{.base = read_base(in),
                           .instance = in.uuid("product_instance_id"),
                           .request_no = in.request_no("request_no")};
}

}  // namespace

Json encode(const Request& request) {
  return std::visit([](const auto& r) { return Json{encode_members(r)}; }, request);
}

Result<Request> decode_request(Kind kind, const Json& payload) {
  if (auto version = check_version(payload); !version) return version.error();
  constexpr std::array readers{read_register, read_authorize, read_renew, read_deregister};
  PayloadReader in{payload};
  Request out = readers[static_cast<std::size_t>(kind)](in);
  if (auto fault = in.fault()) return *std::move(fault);
  return out;
}

}  // namespace smartlic::message
