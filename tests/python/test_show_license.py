"""What devices print for `show license`, read back: a written corpus, damage to it, and what it means by the rules."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smartlic.errors import InputError
from smartlic.logs.show_license import ShowLicense, Usage, looks_like_show_license, parse_show_license
from smartlic.logs.show_words import is_refusal
from smartlic.logs.standing import Standing
from smartlic.times import iso

CORPUS = Path(__file__).parents[1] / "vectors" / "show"
SAMPLES = sorted(path.stem for path in CORPUS.glob("*.txt"))


def sample(name: str) -> str:
    return (CORPUS / f"{name}.txt").read_text(encoding="utf-8")


def plain(value: Any) -> Any:
    """A value as JSON has it: times in ISO form, lengths in seconds, without what is None or empty."""
    if isinstance(value, datetime):
        assert value.utcoffset() == timedelta(0)
        return iso(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Usage):
        return {field.name: got for field in fields(Usage) if (got := getattr(value, field.name)) is not None}
    return [plain(item) for item in value] if isinstance(value, tuple) else value


def told(facts: ShowLicense | Standing) -> dict[str, Any]:
    values = {field.name: plain(getattr(facts, field.name)) for field in fields(facts)}
    return {name: value for name, value in values.items() if value is not None and value != [] and value != {}}


def content(show: ShowLicense) -> dict[str, Any]:
    """The facts alone, whatever line they are in."""
    values = told(replace(show, notes=(), lines={}))
    for row in values.get("usage", ()):
        del row["line"]
    return values


@pytest.mark.parametrize("name", SAMPLES)
def test_the_corpus_is_read_field_by_field(name: str) -> None:
    expected = json.loads((CORPUS / f"{name}.json").read_text(encoding="utf-8"))
    show = parse_show_license(sample(name))
    values = told(show)
    notes, lines = values.pop("notes", []), values.pop("lines", {})
    assert values == expected["fields"]
    assert {field: lines.get(field) for field in expected["lines"]} == expected["lines"]
    assert [line for line, _ in notes] == [line for line, _ in expected.get("notes", [])]
    assert all(words in text for (_, text), (_, words) in zip(notes, expected.get("notes", []), strict=True))


@pytest.mark.parametrize("name", SAMPLES)
def test_the_corpus_stands_as_the_rules_say(name: str) -> None:
    expected = json.loads((CORPUS / f"{name}.json").read_text(encoding="utf-8"))["standing"]
    standing = told(parse_show_license(sample(name)).standing())
    refused = standing.pop("refused")
    assert refused is expected.pop("refused", False)
    assert standing.pop("silent") is ("trouble" in standing and not refused), "E6: a network refuses nothing"
    assert standing == expected


def test_the_corpus_is_whole() -> None:
    assert len(SAMPLES) >= 14
    assert {path.stem for path in CORPUS.glob("*.json")} == set(SAMPLES)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_corpus_is_told_from_a_log(name: str) -> None:
    assert looks_like_show_license(sample(name))


LOG = """\
[2017-05-09 13:48:28,516 277058] INFO  smartlic - request: {"sudi":{"udi_pid":"CUSP"},"signing_cert_sn":3}
[2017-05-09 13:48:28,901 277443] DEBUG smartlic - @entitlement_tag="regid.2014-08.com.cisco.CUSP-5", @requested_count=2
[2017-05-09 13:48:29,000 277542] INFO  smartlic - smart licensing is enabled; communication deadline: none
start_date:1494337382539, compliance_status:OOC,expiry:7775673, retry_interval:43200
"""


@pytest.mark.parametrize("text", ["", "\n\n", LOG, "Our license usage: see page 3", "# show\nlicense"])
def test_a_log_and_prose_do_not_look_like_it(text: str) -> None:  # S17, S18
    assert not looks_like_show_license(text)


@pytest.mark.parametrize(
    "text", ["", " \r\n\t", LOG, "Router#show license all\nRouter#", "10:00:00 UTC Fri May 1 2026"]
)
def test_a_text_without_any_of_it_is_an_input_error(text: str) -> None:
    with pytest.raises(InputError, match="give the output of `show license all`") as refused:
        parse_show_license(text)
    assert (refused.value.code, refused.value.retry) == ("invalid_argument", "never")


# Damage that a terminal, a mail program or a web page does.


def unnumbered(show: ShowLicense) -> list[str]:
    return [re.sub(r"line \d+", "line", text) for _, text in show.notes]


def tabbed(line: str) -> str:
    """Spaces as tabs wherever one leads to the next stop."""
    line = line.expandtabs(8)
    stops = [line[at : at + 8] for at in range(0, len(line), 8)]
    return "".join(stop.rstrip() + "\t" if len(stop) == 8 and stop.endswith("  ") else stop for stop in stops)


def flat(text: str) -> str:
    return "\n".join(line.strip() for line in text.split("\n"))


DAMAGE: dict[str, Callable[[str], str]] = {
    "windows": lambda text: text.replace("\n", "\r\n"),
    "terminal": lambda text: text.replace("\n", "\r\r\n"),
    "old line ends": lambda text: text.replace("\n", "\r"),
    "quoted": lambda text: "".join(f"> {line}\n" for line in text.split("\n")),
    "quoted twice": lambda text: "".join(f">> {line}\n" for line in text.split("\n")),
    "indentation lost": flat,
    "list": lambda text: "".join(f"- {line}\n" if line else "\n" for line in flat(text).split("\n")),
    "mark": lambda text: "\ufeff" + text,
    "hard spaces": lambda text: text.replace(" ", "\u00a0"),
    "tabs": lambda text: "\n".join(map(tabbed, text.split("\n"))),
    "colours": lambda text: text.replace("Status", "\x1b[1;32mStatus\x1b[0m"),
    "wiped page breaks": lambda text: text.replace(
        "\n  ", "\n --More-- \b\b\b\b\b\b\b\b\b        \b\b\b\b\b\b\b\b\b  "
    ),
    "returned page breaks": lambda text: text.replace("\n  ", "\n --More--\r         \r  "),
    "wide colons": lambda text: text.replace("Status: ", "Status\uff1a"),
    "words around": lambda text: f"As you asked for it:\n\n{text}\n\nRegards,\nSam (on duty)\n",
    "double spacing": lambda text: text.replace("\n", "\n\n"),
}
# Where a damage takes away what tells: that a cell or a reason goes on, a mark of quotation behind that of a list.
LOSSES = {
    ("summary-wrapped", "double spacing"),
    ("paste-damaged", "double spacing"),
    ("paste-damaged", "list"),
    ("status-registration-refused", "double spacing"),
}


@pytest.mark.parametrize(
    ("name", "damage"), [(name, damage) for name in SAMPLES for damage in DAMAGE if (name, damage) not in LOSSES]
)
def test_damage_changes_nothing(name: str, damage: str) -> None:
    damaged = parse_show_license(DAMAGE[damage](sample(name)))
    whole = parse_show_license(sample(name))
    assert content(damaged) == content(whole)
    assert unnumbered(damaged) == unnumbered(whole)


def test_a_cell_that_went_on_in_a_double_spaced_paste_costs_no_row() -> None:
    show = parse_show_license(DAMAGE["double spacing"](sample("summary-wrapped")))
    assert [row.count for row in show.usage] == [12, 2, 8, 1, 5, 2]


def test_damage_moves_no_line_numbers() -> None:
    whole = parse_show_license(sample("all-authorized"))
    for damage in ("windows", "terminal", "old line ends", "quoted", "wiped page breaks", "returned page breaks"):
        assert parse_show_license(DAMAGE[damage](sample("all-authorized"))).lines == whole.lines, damage


# Several answers in one text.


def test_a_later_answer_without_prompt_wins() -> None:
    both = sample("status-unreachable") + sample("status-out-of-compliance")
    late = parse_show_license(sample("status-out-of-compliance"))
    assert content(parse_show_license(both)) == content(late)


def test_an_answer_is_laid_over_another_of_the_same_state() -> None:
    show = parse_show_license(sample("status-authorized") + sample("usage"))
    assert (show.authorization, show.smart_account) == ("AUTHORIZED", "Harbour Telecom")
    assert show.authorization_at == datetime(2026, 3, 1, 14, 59, 59, tzinfo=UTC)
    assert [row.tag for row in show.usage] == ["CUSP-5", "CUBE_T_RED", "UNUSED_TAG"]


def test_a_same_outcome_keeps_the_time_that_only_one_answer_tells() -> None:
    summary = "License Authorization:\n  Status: AUTHORIZED\n  Last Communication Attempt: SUCCEEDED\n"
    show = parse_show_license(sample("status-authorized") + summary)
    assert show.last_attempt == datetime(2026, 3, 5, 9, 15, 33, tzinfo=UTC)
    failed = parse_show_license(sample("status-authorized") + summary.replace("SUCCEEDED", "FAILED"))
    assert (failed.last_attempt, failed.last_attempt_succeeded) == (None, False)


def test_a_later_answer_in_which_nothing_is_used_empties_the_usage() -> None:
    assert parse_show_license(sample("usage") + sample("nothing-in-use")).usage == ()


def test_the_status_of_show_version_is_read_where_nothing_better_is() -> None:
    version = "Router#show version\nSmart Licensing Status: UNREGISTERED/EVAL EXPIRED\n"
    show = parse_show_license(version)
    assert (show.registration, show.authorization) == ("UNREGISTERED", "EVAL EXPIRED")
    assert parse_show_license("Smart Licensing Status: Smart Licensing is DISABLED").enabled is False


def test_a_later_answer_without_prompt_and_first_line_is_told_by_its_headings() -> None:
    show = parse_show_license(
        "Registration:\n Status: REGISTERED\n Smart Account: A\nRegistration:\n Status: UNREGISTERED\n"
    )
    assert content(show) == {"registration": "UNREGISTERED"}
    assert [line for line, _ in show.notes] == [5]


def test_rows_and_blocks_are_two_answers() -> None:
    table = "License  Entitlement tag  Count Status\n---\nFax mach...  (FAX)  1 IN USE\nOld  (OLD)  1 IN USE\n"
    block = "Fax machines (FAX):\n Description: d\n Count: 2\n Version: 1.0\n Status: IN USE\n"
    rows = parse_show_license(table + block).usage
    assert [(row.name, row.count) for row in rows] == [("Fax machines", 2)]
    rows = parse_show_license(block + table).usage
    assert [(row.name, row.count, row.version) for row in rows] == [("Fax machines", 1, "1.0"), ("Old", 1, None)]
    rows = parse_show_license(table + table.replace("1 IN", "3 IN")).usage
    assert [row.count for row in rows] == [3, 3]


def test_what_follows_a_table_is_no_row_of_it() -> None:
    table = "License  Count Status\n---\nFax   1 InUse\n"
    prose = "".join(f"word {number}\n" for number in range(9))
    assert [len(row.name.split()) for row in parse_show_license(table + prose + "More   2 InUse\n").usage] == [7]
    assert [row.count for row in parse_show_license(table + "\nCall me   5 times\n").usage] == [1]
    assert [row.count for row in parse_show_license(table + "\nModem   2 IN USE\n").usage] == [1, 2]


def test_notes_are_in_the_order_of_lines() -> None:
    text = sample("state-changed").replace("40 days, 0 hours, 0 minutes, 0 seconds", "a while")
    assert [line for line, _ in parse_show_license(text).notes] == [21, 24, 25]


def test_a_lost_heading_is_told_from_the_status() -> None:
    show = parse_show_license("Status: REGISTERED\nSmart Account: A\nStatus: AUTHORIZED on Mar 01 07:40:44 2026 UTC\n")
    assert (show.registration, show.authorization) == ("REGISTERED", "AUTHORIZED")


def test_a_status_of_something_else_is_not_taken() -> None:
    show = parse_show_license(
        "Smart Licensing is ENABLED\nUtility:\n  Status: AUTHORIZED\nTransport:\n  Status: REGISTERED\n"
    )
    assert content(show) == {"enabled": True}
    show = parse_show_license("Smart Licensing is ENABLED\nRouter#show tunnel\nStatus: AUTHORIZED\n")
    assert content(show) == {"enabled": True}


# What it means.


@pytest.mark.parametrize(
    "reason",
    [
        "the token is not valid",
        "Token has expired",
        "Invalid registration token",
        "The product instance is not authorized",
        "Device not entitled to this licence",
        "Request denied by policy",
        "Product instance has been removed",
        "ID certificate was revoked",
        "The product with this UDI is already registered",
    ],
)
def test_the_managers_own_word_is_a_refusal(reason: str) -> None:  # E6
    assert is_refusal(reason)


@pytest.mark.parametrize(
    "reason",
    [
        "Fail to send out Call Home HTTP message.",
        "Communication message send response error",
        "Communication message send error: access denied",
        "connection refused",
        "Proxy authentication required: access denied",
        "HTTP Server Error 401: not authorized",
        "HTTP status 403: access denied",
        "SSL handshake failed: certificate revoked",
        "server certificate rejected",
        "Could not resolve host: token.example.com is not valid",
        "Data and signature do not match",
        "Invalid response from licensing cloud",
        "Request timed out, token expired meanwhile",
        "no reason is printed",
        "the token was sent",
        "",
    ],
)
def test_a_network_fault_is_never_a_refusal(reason: str) -> None:  # E6
    assert not is_refusal(reason)


def authorization(*lines: str) -> str:
    return "\n".join(("License Authorization:", *lines, ""))


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ("the token is not valid", "register again with a new token"),
        ("Product instance has been removed", "administrator"),
        ("Data and signature do not match", "clock"),
        ("Fail to send out Call Home HTTP message.", None),
    ],
)
def test_what_to_do_is_not_to_look_at_the_network_where_the_manager_spoke(
    reason: str, advice: str | None
) -> None:  # E6
    failed = f"Last Communication Attempt: FAILED on {STAMP}\n  Failure reason: {reason}"
    standing = parse_show_license(authorization(failed)).standing()
    assert standing.trouble == reason.rstrip(".")  # it becomes part of a sentence
    assert standing.advice is None if advice is None else advice in str(standing.advice)


STAMP = "Mar 01 12:00:00 2026 UTC"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PERIOD = timedelta(days=90)


def test_a_failure_without_reason_is_trouble_all_the_same() -> None:
    standing = parse_show_license(authorization(f"Last Communication Attempt: FAILED on {STAMP}")).standing()
    assert (standing.trouble, standing.refused) == ("no reason is printed", False)


def test_an_authorization_without_deadline_runs_90_days_from_the_last_answer() -> None:  # D3
    text = authorization(
        "Status: AUTHORIZED on Feb 01 12:00:00 2026 UTC", f"Last Communication Attempt: SUCCEEDED on {STAMP}"
    )
    standing = parse_show_license(text).standing()
    assert (standing.authorized, standing.authorization_end) == (NOON, NOON + PERIOD)
    failed = parse_show_license(text.replace("SUCCEEDED", "FAILED")).standing()
    assert (failed.seen, failed.authorized) == (NOON, datetime(2026, 2, 1, 12, tzinfo=UTC))


def test_a_deadline_too_far_away_is_no_90_days_after_an_answer() -> None:  # E2
    text = authorization(f"Status: AUTHORIZED on {STAMP}", "Communication Deadline: Mar 01 12:00:00 2027 UTC")
    standing = parse_show_license(text).standing()
    assert (standing.authorized, standing.authorization_end) == (NOON, datetime(2027, 3, 1, 12, tzinfo=UTC))


def test_an_expired_authorization_ended_at_its_deadline() -> None:  # S5
    text = authorization(f"Status: AUTH EXPIRED on {STAMP}", "Communication Deadline: Feb 28 12:00:00 2026 UTC")
    standing = parse_show_license(text).standing()
    assert (standing.authorization_end, standing.authorized) == (NOON - timedelta(days=1), NOON - timedelta(days=91))
    assert standing.out_of_compliance is None


def test_an_expired_authorization_did_not_end_in_the_future() -> None:
    text = authorization(f"Status: AUTH EXPIRED on {STAMP}", "Communication Deadline: May 28 12:00:00 2026 UTC")
    assert parse_show_license(text).standing().authorization_end == NOON


def test_an_expired_authorization_without_date_has_ended_when_it_was_seen() -> None:
    show = parse_show_license(authorization("Status: AUTHORIZATION EXPIRED"))
    assert show.standing().authorization_end is None
    standing = show.standing(NOON)
    assert (standing.seen, standing.authorized, standing.authorization_end) == (NOON, None, NOON)


def test_when_it_was_taken_is_given_or_the_latest_past_time() -> None:
    show = parse_show_license(sample("status-authorized"))
    assert show.standing(datetime(2026, 3, 20)).seen == datetime(2026, 3, 20, tzinfo=UTC)  # noqa: DTZ001
    assert show.standing().seen == show.last_attempt
    assert parse_show_license(sample("all-evaluating")).standing(NOON).seen == NOON


@pytest.mark.parametrize(
    ("status", "registered"),
    [
        ("REGISTERED", True),
        ("REGISTERED - UNIVERSAL LICENSE RESERVATION", True),
        ("UNREGISTERED", False),
        ("UNREGISTERED - REGISTRATION FAILED", False),
        ("UNREGISTERED - REGISTRATION EXPIRED", False),
        ("REGISTERED - REGISTRATION EXPIRED", False),
        ("REGISTERING - REGISTRATION IN PROGRESS", False),
        ("REGISTRATION PENDING", False),
        ("Unidentified", False),
        ("ELSEWHERE", None),
    ],
)
def test_a_registration_status_in_the_rules_terms(status: str, registered: bool | None) -> None:  # F1, E7
    assert parse_show_license(f"Registration:\n  Status: {status}\n").standing().registered is registered


@pytest.mark.parametrize(
    ("status", "out_of_compliance", "evaluating"),
    [
        ("AUTHORIZED", False, False),
        ("In Compliance", False, False),
        ("OUT OF COMPLIANCE", True, False),
        ("Out_of_compliance", True, False),
        ("OOC", True, False),
        ("AUTHORIZED - RESERVED", False, False),
        ("NOT AUTHORIZED - RESERVED", None, False),
        ("EVAL MODE", None, True),
        ("EVALUATION MODE", None, True),
        ("EVAL EXPIRED", None, False),
        ("EVALUATION PERIOD EXPIRED", None, False),
        ("AUTH EXPIRED", None, False),
        ("No Licenses in Use", None, False),
        ("PENDING", None, False),
        ("ELSEWHERE", None, None),
    ],
)
def test_an_authorization_status_in_the_rules_terms(
    status: str, out_of_compliance: bool | None, evaluating: bool | None
) -> None:  # S1-S5, F1
    standing = parse_show_license(authorization(f"  Status: {status}")).standing()
    assert (standing.out_of_compliance, standing.evaluating) == (out_of_compliance, evaluating)


def test_calls_per_second_are_known_only_if_every_licence_is() -> None:  # C1, D8
    known = (
        "License Usage:\nLicense  Entitlement tag  Count Status\n---\nCUSP  (cusp-5)  2 IN USE\nCUSP-5  (x)  1 IN USE\n"
    )
    standing = parse_show_license(known).standing()
    assert (standing.requested, standing.cps) == ({"CUSP-5": 3}, 15)
    other = parse_show_license(known + "Fax  (FAX)  1 IN USE\n").standing()
    assert (other.requested, other.cps) == ({"CUSP-5": 3, "Fax": 1}, None)
    whole = known.replace("(x)", "(regid.2014-08.com.cisco.CUSP-5,2.0_00000000-0000-4000-8000-000000000001)")
    assert parse_show_license(whole.replace("CUSP-5  (r", "Five  (r")).standing().requested == {"CUSP-5": 3}  # F5
    unused = parse_show_license(known + "Fax  (FAX)  0 NOT IN USE\n").standing()
    assert (unused.requested, unused.cps) == ({"CUSP-5": 3}, 15)


def test_it_can_be_stored() -> None:
    show = parse_show_license(sample("all-authorized"))
    assert pickle.loads(pickle.dumps(show)) == show


# Any text.

PIECES = [
    *sorted({line for name in SAMPLES for line in sample(name).split("\n")}), "License Authorization:Registration:",
    "Status:", "Failure reason:", "Count: 99999999999", "(", ")", "():", "UDI: PID:", "Initial Registration: FAILED on",
    "Smart Licensing Status: ////", "Evaluation Period Remaining: 999999 weeks", "Communication Deadline:", "--More--",
    "License Count Status", "License Usage:", "Entitlement tag count status", "x (y)  1 z", "x", ">", "\x1b[", "\r",
]  # fmt: skip
TEXTS = st.one_of(
    st.text(),
    st.lists(st.sampled_from(PIECES)).map("\n".join),
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=30))).map("\n".join),
    st.builds(
        lambda name, start, end: sample(name)[start:-end],
        st.sampled_from(SAMPLES),
        st.integers(0, 900),
        st.integers(1, 900),
    ),
    st.builds(
        lambda text, swaps: "".join(swaps.get(number % 50, letter) for number, letter in enumerate(text)),
        st.sampled_from(SAMPLES).map(sample),
        st.dictionaries(st.integers(0, 49), st.characters(), max_size=3),
    ),
)


def check_any(show: ShowLicense, count: int) -> None:
    numbers: Mapping[str, int] = show.lines
    assert all(1 <= line <= count for line, _ in show.notes)
    assert all(1 <= line <= count for line in numbers.values())
    assert all(1 <= row.line <= count and row.count >= 0 and row.name for row in show.usage)
    assert list(show.notes) == sorted(show.notes)
    assert set(numbers) <= {field.name for field in fields(ShowLicense)}
    standing = show.standing()
    assert standing.seen == show.standing(standing.seen).seen


@given(TEXTS)
def test_any_text_is_read_or_an_input_error(text: str) -> None:
    looks_like_show_license(text)
    try:
        show = parse_show_license(text)
    except InputError:
        return
    check_any(show, len(re.split("\n" if "\n" in text else "\r", text)))


def test_long_lines_take_no_long_time() -> None:  # a pattern that goes back and forth would never come to its end
    for piece in ("License ", "(", "a  ", "-", "\r", "> "):
        long = piece * 300_000 + "x"
        parse_show_license(f"Smart Licensing is ENABLED\nLicense Usage:\nLicense  Count Status\n{long}\n{long} 1 x\n")
        looks_like_show_license(long)
    assert len(str(parse_show_license("Smart Account: " + "a" * 300_000).smart_account)) < 1000
