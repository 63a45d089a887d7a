#include <array>

#include "identity/encoding.hpp"
#include "message/codec.hpp"
#include "message/payload_reader.hpp"

namespace smartlic::message {
namespace {

using identity::base64url;

Json::Object start(const AnswerBase& base) {
  Json::Object out{{"v", payload_version},
                   {"iss", base.manager.to_string()},
                   {"nonce", base64url(base.nonce)},
                   {"request_hash", base64url(base.request_hash)},
                   {"time", std::int64_t{base.time.time_since_epoch().count()}}};
  if (base.roots) {
    out.emplace_back("roots", Json::Object{{"trust_file", base64url(base.roots->trust_file)},
                                           {"signature", base64url(base.roots->signature)}});
  }
  return out;
}

void add_issued(Json::Object& out, const Issued& issued) {
  out.emplace_back("id_certificate", issued.id_certificate.pem());
  out.emplace_back("signing_certificate", issued.signing_certificate.pem());
  out.emplace_back("id_cert_sn", issued.id_certificate.serial().to_string());
  out.emplace_back("signing_cert_sn", issued.signing_certificate.serial().to_string());
  out.emplace_back("renew_interval", std::int64_t{issued.renew_interval.count()});
}

Json::Object encode_members(const RegisterAnswer& answer) {
  Json::Object out = start(answer.base);
  out.emplace_back("product_instance_id", answer.instance.to_string());
  add_issued(out, answer.issued);
  out.emplace_back("virtual_account", answer.virtual_account);
  return out;
}

Json::Object encode_members(const AuthorizeAnswer& answer) {
  Json::Array tags;
  for (const auto& tag : answer.tags) {
    tags.push_back(Json::Object{{"tag", tag.tag}, {"compliance_status", to_string(tag.status)}});
  }
  Json::Object out = start(answer.base);
  out.emplace_back("product_instance_id", answer.instance.to_string());
  out.emplace_back("compliance_status", to_string(answer.status));
  out.emplace_back("entitlements", std::move(tags));
  out.emplace_back("start_date", std::int64_t{answer.start_date.time_since_epoch().count()});
  out.emplace_back("expiry", std::int64_t{answer.expiry.count()});
  out.emplace_back("retry_interval", std::int64_t{answer.retry_interval.count()});
  out.emplace_back("state", answer.state);
  return out;
}

Json::Object encode_members(const RenewAnswer& answer) {
  Json::Object out = start(answer.base);
  out.emplace_back("product_instance_id", answer.instance.to_string());
  add_issued(out, answer.issued);
  return out;
}

Json::Object encode_members(const DeregisterAnswer& answer) {
  Json::Object out = start(answer.base);
  out.emplace_back("product_instance_id", answer.instance.to_string());
  return out;
}

Json::Object encode_members(const Refusal& refusal) {
  Json::Object out = start(refusal.base);
  out.emplace_back("code", smartlic::to_string(refusal.code));
  out.emplace_back("message", refusal.text);
  if (refusal.retry_after) {
    out.emplace_back("retry_after", std::int64_t{refusal.retry_after->count()});
  }
  if (refusal.highest_request_no) {
    out.emplace_back("highest_request_no", static_cast<std::int64_t>(*refusal.highest_request_no));
  }
  return out;
}

AnswerBase read_base(PayloadReader& in) {
  AnswerBase out{.manager = in.uuid("iss"),
                 .nonce = in.bytes("nonce"),
                 .request_hash = in.sha256("request_hash"),
                 .time = in.time("time"),
                 .roots = {}};
  if (!in.has("roots")) return out;
  if (const Json* object = in.object("roots")) {
    PayloadReader roots{*object};
    out.roots = RootsUpdate{roots.bytes("trust_file"), roots.bytes("signature")};
    if (const auto fault = roots.fault()) in.refuse("roots", fault->detail);
  }
  return out;
}

/// None if it is wrong, which the reader remembers: a certificate has no empty value.
std::optional<Issued> read_issued(PayloadReader& in) {
  const auto id_certificate = in.certificate("id_certificate");
  const auto signing_certificate = in.certificate("signing_certificate");
  if (!id_certificate || !signing_certificate) return std::nullopt;
  if (in.text("id_cert_sn") != id_certificate->serial().to_string()) {
    in.refuse("id_cert_sn", "is not the serial number of the ID certificate");
  }
  if (in.text("signing_cert_sn") != signing_certificate->serial().to_string()) {
    in.refuse("signing_cert_sn", "is not the serial number of the signing certificate");
  }
  return Issued{*id_certificate, *signing_certificate, in.milliseconds("renew_interval")};
}

ComplianceStatus read_status(PayloadReader& in) {
  const std::string status = in.text("compliance_status");
  if (status == to_string(ComplianceStatus::OutOfCompliance)) {
    return ComplianceStatus::OutOfCompliance;
  }
  if (status != to_string(ComplianceStatus::InCompliance)) {
    in.refuse("compliance_status", "is neither InCompliance nor OutOfCompliance");
  }
  return ComplianceStatus::InCompliance;
}

TagStatus read_tag(PayloadReader& in, const Json& item) {
  PayloadReader tag{item};
  TagStatus out{tag.text("tag"), read_status(tag)};
  if (const auto fault = tag.fault()) in.refuse("entitlements", fault->detail);
  return out;
}

std::optional<Answer> read_registered(PayloadReader& in) {
  auto base = read_base(in);
  const Uuid instance = in.uuid("product_instance_id");
  auto issued = read_issued(in);
  if (!issued) return std::nullopt;
  return RegisterAnswer{std::move(base), instance, *std::move(issued), in.text("virtual_account")};
}

std::optional<Answer> read_authorized(PayloadReader& in) {
  AuthorizeAnswer out;
  out.base = read_base(in);
  out.instance = in.uuid("product_instance_id");
  out.status = read_status(in);
  if (const Json::Array* items = in.array("entitlements")) {
    for (const Json& item : *items) out.tags.push_back(read_tag(in, item));
  }
  out.start_date = in.time("start_date");
  out.expiry = in.seconds("expiry");
  out.retry_interval = in.seconds("retry_interval");
  out.state = in.text("state");
  return out;
}

std::optional<Answer> read_renewed(PayloadReader& in) {
  auto base = read_base(in);
  const Uuid instance = in.uuid("product_instance_id");
  auto issued = read_issued(in);
  if (!issued) return std::nullopt;
  return RenewAnswer{std::move(base), instance, *std::move(issued)};
}

std::optional<Answer> read_deregistered(PayloadReader& in) {
  return DeregisterAnswer{.base = read_base(in), .instance = in.uuid("product_instance_id")};
}

std::optional<Answer> read_refused(PayloadReader& in) {
  Refusal out;
  out.base = read_base(in);
  const auto code = errc_from(in.text("code"));
  if (code && describe(*code).effect) {
    out.code = *code;
  } else {
    in.refuse("code", "is not the code of a refusal");
  }
  out.text = in.text("message");
  if (in.has("retry_after")) out.retry_after = in.seconds("retry_after");
  if (in.has("highest_request_no")) {
    out.highest_request_no = in.request_no("highest_request_no");
  }
  return out;
}

}  // namespace

Json encode(const Answer& answer) {
  return std::visit([](const auto& a) { return Json{encode_members(a)}; }, answer);
}

Result<Answer> decode_answer(std::optional<Kind> kind, const Json& payload) {
  if (auto version = check_version(payload); !version) return version.error();
  constexpr std::array readers{read_registered, read_authorized, read_renewed, read_deregistered};
  PayloadReader in{payload};
  auto out = kind ? readers[static_cast<std::size_t>(*kind)](in) : read_refused(in);
  if (auto fault = in.fault()) return *std::move(fault);
  return *std::move(out);
}

}  // namespace smartlic::message
