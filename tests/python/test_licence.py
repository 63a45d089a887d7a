"""Licence, LicensingClock, Pool and their friends from Python (RULES E, T, P).

The stateful test drives a Licence with commands, answers, refusals, silence, time and corrections; its mode equals the
model's after each step. What occurred is counted over the run, printed, and none may be zero.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from model_licence import EVALUATION, EVENTS, ModelLicence
from smartlic import _gate
from smartlic._core import (
    Authorization,
    CertificateFacts,
    Event,
    Licence,
    LicensingClock,
    Periods,
    Pool,
    enforcement_table,
    mode_at,
)
from smartlic._gate import Mode, Now
from smartlic.errors import InputError, SmartlicError, StateError, TrustError

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
TICK = timedelta(milliseconds=1)

REFUSALS = {str(row["code"]): row["effect"] for row in _gate.error_table() if row["effect"]}
KEEP = sorted(code for code, effect in REFUSALS.items() if effect == "keep")
DROP = sorted(set(REFUSALS) - set(KEEP))
BY_LICENCE = EVENTS - {"clock_jumped", "fork_suspected"}  # these two come from the Agent


def day(number: float) -> datetime:
    return START + number * DAY


def certificate(issued: datetime, life: timedelta) -> CertificateFacts:
    return CertificateFacts(issued=issued, not_after=issued + life, renew_at=issued + life / 2)


def in_compliance() -> Licence:
    """Enabled on day 0, registered for 360 days and in compliance from day 1."""
    licence = Licence(made=START, seed=1)
    licence.enable(now=START)
    licence.opened(kind="registration", now=day(1))
    licence.handle_registered(certificate=certificate(day(1), 360 * DAY), now=day(1))
    licence.request(now=day(1))
    licence.opened(kind="authorization", now=day(1))
    licence.handle_granted(start_date=day(1), out_of_compliance=False, retry_interval=30 * DAY, now=day(1))
    return licence


occurred: dict[str, Counter[str]] = {"mode": Counter(), "event": Counter(), "deadline": Counter()}

# Steps of time: ticks, hours, days; or to a deadline of the licence, and one tick before or after it.
steps = st.one_of(
    st.integers(0, 3).map(lambda n: n * TICK),
    st.integers(1, 48).map(lambda n: timedelta(hours=n)),
    st.integers(1, 120).map(lambda n: n * DAY),
)
lives = st.sampled_from([1 * DAY, 40 * DAY, 90 * DAY, 360 * DAY])


class LicenceBesideModel(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.licence = Licence(made=START, seed=7)
        self.model = ModelLicence(START)
        self.now = START

    def see(self, events: list[Event]) -> None:
        occurred["event"].update(event.kind for event in events)

    def live(self, until: datetime) -> None:
        self.now = until
        occurred["deadline"].update(self.model.run_to(until))

    def answer(self, kind: str, slot: str = "online") -> None:
        """Open a request of this kind, as if it had been sent just now."""
        self.see(self.licence.opened(slot=slot, kind=kind, now=self.now))

    @initialize(begin=st.sampled_from(["Disabled", "Eval", "registered", "in", "out", "in", "out"]), life=lives)
    def begin(self, begin: str, life: timedelta) -> None:
        """Most runs begin where the rules have something to say."""
        if begin != "Disabled":
            self.enable()
        if begin in ("registered", "in", "out"):
            self.registered(life)
        if begin in ("in", "out"):
            self.granted(out=begin == "out", age=0, slot="online")

    # --- time

    @rule(step=steps, look=st.booleans())
    def wait(self, step: timedelta, look: bool) -> None:
        """A sleeping device finds the same history when it wakes (E3): it need not look."""
        self.live(self.now + step)
        if look:
            self.see(self.licence.advance(now=self.now))

    @rule(offset=st.integers(-1, 1))
    def go_to_a_deadline(self, offset: int) -> None:
        self.see(self.licence.advance(now=self.now))
        deadline = self.licence.next_rule_deadline
        if deadline is not None:
            self.live(max(self.now, deadline + offset * TICK))

    @rule(days=st.integers(-200, 200))
    def correct(self, days: int) -> None:
        truth = max(START, self.now + days * DAY)
        self.see(self.licence.correct(now=self.now, truth=truth))
        self.model.correct(truth)
        self.now = truth

    # --- commands

    @rule()
    def enable(self) -> None:
        self.see(self.licence.enable(now=self.now))
        self.model.enabled = True

    @rule(really=st.integers(0, 9).map(lambda n: n == 9))
    def disable(self, really: bool) -> None:
        """Seldom, as little happens while Disabled."""
        if not really:
            return
        self.see(self.licence.disable(now=self.now))
        self.model.enabled = False

    @rule()
    def deregister(self) -> None:
        if not self.model.enabled or self.model.certificate_end is None:
            with pytest.raises(StateError) as refused:
                self.licence.deregister(now=self.now)
            assert refused.value.code == "command_refused"
        else:
            self.see(self.licence.deregister(now=self.now))
            self.model.deregister()

    @rule(command=st.sampled_from(["register", "request", "authorize", "renew"]))
    def command(self, command: str) -> None:
        """None of these changes the mode by itself, allowed or not (E9)."""
        try:
            self.see(getattr(self.licence, command)(now=self.now))
        except StateError as refused:
            assert refused.code == "command_refused"

    # --- answers

    @precondition(lambda self: not self.model.registered)
    @rule(life=lives)
    def registered(self, life: timedelta) -> None:
        self.answer("registration")
        self.see(self.licence.handle_registered(certificate=certificate(self.now, life), now=self.now))
        self.model.has_registered(self.now + life)

    @rule(
        out=st.booleans(), age=st.sampled_from([0, 0, 0, 1, 89, 90, 91]), slot=st.sampled_from(["online", "exported"])
    )
    def granted(self, out: bool, age: int, slot: str) -> None:
        start = self.now - age * DAY
        self.answer("authorization", slot)
        try:
            self.see(
                self.licence.handle_granted(
                    slot=slot, start_date=start, out_of_compliance=out, retry_interval=30 * DAY, now=self.now
                )
            )
        except TrustError as late:
            assert late.code == ("authorization_over" if self.model.registered else "answer_unmatched")
        self.model.granted(start, out=out)

    @precondition(lambda self: self.model.certificate_end is not None)
    @rule(life=lives)
    def renewed(self, life: timedelta) -> None:
        self.answer("renewal")
        self.see(self.licence.handle_renewed(certificate=certificate(self.now, life), now=self.now))
        self.model.renewed(self.now + life)

    @precondition(lambda self: self.model.registered)
    @rule()
    def deregistered(self) -> None:
        self.answer("deregistration")
        self.see(self.licence.handle_deregistered(now=self.now))
        self.model.deregistered()

    @precondition(lambda self: self.model.enabled)
    @rule(
        code=st.one_of(st.sampled_from(KEEP), st.sampled_from(DROP)),
        kind=st.sampled_from(["registration", "authorization", "renewal"]),
    )
    def refused(self, code: str, kind: str) -> None:
        """Codes that keep are many; those that drop are as likely as they together."""
        self.answer(kind)
        self.see(self.licence.handle_refused(code=code, now=self.now))
        if REFUSALS[code] == "drop_authorization":
            self.model.dropped()
        if REFUSALS[code] == "drop_registration":
            self.model.deregistered()

    @rule(code=st.sampled_from(["unreachable", "tls_failed", "signature_invalid", "binding_wrong", "http_status"]))
    def unanswered(self, code: str) -> None:
        self.answer("authorization")
        self.see(self.licence.handle_no_answer(code=code, now=self.now))

    @rule()
    def answers_to_nothing_open_change_nothing(self) -> None:
        """Forged, doubled and late ones never get further than this (E6, E9)."""
        self.see(self.licence.opened(slot="exported", kind="registration", now=self.now))
        self.see(self.licence.handle_refused(slot="exported", code="busy", now=self.now))
        tries: list[Callable[[], object]] = [
            lambda: self.licence.handle_granted(
                slot="exported", start_date=self.now, out_of_compliance=False, retry_interval=DAY, now=self.now
            ),
            lambda: self.licence.handle_refused(slot="exported", code="instance_removed", now=self.now),
        ]
        for late in tries:
            with pytest.raises(TrustError) as unmatched:
                late()
            assert unmatched.value.code == "answer_unmatched"

    @invariant()
    def the_mode_is_the_models(self) -> None:
        licence = copy.copy(self.licence)
        licence.advance(now=self.now)
        occurred["mode"][licence.mode.name] += 1
        assert licence.mode.name == self.model.mode
        assert licence.evaluation_used == self.model.used
        assert licence.evaluation_used <= EVALUATION
        assert licence.registered == self.model.registered
        assert licence.mode == mode_at(
            enabled=licence.enabled,
            authorization=licence.authorization,
            evaluation_used=licence.evaluation_used,
            at=licence.time,
        )


def test_the_mode_equals_the_models_whatever_happens(capsys: pytest.CaptureFixture[str]) -> None:
    for counter in occurred.values():
        counter.clear()
    run_state_machine_as_test(LicenceBesideModel)
    with capsys.disabled():
        print()
        for what, counter in occurred.items():
            print(f"{what}: " + ", ".join(f"{name} {count}" for name, count in sorted(counter.items())))
    assert set(occurred["mode"]) == {mode.name for mode in Mode}
    assert set(occurred["event"]) == BY_LICENCE
    assert set(occurred["deadline"]) == {"authorization", "certificate", "evaluation"}


def test_a_command_that_is_refused_names_state_and_command_and_loses_no_event() -> None:
    licence = in_compliance()
    with pytest.raises(StateError, match=r"cannot register while registered; deregister first") as refused:
        licence.register(now=day(91))
    assert refused.value.code == "command_refused"
    assert licence.mode is Mode.AuthorizationExpired
    assert [event.after for event in licence.advance(now=day(91))] == [Mode.AuthorizationExpired]


def test_events_tell_their_facts() -> None:
    licence = in_compliance()
    (event,) = licence.advance(now=day(91))
    assert event.to_dict() == {
        "kind": "mode_changed",
        "at": "2026-04-02T00:00:00.000Z",
        "before": "InCompliance",
        "after": "AuthorizationExpired",
        "cause": "authorization_ended",
    }
    assert repr(event).startswith("<Event mode_changed at 2026-04-02T00:00:00.000Z, before InCompliance")
    assert (event.at, event.code, event.from_, event.to) == (day(91), None, None, None)
    licence.opened(kind="authorization", now=day(92))
    refused, changed = licence.handle_refused(code="entitlement_denied", now=day(92))
    assert refused.to_dict()["code"] == "entitlement_denied"
    assert changed.after is Mode.Eval
    licence.opened(kind="authorization", now=day(93))
    authorized, _ = licence.handle_granted(start_date=day(93), out_of_compliance=True, retry_interval=DAY, now=day(93))
    assert (authorized.from_, authorized.to, authorized.after) == (day(93), day(183), Mode.OutOfCompliance)


def test_what_is_coming_is_told_without_living_it() -> None:
    licence = in_compliance()
    assert [(event.at, event.after) for event in licence.coming()] == [(day(91), Mode.AuthorizationExpired)]
    assert licence.mode is Mode.InCompliance
    assert licence.next_rule_deadline == day(91)
    assert licence.next_deadline is not None
    assert day(29) < licence.next_deadline <= day(31)
    assert licence.authorization == Authorization(start=day(1), bound=day(361))
    assert licence.certificate == certificate(day(1), 360 * DAY)


def test_requests_are_polled_and_opened() -> None:
    licence = Licence(made=START, seed=1)
    licence.enable(now=START)
    assert licence.poll_request() is None
    licence.register(now=START)
    assert licence.poll_request() == "registration"
    licence.opened(kind="registration", now=START)
    assert (licence.open("online"), licence.open("exported")) == ("registration", None)
    assert licence.poll_request() is None


@pytest.mark.parametrize(
    "call",
    [
        lambda licence: licence.open("both"),
        lambda licence: licence.opened(kind="wish", now=START),
        lambda licence: licence.handle_refused(code="no_such_code", now=START),
        lambda licence: Periods(evaluation=timedelta(0)),
        lambda licence: Periods(retry_base=timedelta(days=40_000)),
        lambda licence: Periods(jitter_percent=101),
        lambda licence: Periods(ask_min=31 * DAY),
        lambda licence: Pool().purchase(-1, 1, start=START),
        lambda licence: Pool().purchase(1_000_000, 1, start=START),
        lambda licence: Pool().use(1, {0: -1}, until=None, now=START),
    ],
)
def test_values_outside_what_is_accepted_are_input_errors(call: object) -> None:
    assert callable(call)
    with pytest.raises(InputError) as refused:
        call(Licence(made=START, seed=1))
    assert refused.value.code == "invalid_argument"
    assert isinstance(refused.value, SmartlicError)


def test_periods_have_the_rules_defaults_and_no_unknown_fields() -> None:
    periods = Periods()
    assert (periods.evaluation, periods.authorization) == (90 * DAY, 90 * DAY)
    assert (periods.retry_base, periods.retry_max) == (timedelta(seconds=60), timedelta(hours=12))
    assert (periods.ask_min, periods.ask_max, periods.jitter_percent) == (timedelta(seconds=60), 30 * DAY, 5)
    assert Periods(evaluation=DAY) != periods
    assert repr(Periods(evaluation=DAY)).startswith("Periods(evaluation=datetime.timedelta(days=1), ")
    with pytest.raises(TypeError, match="no such field"):
        Periods(evalutaion=DAY)
    short = Licence(made=START, seed=1, periods=Periods(evaluation=DAY))
    short.enable(now=START)
    assert short.evaluation_end == day(1)


def test_the_enforcement_table_is_E1() -> None:
    rows = enforcement_table()
    assert [row["mode"].name for row in rows] == [
        "Disabled",
        "InCompliance",
        "AuthorizationExpired",
        "Eval",
        "EvalExpired",
    ]
    assert rows[1]["mode_if_out"] is Mode.OutOfCompliance
    assert [row["calls_allowed"] for row in rows] == [False, True, False, True, False]
    assert [row["row"] for row in rows] == [1, 2, 3, 4, 5]


def test_mode_at_takes_facts_by_name() -> None:
    held = Authorization(start=day(0), bound=day(90), out_of_compliance=True)
    assert held.end() == day(90)
    assert held.ends_by_own_period()
    assert not held.ends_by_own_period(Periods(authorization=91 * DAY))
    for at, mode in [(day(90) - TICK, Mode.OutOfCompliance), (day(90), Mode.AuthorizationExpired)]:
        assert mode_at(enabled=True, authorization=held, evaluation_used=timedelta(0), at=at) is mode


def test_licensing_time_follows_the_boot_clock_and_the_manager() -> None:
    hour = 3_600_000_000_000
    first, second = UUID(int=1), UUID(int=2)
    clock = LicensingClock(seen=Now(wall=START, boot=0, boot_id=first))
    jumped = Now(wall=day(30), boot=hour, boot_id=first)
    assert clock.at(jumped) == START + timedelta(hours=1)
    assert clock.observe(jumped) == (START + timedelta(hours=1), day(30))
    rebooted = Now(wall=day(31), boot=0, boot_id=second)
    assert clock.at(rebooted) == START + timedelta(hours=25)
    asked = Now(wall=day(31), boot=0, boot_id=second)
    answered = Now(wall=day(31), boot=2 * 10**9, boot_id=second)
    truth = clock.corrected(now=answered, answer_time=START, asked=asked)
    assert truth == START + timedelta(seconds=2)
    clock.correct(now=answered, licensing=truth)
    assert clock.licensing == truth
    assert LicensingClock(licensing=truth, seen=answered).at(answered) == truth


def test_a_pool_counts_usage_against_purchases() -> None:
    pool = Pool()
    pool.purchase(0, 4, start=START)
    assert pool.use(1, {0: 2}, until=day(90), now=START)
    assert not pool.use(2, {0: 3}, until=None, now=START)
    assert (pool.in_use(0, now=START), pool.purchased(0, now=START), pool.balance(0, now=START)) == (5, 4, -1)
    assert pool.usage(2, now=START) == {0: 3}
    pool.extend(1, until=day(100), now=day(1))
    assert pool.in_use(0, now=day(100) - TICK) == 5
    assert pool.in_use(0, now=day(100)) == 3
    pool.release(2)
    assert pool.usage(2, now=day(100)) == {}
