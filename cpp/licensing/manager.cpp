#include "licensing/manager.hpp"

#include <utility>

#include "licensing/request_case.hpp"
#include "message/json.hpp"
#include "message/sealing.hpp"

namespace smartlic::licensing {
namespace {

template <class T>
const T* outcome_as(const Examined& examined) {
  return std::get_if<T>(&examined.outcome);
}

Query query_of(const message::OpenedRequest& opened) {
  Query out;
  out.instance = opened.instance;
  if (opened.csr) out.key_thumbprint = opened.csr->public_key().thumbprint();
  if (!opened.request) return out;
  if (const auto* registration = std::get_if<message::RegisterRequest>(&*opened.request)) {
    out.token_id = registration->token_id;
    out.udi = registration->udi.to_string();
  }
  if (const auto* authorize = std::get_if<message::AuthorizeRequest>(&*opened.request)) {
    for (const auto& each : authorize->entitlements) out.tags.push_back(each.tag);
  }
  return out;
}

std::string seconds(Ms duration) {
  return std::to_string(std::chrono::floor<std::chrono::seconds>(duration).count()) + " s";
}

/// M10, M12. Errors: `clock_off`, saying by how much.
Result<void> check_time(UtcTime time, UtcTime now, Channel channel, const ManagerPolicy& policy) {
  const Ms behind = now - time;
  if (-behind > policy.clock_tolerance) {
    return Error{Errc::clock_off, "the request is of " + seconds(-behind) + " from now"};
  }
  if (channel == Channel::exported) {
    if (behind < policy.export_validity) return {};
    return Error{Errc::clock_off, "the exported request is " + seconds(behind) +
                                      " old; one is valid for " + seconds(policy.export_validity)};
  }
  if (behind <= policy.clock_tolerance) return {};
  return Error{Errc::clock_off, "the request is of " + seconds(behind) + " ago"};
}

/// The last rungs, then the decision.
Result<message::Answer> decide_request(RequestCase& c, Channel channel) {
  if (auto finished = message::finish_request(c.opened, c.now, c.policy.late_renewal); !finished) {
    return finished.error();
  }
  const auto& request = *c.opened.request;
  auto timely = check_time(message::base_of(request).time, c.now, channel, c.policy);
  if (!timely) return timely.error();
  if (const auto* registration = std::get_if<message::RegisterRequest>(&request)) {
    return decide_register(c, *registration);
  }
  return decide_instance(c);
}

Reply problem(int http_status, const Error& error) {
  const std::string text = message::dump(
      message::Json::Object{{"code", to_string(error.code)}, {"message", error.message()}});
  const ByteView body = as_bytes(text);
  return {http_status, {body.begin(), body.end()}};
}

}  // namespace

Manager::Manager(ManagerIdentity identity, const ManagerPolicy& policy,
                 const identity::Entropy::Seed& seed)
    : identity_{std::move(identity)},
      policy_{policy},
      entropy_{seed},
      chains_{std::make_unique<identity::ChainCache>()} {}

Examined Manager::examine(ByteView bytes, Channel channel) const {
  Examined out{
      .outcome = message::open_request(bytes, {identity_.manager, identity_.roots}, *chains_),
      .channel = channel,
      .query = {}};
  if (const auto* opened = outcome_as<message::OpenedRequest>(out)) out.query = query_of(*opened);
  return out;
}

std::vector<Verdict> Manager::decide(std::span<const Examined> batch, Facts& facts, UtcTime now) {
  std::vector<Verdict> out;
  out.reserve(batch.size());
  for (const auto& examined : batch) {
    const auto* opened = outcome_as<message::OpenedRequest>(examined);
    if (opened == nullptr) {
      out.push_back(refuse(examined, outcome_as<message::RequestFailure>(examined)->error, now));
      continue;
    }
    RequestCase c{identity_, policy_, entropy_, facts, now, *opened, {}};
    if (auto answer = decide_request(c, examined.channel)) {
      if (const auto* refusal = std::get_if<message::Refusal>(&*answer)) {
        c.verdict.error = Error{refusal->code, {}};
      }
      c.verdict.answer = *std::move(answer);
    } else {
      c.verdict.answer = make_refusal(answer.error(), c.base(), policy_);
      c.verdict.error = answer.error();
    }
    out.push_back(std::move(c.verdict));
  }
  return out;
}

Verdict Manager::refuse(const Examined& examined, const Error& error, UtcTime now) const {
  message::AnswerBase base{.manager = identity_.manager,
                           .nonce = {},
                           .request_hash = {},
                           .time = now,
                           .roots = identity_.roots_update};
  if (const auto* opened = outcome_as<message::OpenedRequest>(examined)) {
    base.nonce = opened->nonce;
    base.request_hash = opened->request_hash;
  } else if (const auto& reply = outcome_as<message::RequestFailure>(examined)->reply) {
    base.nonce = reply->nonce;
    base.request_hash = reply->request_hash;
  } else {
    return {.answer = {}, .error = error, .changes = {}};
  }
  return {.answer = make_refusal(error, std::move(base), policy_), .error = error, .changes = {}};
}

Reply Manager::seal(const Verdict& verdict) const {
  if (!verdict.answer) {
    const Error error = verdict.error.value_or(Error{Errc::internal, "no verdict"});
    return problem(error.code == Errc::message_too_large ? 413 : 400, error);
  }
  auto sealed =
      message::seal_answer(*verdict.answer, identity_.signing.key, identity_.signing.certificate);
  if (!sealed) return problem(500, sealed.error());
  return {200, *std::move(sealed)};
}

}  // namespace smartlic::licensing
