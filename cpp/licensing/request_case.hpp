#pragma once
// One request on its way to a verdict; inside the manager only.

#include <chrono>
#include <string>

#include "foundation/result.hpp"
#include "foundation/time.hpp"
#include "identity/entropy.hpp"
#include "identity/public_key.hpp"
#include "licensing/manager.hpp"
#include "message/messages.hpp"

namespace smartlic::licensing {

/// What a decision reads, and the verdict that it fills.
struct RequestCase {
  const ManagerIdentity& manager;
  const ManagerPolicy& policy;
  identity::Entropy& entropy;
  Facts& facts;
  UtcTime now;
  const message::OpenedRequest& opened;
  Verdict verdict;

  /// What the answer to this request carries in any case (M4).
  [[nodiscard]] message::AnswerBase base() const;

  /// A new ID certificate (M6). Errors: `internal`.
  [[nodiscard]] Result<identity::Certificate> issue(const Uuid& instance, const identity::Udi& udi,
                                                    const identity::PublicKey& key);
  /// Whether our signing certificate issued it; one that a former signing certificate issued cannot
  /// go into an answer any more.
  [[nodiscard]] bool is_issuer_of(const identity::Certificate& certificate) const;
  [[nodiscard]] message::Issued issued(const identity::Certificate& certificate) const;

  /// The active instance that has a certificate, used or not, with this key; null if there is none.
  [[nodiscard]] const InstanceRecord* find_by_key(const std::string& thumbprint) const;

  /// Puts a record into the facts and among the changes, with the next revision; pools and indexes
  /// of the facts follow.
  void put(InstanceRecord record);
  void spend(TokenRecord& token);
  void add_event(LedgerEventKind kind, std::string subject, std::string text);
};

/// A signed refusal. A code that no manager may sign is our own fault: `internal`.
[[nodiscard]] message::Refusal make_refusal(const Error& error, message::AnswerBase base,
                                            const ManagerPolicy& policy);

/// Ends a usage now (P1).
void release_usage(InstanceRecord& record);

/// M5, M13, P3. Errors are refusals that change nothing.
[[nodiscard]] Result<message::Answer> decide_register(RequestCase& c,
                                                      const message::RegisterRequest& request);

/// What all requests of an instance share: M9, M10, M13; then its kind's own decision.
[[nodiscard]] Result<message::Answer> decide_instance(RequestCase& c);

// The three kinds. They change `record`, which decide_instance puts; `record.request_no` is still
// the one before this request. An answer, which may be a refusal, is the decision on this number
// (M10). An error is a refusal that leaves the number open.
[[nodiscard]] Result<message::Answer> decide_authorize(RequestCase& c, InstanceRecord& record,
                                                       const message::AuthorizeRequest& request);
[[nodiscard]] Result<message::Answer> decide_renew(RequestCase& c, InstanceRecord& record);
[[nodiscard]] Result<message::Answer> decide_deregister(RequestCase& c, InstanceRecord& record);

/// Whole seconds left of an authorization that ends then (D3).
[[nodiscard]] std::chrono::seconds expiry_at(UtcTime end, UtcTime now);

}  // namespace smartlic::licensing
