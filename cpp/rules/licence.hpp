#pragma once
// The licence of one device as typed facts, without keys or messages (RULES E, T2; DESIGN 3).

#include <cstdint>
#include <optional>
#include <string_view>

#include "foundation/result.hpp"
#include "rules/enforcement.hpp"
#include "rules/event.hpp"
#include "rules/schedule.hpp"

namespace smartlic::rules {

/// What a device asks of its manager.
enum class RequestKind : std::uint8_t { registration, authorization, renewal, deregistration };

/// Where an open request waits for its answer (M8): on the wire, or in an exported file (M12).
enum class Slot : std::uint8_t { online, exported };

/// What the licence needs to know of an ID certificate (E7).
struct CertificateFacts {
  UtcTime issued{};
  UtcTime not_after{};
  UtcTime renew_at{};
  friend bool operator==(const CertificateFacts&, const CertificateFacts&) = default;
};

/// A granting answer's facts (M7).
struct Grant {
  UtcTime start_date{};
  bool out_of_compliance = false;
  Ms retry_interval{};
};

/// The deadlines that change what holds, in the order in which they run when they share an instant
/// (E3).
enum class Deadline : std::uint8_t {
  authorization,
  certificate,
  evaluation,
  certificate_warning,
  evaluation_warning
};

struct DeadlineAt {
  UtcTime at = never;
  Deadline which = Deadline::evaluation_warning;
  friend auto operator<=>(const DeadlineAt&, const DeadlineAt&) = default;
};

/// An open request: its kind, and whether the driver still waits for the transport.
struct OpenSlot {
  std::optional<RequestKind> kind;
  bool waiting = false;
  friend bool operator==(const OpenSlot&, const OpenSlot&) = default;
};

/// Everything a licence remembers; plain data, so that it can be saved, copied and compared.
struct LicenceState {
  Facts facts;
  std::optional<CertificateFacts> certificate;
  Mode mode = Mode::Disabled;  ///< as last recorded
  DeadlineAt
      done;    ///< deadlines up to and including this one have run; `done.at` is licensing time
  Due due[4];  ///< by RequestKind
  OpenSlot slots[2];                ///< by Slot
  bool requesting = false;          ///< an entitlement request was made, possibly an empty one (C1)
  bool request_changed = false;     ///< since the open authorization request was made
  bool communication_lost = false;  ///< reported, and not yet restored (E10)
  Jitter jitter{0};
  friend bool operator==(const LicenceState&, const LicenceState&) = default;
};

/// The licence of one product instance. It reads like this: commands (`enable`, `register_`,
/// `request`, …) say what the operator wants; `poll_request()` says which request is due, and
/// `opened()` that it was made; `handle_*` take what came of it; `advance()` runs deadlines. Every
/// call takes licensing time `now`, first runs all deadlines up to it, each at its own instant
/// (E3), and appends what happened to `events`. `next_deadline()` says when to come back. Time
/// never runs backwards but in `correct()` (T2); a `now` before the last one is taken as the last
/// one. Not thread-safe.
class Licence {
 public:
  /// A product that leaves the factory at `made`: Disabled, unidentified, evaluation unused (E4).
  /// `seed` feeds the jitter. `table` is E1 unless a test says otherwise; it has to outlive the
  /// licence.
  Licence(UtcTime made, std::uint64_t seed, const Periods& periods = {},
          const EnforcementTable& table = enforcement_table);
  /// Continues from a saved state.
  explicit Licence(const LicenceState& state, const Periods& periods = {},
                   const EnforcementTable& table = enforcement_table);

  // What holds at the last input.
  [[nodiscard]] Mode mode() const { return state_.mode; }
  [[nodiscard]] UtcTime time() const { return state_.done.at; }
  [[nodiscard]] const LicenceState& state() const { return state_; }
  [[nodiscard]] const Periods& periods() const { return periods_; }
  [[nodiscard]] bool enabled() const { return state_.facts.enabled; }
  /// An ID certificate is held and has not ended (E7).
  [[nodiscard]] bool registered() const;
  /// Evaluation time used so far (E4).
  [[nodiscard]] Ms evaluation_used() const { return state_.facts.evaluation_used; }
  /// When the evaluation would end if the mode stayed Eval; `never` in any other mode.
  [[nodiscard]] UtcTime evaluation_end() const;
  /// The request that is open in a slot, if any.
  [[nodiscard]] std::optional<RequestKind> open(Slot slot) const { return at(slot).kind; }
  /// The next deadline of E3 after the last input; `at == never` if there is none.
  [[nodiscard]] DeadlineAt next_rule_deadline() const { return next_; }
  /// What the mode becomes, and when, if nothing more is heard or done: `mode_changed` events in
  /// order, four at the most. It tells when calls stop, and what a gate has to do by itself if the
  /// agent dies (C6).
  [[nodiscard]] Events coming() const;
  /// When the next request falls due, which may be in the past if the wire is taken; `never` if
  /// none does.
  [[nodiscard]] UtcTime next_request() const;
  /// When to come back: the next deadline, or the next request due.
  [[nodiscard]] UtcTime next_deadline() const;
  /// The request to make now, if one is due and the wire is free. Nothing is sent while Disabled
  /// (E9).
  [[nodiscard]] std::optional<RequestKind> poll_request() const;

