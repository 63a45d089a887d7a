"""Scenarios as people write them: what is read, and what is said of what cannot be."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenario_world import DAY, at, lived, modes
from smartlic import Scenario, simulate
from smartlic.errors import InputError, StateError
from smartlic.whatif import EXAMPLE
from smartlic.whatif.policy import Policy

EVERYTHING = """\
enabled: 2026-01-01
registered: 2026-01-02
requested: [{CUSP-5: 2}, {at: 2026-03-01, CUSP-5: 3}]
purchased:
  - {until: 2026-06-01, CUSP-5: 3}
  - {from: 2026-06-01, CUSP-5: 2}
outages: [[2026-03-01, 2026-03-10]]
refusals: [{from: 2026-04-01, until: 2026-04-10, code: busy}, {from: 2026-07-01, code: instance_removed}]
clock_jumps: [{at: 2026-02-01, by: -2d}]
restarts: [[2026-02-02, 2026-02-03T12:00]]
restored: [{at: 2026-05-01, to: 2026-04-20}]
token: {expires: 2027-01-01, uses: 2, revoked: 2026-12-30}
root_swap: {published: 2026-05-10, used: 2026-08-10}
disabled: [[2026-04-11, 2026-04-12]]
registered_again: [2026-09-01]
deregistered: 2026-10-01
traffic: {cps: 2, daily: [0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 5, 5, 5, 5, 5, 5, 4, 3, 2, 1, 0, 0, 0]}
gate: immediate
policy: {certificate: 200d, retry_in_compliance: 10d, jitter: no}
until: 2026-11-01
seed: 7
"""


def test_everything_at_once_in_yaml_and_in_python() -> None:
    scenario = Scenario.from_yaml(EVERYTHING)
    again = Scenario(**{each.name: getattr(scenario, each.name) for each in dataclasses.fields(scenario)})
    assert again == scenario
    assert scenario.clock_jumps == ({"at": at("2026-02-01"), "by": -2 * DAY},)
    assert scenario.policy == Policy(certificate=200 * DAY, retry_in_compliance="10d", jitter=False)
    timeline = simulate(scenario, until="2026-10-10")
    assert timeline.to_dict() == simulate(scenario, until="2026-10-10").to_dict()
    assert {"InCompliance", "OutOfCompliance", "Disabled", "Eval"} <= set(modes(timeline))


def test_three_lines_are_a_scenario() -> None:
    scenario = Scenario.from_yaml("registered: 2026-01-02\nrequested: {CUSP-5: 2}\npurchased: {CUSP-5: 2}\n")
    assert modes(simulate(scenario)) == ["Eval", "InCompliance"]


@pytest.mark.parametrize("line", [line for line in EXAMPLE.splitlines() if re.match("# [a-z_]+: ", line)])
def test_each_line_of_the_example_may_be_taken_up(line: str) -> None:
    changed = EXAMPLE.replace(line, line.removeprefix("# "))
    if "registered_again" in line:
        changed = changed.replace("# deregistered", "deregistered")
    assert Scenario.from_yaml(changed) != Scenario.from_yaml(EXAMPLE)
    simulate(dataclasses.replace(Scenario.from_yaml(changed), traffic=None))


HEAD = "registered: 2026-01-02\n"
STATE = "start: {at: 2026-02-01, certificate: 2026-01-01}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("refusals:\n- from: 2026-03-01\n  until: 2026-04-01\n", "line 2: refusals.0: expected 'code' as well"),
        (
            "refusals:\n- from: 2026-03-01\n  until: 2026-04-01\n  code: bussy\n",
            "line 4: refusals.0.code: expected one of payload_invalid, version_unsupported, busy, ",
        ),
        ("refusals:\n- {from: 2026-03-01, code: busy}\n", "line 2: refusals.0: expected 'until' as well"),
        ("refusals:\n- {from: 2026-03-01, code: clock_off}\n", "line 2: refusals.0.code: expected one of"),
        (
            "refusals:\n- {from: 2026-03-01, until: 2026-04-01, code: instance_removed}\n",
            "line 2: refusals.0.until: expected no end: instance_removed is one act; see registered_again",
        ),
        ("refusals:\n- {form: 2026-03-01, code: busy}\n", "line 2: refusals.0: expected 'from' as well"),
        ("clock_jumps: [{at: 2026-03-01, by: far}]\n", "line 1: clock_jumps.0.by: expected a length of time such as"),
        (
            "clock_jumps: [{at: 2026-03-01, by: 1d, to: 2}]\n",
            "line 1: clock_jumps.0.to: unknown key 'to'; expected one",
        ),
        ("clock_jumps: 1d\n", "line 1: clock_jumps: expected a list of entries such as {at: 2026-03-01, by: 2d}, not"),
        ("requested: [{at: 2026-02-01, CUSP-9: 1}]\n", "line 1: requested.0.CUSP-9: "),
        (
            "requested: [{CUSP-5: 1}]\n",
            "line 1: requested.0: expected 'at' as well, as the product is never registered",
        ),
        (
            HEAD + "requested: [{CUSP-5: 1}, {CUSP-5: 2}]\n",
            "line 2: requested.1: expected 'at' as well, as it is not the",
        ),
        (
            HEAD + "requested: [{CUSP-5: 1}, {at: 2026-01-02}]\n",
            "line 2: requested.1.at: expected a time after the one before (2026-01-02 00:00 UTC)",
        ),
        (
            "purchased: [{from: 2026-02-01, until: 2026-01-01}]\n",
            "line 1: purchased.0.until: expected a time after 2026",
        ),
        (
            "purchased: 5\n",
            "line 1: purchased: expected tags and counts such as {CUSP-5: 2}, or a list of entries such",
        ),
        ("restarts: [[2025-01-01, 2026-01-05]]\n", "line 1: restarts.0: expected a time not before enabled"),
        (
            "restarts: [[2026-02-01, 2026-02-05], [2026-02-05, 2026-02-06]]\n",
            "line 1: restarts.1: expected a start after the end of the one before (2026-02-05 00:00 UTC)",
        ),
        (
            HEAD + "restarts: [[2026-01-01, 2026-01-05]]\n",
            "line 1: registered: expected another time than 2026-01-02 00:00 UTC, as the machine is off from 2026",
        ),
        (
            HEAD + "disabled: [[2026-01-01, 2026-01-05]]\n",
            "line 1: registered: expected another time than 2026-01-02 00:00 UTC, as smart licensing is disabled from",
        ),
        (
            "restarts: [[2026-01-02, 2026-01-05]]\ndisabled: [[2026-01-01, 2026-01-04]]\n",
            "line 2: disabled.0.1: expected another time than 2026-01-04 00:00 UTC, as the machine is off",
        ),
        ("restored: [{at: 2026-02-01, to: 2026-03-01}]\n", "line 1: restored.0.at: expected a time after 2026-03-01"),
        ("restored: [{at: 2026-02-01, to: 2025-03-01}]\n", "line 1: restored.0.to: expected a time not before enabled"),
        ("token: {uses: 0}\n", "line 1: token.uses: expected a whole number from 1 to 10^9, not 0"),
        ("token:\n  expires: 2026-01-01\n", "line 2: token.expires: expected a time after enabled (2026-01-01 00:00"),
        (
            "root_swap: {published: 2026-02-01, used: 2026-01-01}\n",
            "line 1: root_swap.used: expected a time after 2026",
        ),
        ("policy:\n  evaluation: 90d\n  renewal: 5d\n", "line 3: policy.renewal: unknown key 'renewal'; did you mean"),
        ("policy:\n  evaluation: 90x\n", "line 2: policy.evaluation: expected a length of time such as 90d, 12h or"),
        ("registered_again: [2026-02-01]\n", "line 1: registered_again.0: expected 'registered' as well"),
        (HEAD + "registered_again: [2026-01-01]\n", "line 2: registered_again.0: expected a time after registered ("),
        ("start: {evaluation_used: 3d}\n", "line 1: start: expected 'at' as well"),
        (
            "start: {at: 2026-02-01, authorized: 2026-01-01}\n",
            "line 1: start: expected 'certificate' as well: only a registered product is authorized",
        ),
        ("start: {at: 2026-02-01, out_of_compliance: 1}\n", "line 1: start.out_of_compliance: expected true or false"),
        (
            "start: {at: 2026-02-01, certificate: 2026-01-01, out_of_compliance: true}\n",
            "line 1: start.out_of_compliance: expected 'authorized' as well",
        ),
        (
            "start:\n  at: 2026-05-01\n  certificate: 2025-04-06\n  authorized: 2026-04-01\nrequested: {CUSP-5: 1}\n",
            "line 3: start.certificate: expected a certificate that is valid when authorized (2026-04-01 00:00 UTC)",
        ),
        (
            "start: {at: 2026-05-01, certificate: 2026-03-27, authorized: 2025-04-01}\nrequested: {CUSP-5: 1}\n",
            "line 1: start.certificate: expected a time before 2026-03-27 00:00 UTC",
        ),
        (
            "start: {at: 2026-02-01, evaluation_used: 91d}\n",
            "line 1: start.evaluation_used: expected at most the evalu",
        ),
        (
            "start: {at: 2026-02-01, certificate: 2015-01-01}\n",
            "line 1: start.certificate: expected a time not before ten",
        ),
        (
            "clock_jumps: [{at: 2026-02-01, by: 99999d}]\n",
            "line 1: clock_jumps.0.by: expected a length of time above z",
        ),
        ("enabled: 9999-12-31\n", "line 1: enabled: expected a time in the years 1970 to 2199, not '9999-12-31'"),
        (
            "requested:\n",
            "line 1: requested: expected tags and counts such as {CUSP-5: 2}, or a list of entries such as",
        ),
        (
            STATE + "requested: {CUSP-5: 2}\ndisabled: [[2026-02-01, 2027-01-01]]\n",
            "line 2: requested: expected another time than 2026-02-01 00:00 UTC, as smart licensing is disabled",
        ),
        (
            "start:\n  at: 2026-02-01\n  certificate: 2026-01-01\nregistered: 2026-03-01\n",
            "line 4: registered: expected none, as the product starts registered; see registered_again",
        ),
        (
            "start: {at: 2026-02-01, certificate: 2026-01-01, authorized: 2026-01-01}\nrequested: [{at: 2026-03-01}]\n",
            "line 2: requested: expected first what the authorization of 'start' is for, without 'at'",
        ),
        ("outages: &a [*a]\n", "line 1: outages.0: expected a pair"),
    ],
)
def test_errors_name_line_place_and_what_was_expected(text: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        Scenario.from_yaml(text, "mine.yaml")
    assert str(refused.value).startswith(f"mine.yaml {said}")
    assert refused.value.code == "invalid_argument"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {"registered_again": ["2026-02-01"]},
            "registered_again, 2026-02-01 00:00 UTC: .*cannot register while registered",
        ),
        (
            {"deregistered": "2026-02-01", "refusals": [{"from": "2026-01-10", "code": "instance_removed"}]},
            "deregistered, 2026-02-01 00:00 UTC: .*cannot deregister while unidentified",
        ),
    ],
)
def test_a_command_that_the_state_does_not_allow_names_key_and_time(more: dict[str, Any], said: str) -> None:
    with pytest.raises(StateError, match=f"^{said}") as refused:
        lived(**more, policy={"retry_in_compliance": "5d"})
    assert refused.value.code == "command_refused"


# --- whatever is written

KEYS = st.sampled_from(["at", "from", "until", "to", "by", "for", "code", "cps", "file", "CUSP-5", "published", "uses"])
TIMES = st.sampled_from(["2026-01-01", "2026-03-01T08:30Z", "2026-06-01", "0001-01-01", "9999-12-31", "90d", "-2d"])
WORDS = KEYS | TIMES | st.sampled_from(["busy", "instance_removed", "averaged"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from([each.name for each in dataclasses.fields(Scenario)])


@given(st.dictionaries(FIELDS, ANYTHING, max_size=4))
def test_anything_is_a_scenario_or_an_input_error(content: dict[str, Any]) -> None:
    try:
        scenario = Scenario(**content)
    except InputError:
        return
    assert dataclasses.replace(scenario) == scenario


def test_a_policy_too_short_is_said_in_words() -> None:
    with pytest.raises(InputError, match=r"policy\.retry_base: expected 1 s to 30 days, not 1 ms$"):
        Scenario(policy={"retry_base": timedelta(milliseconds=1)})
