"""The compiled agent opposite the compiled manager, with everything in between that goes wrong (RULES E, T, M).

Answers are lost, doubled, late, forged and foreign; clocks lie; the device restarts, from what was durable or an old
copy; administrators act. After each step the mode is the model's, which shares no code with the core. What occurred is
counted over the run, printed, and none of it may be zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from core_world import CUSP_5, DAY, START, TICK, new_agent, seed
from hypothesis import settings
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
from smartlic._core import Agent, EntitlementRequest, Notify, Persist, Send, parse_token
from smartlic._gate import Mode
from smartlic.errors import StateError, TrustError
from stateful_world import FORGERIES, STRANGER, Backend, Believed, Clocks, InMemory, InSql, Message, Sent, resigned

REFUSALS = {str(row["code"]) for row in _gate.error_table() if row["effect"]}
# What no honest agent provokes; and busy and internal, which a manager says of itself.
INJECTED = [
    "busy",
    "internal",
    "busy",
    "internal",
    "binding_wrong",
    "payload_invalid",
    "renewal_refused",
    "version_unsupported",
]

occurred: dict[str, Counter[str]] = {
    what: Counter() for what in ("mode", "event", "deadline", "refusal", "forgery", "not taken in")
}

steps = st.one_of(
    st.integers(0, 3).map(lambda n: n * TICK),
    st.integers(1, 48).map(lambda n: timedelta(hours=n)),
    st.integers(1, 45).map(lambda n: n * DAY),
    st.sampled_from([100, 181, 361]).map(lambda n: n * DAY),
)
BAD_TOKENS = ["unknown", "wrong", "expired", "used up", "revoked"]
LATER = [
    "instance removed",
    "certificate revoked",
    "copies refused",
    "certificate ended",
    "entitlement denied",
    "a copy renews late",
]


# The manager here never rotates its signing certificate (M6), so no life may outlast what it can still issue.
OLD = START + 3 * 365 * DAY
YOUNG = precondition(lambda self: bool(self.clocks.truth < OLD))


class AgentBesideModel(RuleBasedStateMachine):
    backend: Callable[[], Backend] = InMemory

    def __init__(self) -> None:
        super().__init__()
        self.clocks = Clocks()
        self.manager = type(self).backend()
        self.believed = Believed(ModelLicence(START), self.clocks.now())
        self.agent = new_agent(1, self.clocks.now())
        self.sent: dict[str, Sent] = {}
        self.kept: list[tuple[bytes, Sent]] = []  # answers that may come late or again
        self.durable: tuple[bytes, Believed, dict[str, Sent]]
        self.old: tuple[bytes, Believed, dict[str, Sent]] | None = None
        self.loads = 0
        self.pump()

    # --- what a driver does

    def pump(self) -> None:
        while (output := self.agent.poll_output()) is not None:
            if isinstance(output, Persist):
                self.durable = (output.state, self.believed.copy(), dict(self.sent))
            elif isinstance(output, Send):
                self.sent[output.slot] = Sent(
                    output.slot, output.kind, output.bytes, self.clocks.now(), self.believed.licence.now
                )
                # The send is part of what was made durable just before it.
                self.durable = (self.durable[0], self.durable[1], dict(self.sent))
            elif isinstance(output, Notify):
                occurred["event"][output.event.kind] += 1

    def look(self) -> None:
        """Agent and model see the same time."""
        self.believed.look(self.clocks.now())
        self.agent.handle_timeout(now=self.clocks.now())
        self.pump()

    def do(self, command: Callable[[], Any], then: Callable[[], None] = lambda: None) -> bool:
        """A command, and what it does in the model; False if the state does not allow it: that changes nothing (E9)."""
        self.look()
        try:
            command()
        except StateError as refused:
            assert refused.code == "command_refused"
            return False
        then()
        self.pump()
        return True

    def reload(self, state: tuple[bytes, Believed, dict[str, Sent]]) -> None:
        saved, believed, sent = state
        self.loads += 1
        self.agent = Agent.load(saved, seed=seed(100 + self.loads), now=self.clocks.now())
        self.believed, self.sent = believed.copy(), dict(sent)
        self.look()

    def open(self, slot: str = "online") -> Sent | None:
        """The request of a slot that waits for its answer."""
        return self.sent[slot] if self.agent.status()["open"][slot] else None

    def ask(self, sent: Sent, inject: str | None = None) -> bytes | None:
        """The manager's answer; None if it is an unsigned error."""
        self.manager.time = self.clocks.truth
        status, body = self.manager.answer(sent.bytes, sent.slot, inject)
        if status != 200:
            return None
        self.kept = [*self.kept[-7:], (body, sent)]
        return body

    def hand_over(self, answer: bytes, sent: Sent) -> None:
        """An answer comes in: it is taken in if, and only if, its request waits for it; the model does the same."""
        self.look()
        message = Message.read(answer)
        expected: str | None = "unmatched"
        over = sent.slot == "exported" and self.believed.licence.now - sent.licensing_time >= 30 * DAY  # M12
        if self.open(sent.slot) == sent and not over:
            truth = self.believed.truth_of(message, sent, self.clocks.now())
            expected = self.believed.expected(message, truth)
            if expected is None and not self.believed.take(message, sent, truth):
                expected = "unmatched"
        try:
            self.agent.handle_answer(answer, now=self.clocks.now())
            assert expected is None
            if message.type == "refused":
                occurred["refusal"][message.payload["code"]] += 1
        except TrustError as error:
            occurred["not taken in"][error.code] += 1
            unmatched = {"answer_unmatched", "binding_wrong", "chain_untrusted", "payload_invalid"}
            assert error.code in (unmatched if expected == "unmatched" else {expected})
        self.pump()

    def exchange(self) -> None:
        """What waits is sent and answered at once."""
        sent = self.open()
        if sent is None:
            return
        answer = self.ask(sent)
        if answer is None:
            self.unanswered()
        else:
            self.hand_over(answer, sent)
            if self.open() == sent:
                self.unanswered("answer_unmatched")

    def unanswered(self, code: str = "unreachable") -> None:
        self.believed.look(self.clocks.now())
        self.agent.handle_no_answer(code, now=self.clocks.now())
        self.pump()

    # --- beginnings

    @initialize(
        begin=st.sampled_from(["Disabled", "Eval", "registered", "in", "in", "out", "out"]),
        trouble=st.sampled_from([None, *BAD_TOKENS, *LATER]),
    )
    def begin(self, begin: str, trouble: str | None) -> None:
        """Most runs begin where the rules have something to say, and many with a refusal that is rare otherwise."""
        if begin != "Disabled" or trouble:
            self.enable()
        if trouble in BAD_TOKENS:
            self.register(trouble)
        elif trouble and begin in ("Disabled", "Eval"):
            begin = "in"
        if begin in ("registered", "in", "out"):
            self.register("good")
            self.exchange()
        if begin in ("in", "out"):
            self.request(2 if begin == "in" else 3)
            self.exchange()
            self.meet(trouble)

    def meet(self, trouble: str | None) -> None:
        if trouble == "instance removed":
            self.administer("remove")
            self.authorize("authorize")
            self.exchange()
        elif trouble == "certificate revoked":
            self.administer("revoke-certificate")
        elif trouble == "entitlement denied":
            self.block(True)
        elif trouble == "copies refused":
            self.a_copy_speaks("authorize", True)
        elif trouble == "certificate ended":
            self.clocks.truth += 361 * DAY
            self.look()
            self.answered_again_and_again()
            self.authorize("renew")
        elif trouble == "a copy renews late":
            copied = self.durable
            self.authorize("renew")
            self.lost("timed_out", decided=True)
            self.reload(copied)
            self.clocks.truth += 361 * DAY
            self.look()
            self.answered_again_and_again()
        self.authorize("authorize")
        self.answered_again_and_again()

    # --- time

    @YOUNG
    @rule(step=steps, look=st.booleans())
    def wait(self, step: timedelta, look: bool) -> None:
        """A device that does not look finds the same history later (E3)."""
        self.clocks.truth += step
        if look:
            self.look()

    @YOUNG
    @rule(which=st.integers(0, 2), offset=st.integers(-1, 1))
    def go_to_a_deadline(self, which: int, offset: int) -> None:
        self.look()
        status = self.agent.status()
        ends = [change["at"] for change in status["coming"]] + [each["due"] for each in status["pending"]]
        ends += [status["certificate"]["not_after"]] if status["certificate"] else []
        if ends:
            gap = ends[which % len(ends)] + offset * TICK - self.believed.licence.now
            self.clocks.truth += max(timedelta(0), gap)
            self.look()

    @rule(days=st.sampled_from([-400, -30, -1, 0, 0, 1, 30, 400]), reboot=st.booleans(), off=st.integers(0, 3))
    def clocks_lie(self, days: int, reboot: bool, off: int) -> None:
        """Within a boot that moves no deadline, across boots it does until an answer corrects it (T1, T4)."""
        self.clocks.offset = days * DAY
        if reboot:
            self.clocks.truth += off * DAY
            self.clocks.reboot()
            self.reload(self.durable)
        self.look()

    @YOUNG
    @rule(days=st.sampled_from([1, 91, 361]))
    def lies_in_the_store_with_a_dead_clock(self, days: int) -> None:
        self.clocks.truth += days * DAY
        self.clocks.offset -= days * DAY
        self.clocks.reboot()
        self.reload(self.durable)
        self.authorize("authorize")
        self.exchange()

    @rule()
    def restart(self) -> None:
        self.reload(self.durable)

    # --- commands

    @rule()
    def enable(self) -> None:
        self.do(lambda: self.agent.enable(now=self.clocks.now()), lambda: self.set_enabled(True))

    @rule(really=st.integers(0, 9).map(lambda n: n == 9))
    def disable(self, really: bool) -> None:
        if really:
            self.do(lambda: self.agent.disable(now=self.clocks.now()), lambda: self.set_enabled(False))

    def set_enabled(self, enabled: bool) -> None:
        self.believed.licence.enabled = enabled

    @precondition(lambda self: not self.believed.licence.registered)
    @rule(token=st.sampled_from(["good"] * 6 + BAD_TOKENS))
    def register(self, token: str) -> None:
        self.manager.time = self.clocks.truth
        expires = self.clocks.truth + DAY
        text = self.manager.token(expires=expires if token == "expired" else None)
        if token == "revoked":
            self.manager.revoke(text)
        name, _, secret = text.partition(".")
        if token == "unknown":
            text = f"{name[::-1]}.{secret}"
        if token == "wrong":
            text = f"{name}.{self.manager.token().partition('.')[2]}"
        if token == "used up":
            self.another_registers(text)
        if token == "expired":
            self.clocks.truth = expires
        command = self.agent.register
        trust, parsed = self.manager.trust, parse_token(text)
        if self.do(lambda: command(trust=trust, token=parsed, now=self.clocks.now())) and token != "good":
            self.exchange()

    @rule(count=st.integers(0, 3))
    def request(self, count: int) -> None:
        wanted = [EntitlementRequest(tag=CUSP_5.tag, count=count, version=CUSP_5.version)] if count else []
        self.do(lambda: self.agent.request(wanted, now=self.clocks.now()))

    @rule(command=st.sampled_from(["authorize", "renew", "export_request"]))
    def authorize(self, command: str) -> None:
        self.do(lambda: getattr(self.agent, command)(now=self.clocks.now()))

    @rule(really=st.integers(0, 3).map(lambda n: n == 3))
    def deregister(self, really: bool) -> None:
        if really:
            self.do(lambda: self.agent.deregister(now=self.clocks.now()), lambda: self.believed.licence.deregister())

    # --- the way to the manager and back

    @rule()
    def answered(self) -> None:
        self.exchange()

    @rule()
    def answered_again_and_again(self) -> None:
        for _ in range(3):
            self.exchange()

    @rule(code=st.sampled_from(["unreachable", "timed_out", "tls_failed", "http_status"]), decided=st.booleans())
    def lost(self, code: str, decided: bool) -> None:
        """On the way there, or on the way back, when the manager has decided."""
        if sent := self.open():
            if decided:
                self.ask(sent)
            self.unanswered(code)

    @rule(code=st.sampled_from(INJECTED))
    def refused(self, code: str) -> None:
        self.authorize("authorize")
        if (sent := self.open()) and (answer := self.ask(sent, inject=code)):
            self.hand_over(answer, sent)

    @YOUNG
    @precondition(lambda self: self.kept)
    @rule(which=st.integers(0, 7), wait=steps)
    def late_or_doubled(self, which: int, wait: timedelta) -> None:
        self.clocks.truth += wait
        self.hand_over(*self.kept[which % len(self.kept)])

    @rule()
    def carried_by_hand(self) -> None:
        if (sent := self.open("exported")) and (answer := self.ask(sent)):
            self.hand_over(answer, sent)

    @rule(how=st.sampled_from(sorted(FORGERIES)), slot=st.sampled_from(["online", "exported"]))
    def forged(self, how: str, slot: str) -> None:
        """The forger has seen the true answer, which is the best that he can have."""
        self.authorize("authorize" if slot == "online" else "export_request")
        if (sent := self.open(slot)) and (answer := self.ask(sent)):
            self.nothing_comes_of(FORGERIES[how](answer), how)

    @rule(code=st.sampled_from(["certificate_revoked", "entitlement_denied"]))
    def a_stranger_refuses(self, code: str) -> None:
        if (sent := self.open()) and (answer := self.ask(sent, inject="busy")):
            self.nothing_comes_of(resigned(answer, STRANGER.identity.signing, {"code": code}), "a stranger refuses")

    @rule(removed=st.booleans())
    def foreign(self, removed: bool) -> None:
        """What the same manager says to another device."""
        self.look()
        self.manager.time = self.clocks.truth
        for answer in self.another_registers(self.manager.token(), removed=removed):
            self.nothing_comes_of(answer, "foreign")

    def nothing_comes_of(self, answer: bytes, how: str) -> None:
        self.look()
        before = self.agent.status()
        with pytest.raises(TrustError):
            self.agent.handle_answer(answer, now=self.clocks.now())
        self.pump()
        after = self.agent.status()
        assert before.pop("counters") != after.pop("counters")
        assert before.pop("next_deadline") <= after.pop("next_deadline")  # counting saves too
        assert before == after
        occurred["forgery"][how] += 1

    def another_registers(self, token: str, *, removed: bool = False) -> list[bytes]:
        """Another device with the same token; what it is told."""
        now = self.clocks.now()
        other = new_agent(2, Clocks().now())
        other.enable(now=now)
        other.register(trust=self.manager.trust, token=parse_token(token), now=now)
        other.request([EntitlementRequest(tag=CUSP_5.tag, count=1)], now=now)
        answers: list[bytes] = []
        for _ in range(20):
            output = other.poll_output()
            if isinstance(output, Send):
                if removed and output.kind == "authorization" and other.instance:
                    self.manager.administer(str(other.instance), "remove")
                status, body = self.manager.answer(output.bytes, "online")
                assert status == 200
                answers.append(body)
                other.handle_answer(body, now=now)
        return answers

    # --- administrators and copies

    @rule(blocked=st.booleans())
    def block(self, blocked: bool) -> None:
        self.manager.block(blocked)

    @precondition(lambda self: self.agent.instance is not None)
    @rule(command=st.sampled_from(["remove", "revoke-certificate", "refuse-copies", "serve-copies", "clear-suspicion"]))
    def administer(self, command: str) -> None:
        self.manager.administer(str(self.agent.instance), command)

    @rule()
    def snapshot(self) -> None:
        self.old = self.durable

    @precondition(lambda self: self.old is not None)
    @rule()
    def the_snapshot_is_restored(self) -> None:
        """What the manager has seen since is unknown to the copy (M11)."""
        assert self.old is not None
        self.reload(self.old)

    @precondition(lambda self: self.believed.licence.registered)
    @rule(command=st.sampled_from(["authorize", "renew"]), refuse=st.booleans())
    def a_copy_speaks(self, command: str, refuse: bool) -> None:
        if refuse:
            self.manager.administer(str(self.agent.instance), "refuse-copies")
        self.look()
        copied = self.durable
        self.authorize(command)
        self.answered_again_and_again()
        self.authorize("authorize")
        self.answered_again_and_again()
        self.reload(copied)
        self.authorize("authorize")
        self.answered_again_and_again()

    @invariant()
    def the_mode_is_the_models(self) -> None:
        model = self.believed.licence
        status = self.agent.status()
        occurred["mode"][status["mode"]] += 1
        occurred["deadline"].update(self.believed.passed)
        self.believed.passed.clear()
        assert status["mode"] == model.mode
        assert status["licensing_time"] == model.now
        assert status["evaluation"]["used"] == model.used <= EVALUATION
        assert status["registered"] == model.registered
        assert status["enabled"] == model.enabled


class AgentBesideModelOnSql(AgentBesideModel):
    backend = InSql


def run(machine: type[AgentBesideModel], examples: int) -> None:
    if settings.get_current_profile_name() == "soak":
        examples *= 50
    run_state_machine_as_test(machine, settings=settings(max_examples=examples, stateful_step_count=40))


@pytest.mark.soak
def test_the_mode_equals_the_models_whatever_happens(capsys: pytest.CaptureFixture[str]) -> None:
    for counter in occurred.values():
        counter.clear()
    run(AgentBesideModel, 250)
    with capsys.disabled():
        print()
        for what, counter in occurred.items():
            print(f"{what}: " + ", ".join(f"{name} {count}" for name, count in sorted(counter.items())))
    assert set(occurred["mode"]) == {mode.name for mode in Mode}
    assert set(occurred["event"]) == EVENTS
    assert set(occurred["deadline"]) == {"authorization", "certificate", "evaluation"}
    assert set(occurred["refusal"]) == REFUSALS
    assert set(occurred["forgery"]) == {*FORGERIES, "a stranger refuses", "foreign"}


def test_the_same_on_the_ledger_in_sql() -> None:
    run(AgentBesideModelOnSql, 15)