  // Commands. A command that the state does not allow is `command_refused` and changes nothing
  // (E9).
  void enable(UtcTime now, Events& events);
  void disable(UtcTime now, Events& events);
  Result<void> register_(UtcTime now, Events& events);
  /// The entitlement request changed (what is in it is not ours); it is asked for as soon as
  /// possible.
  Result<void> request(UtcTime now, Events& events);
  Result<void> authorize(UtcTime now, Events& events);
  Result<void> renew(UtcTime now, Events& events);
  /// True if it is done already (the certificate had ended), false if the manager has to be told
  /// first.
  Result<bool> deregister(UtcTime now, Events& events);

  /// A request of this kind was made and now waits in `slot`; it replaces what was open there.
  void opened(Slot slot, RequestKind kind, UtcTime now, Events& events);

  // Answers that verified (M8). `answer_unmatched` if `slot` holds no such request: late answers
  // change nothing (E9).
  Result<void> handle_registered(Slot slot, const CertificateFacts& certificate, UtcTime now,
                                 Events& events);
  /// `authorization_over` if the grant's own period has passed (E5): nothing changes, and it is
  /// asked again.
  Result<void> handle_granted(Slot slot, const Grant& grant, UtcTime now, Events& events);
  Result<void> handle_renewed(Slot slot, const CertificateFacts& certificate, UtcTime now,
                              Events& events);
  Result<void> handle_deregistered(Slot slot, UtcTime now, Events& events);
  /// A signed refusal (E6, M9): its row of the error table says what it does.
  Result<void> handle_refused(Slot slot, Errc code, std::optional<Ms> retry_after, UtcTime now,
                              Events& events);
  /// Anything else that came instead of an answer to the online request (E6): no mode changes.
  void handle_no_answer(Errc code, std::optional<Ms> retry_after, UtcTime now, Events& events);

  /// The online request has to be made once more, with a new number, though the manager was
  /// reached: its answer came too late to be used (E5), or the process restarted while it waited.
  /// Does nothing for an exported one.
  void ask_again(Slot slot);

  /// Runs all deadlines up to `now` (E3).
  void advance(UtcTime now, Events& events);
  /// Licensing time was wrong: at `now` it becomes `truth` (T2). Uses no evaluation and gives none
  /// back.
  void correct(UtcTime now, UtcTime truth, Events& events);

 private:
  OpenSlot& at(Slot slot) { return state_.slots[static_cast<std::size_t>(slot)]; }
  [[nodiscard]] const OpenSlot& at(Slot slot) const {
    return state_.slots[static_cast<std::size_t>(slot)];
  }
  Due& due(RequestKind kind) { return state_.due[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] const Due& due(RequestKind kind) const {
    return state_.due[static_cast<std::size_t>(kind)];
  }
  [[nodiscard]] bool leaving() const;
  /// Calls `visit` with each kind of request that may be made as things are; of two that are due at
  /// one instant the first one goes first.
  template <class Visit>
  void for_each_possible(Visit visit) const;

  [[nodiscard]] DeadlineAt find_next_deadline() const;
  void run_deadlines(UtcTime to, Events& events) {
    if (to >= next_.at) run_passed(to, events);
    if (to >= time()) pass_to(to);
  }
  void run_passed(UtcTime to, Events& events);
  void run(Deadline which, Events& events);
  void pass_to(UtcTime to);
  void record(Cause cause, Events& events);
  void record_change(Mode now, Cause cause, Events& events);
  void emit(EventKind kind, Events& events, std::optional<Errc> code = {});
  [[nodiscard]] Result<void> allowed(std::string_view command, bool condition,
                                     std::string_view state) const;
  Result<void> answered(Slot slot, RequestKind kind, Events& events);
  Error over(Slot slot, RequestKind kind, Errc code, std::string_view detail);
  void install(const CertificateFacts& certificate);
  void reschedule(RequestKind kind, Errc code, std::optional<Ms> retry_after);
  [[nodiscard]] Ms jittered(Ms interval);
  void drop_registration();

  Periods periods_;
  const EnforcementTable* table_;
  LicenceState state_;
  bool evaluation_counts_ = true;  // false only inside correct()
  DeadlineAt
      next_;  // kept, as most calls come before it; the last member, as it is found from them
};

[[nodiscard]] std::string_view to_string(RequestKind kind);

}  // namespace smartlic::rules
