"""What-if: scenarios lived by the real agent, driver and manager; RULES E by dates, YAML, pictures, the command."""

from __future__ import annotations

import itertools
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from pictures import SVG, assert_readable, labels, parsed
from smartlic import Scenario, Timeline, simulate
from smartlic.cli.common import guarded
from smartlic.cli.whatif import whatif
from smartlic.errors import InputError, StateError
from smartlic.whatif import EXAMPLE
from smartlic.whatif.machine import Machine

DAY = timedelta(days=1)
TICK = timedelta(milliseconds=1)
PERIOD = 90 * DAY
START = datetime(2026, 1, 1, tzinfo=UTC)


def registered(**more: Any) -> Scenario:
    """The scenario of DESIGN 4, without its outage."""
    facts: dict[str, Any] = {
        "enabled": "2026-01-01",
        "registered": "2026-01-02",
        "requested": {"CUSP-5": 2},
        "purchased": {"CUSP-5": 2},
    }
    return Scenario(**{**facts, **more})


@pytest.fixture(scope="module")
def outage() -> Timeline:
    return simulate(registered(outages=[("2026-03-01", "2026-07-01")]), until="2027-01-01")


def modes(timeline: Timeline) -> list[str]:
    return [band.mode for band in timeline.bands]


# --- the rules, by dates


def test_E5_calls_stop_90_days_after_the_last_answers_start_date(outage: Timeline) -> None:
    assert modes(outage) == ["Eval", "InCompliance", "AuthorizationExpired", "InCompliance"]
    last = max(at for at in outage.answers if at < START + 59 * DAY)
    assert outage.calls_stop == last + PERIOD
    assert outage.mode_at(last + PERIOD - TICK) == "InCompliance"
    assert outage.mode_at(last + PERIOD) == "AuthorizationExpired"
    (blocked,) = outage.blocked
    assert blocked.cause == "authorization_ended"


def test_E8_the_agent_asks_every_30_days_up_to_5_percent_earlier(outage: Timeline) -> None:
    before = [at for at in outage.answers if at < START + 59 * DAY]
    assert before[0] == START + DAY
    for one, other in itertools.pairwise(before):
        assert 28.5 * DAY <= other - one <= 30 * DAY


def test_E8_calls_come_back_within_12_hours_of_the_manager(outage: Timeline) -> None:
    (blocked,) = outage.blocked
    over = datetime(2026, 7, 1, tzinfo=UTC)
    assert over <= blocked.end <= over + timedelta(hours=12)
    assert blocked.end in outage.answers
    assert not any(datetime(2026, 3, 1, tzinfo=UTC) <= at < over for at in outage.answers)


def test_E6_a_silent_manager_changes_no_mode_until_the_period_ends() -> None:
    timeline = simulate(registered(outages=[("2026-01-03", "2026-03-31")], until="2026-06-01"))
    assert modes(timeline) == ["Eval", "InCompliance"]
    assert "communication_lost" in {event.kind for event in timeline.events}
    assert timeline.blocked == ()
    assert timeline.answer == "Calls never stop, up to 2026-06-01 00:00 UTC, where the scenario ends."


def test_E4_a_product_that_never_registers_stops_90_days_after_it_was_enabled() -> None:
    timeline = simulate(Scenario(enabled="2026-01-01T08:30:00.123", until="2026-12-01"))
    assert modes(timeline) == ["Eval", "EvalExpired"]
    assert timeline.calls_stop == datetime(2026, 4, 1, 8, 30, 0, 123000, tzinfo=UTC)
    assert timeline.blocked[0].cause == "evaluation_ended"
    assert timeline.limit is None
    assert "They have not come back by 2026-12-01 00:00 UTC" in timeline.answer


def test_E4_a_registration_that_nobody_answers_is_no_registration() -> None:
    timeline = simulate(registered(outages=[("2026-01-01", "2026-07-01")]))
    assert modes(timeline) == ["Eval", "EvalExpired", "InCompliance"]
    assert timeline.calls_stop == START + PERIOD


def test_E4_neither_registration_nor_deregistration_gives_evaluation_back() -> None:
    timeline = simulate(registered(registered="2026-01-31", deregistered="2026-05-01"))
    assert modes(timeline) == ["Eval", "InCompliance", "Eval", "EvalExpired"]
    assert [band.start for band in timeline.bands[1:3]] == [START + 30 * DAY, START + 120 * DAY]
    assert timeline.bands[2].cause == "deregistered"
    assert timeline.calls_stop == START + 120 * DAY + 60 * DAY


def test_E1_a_product_that_requests_nothing_stays_in_eval() -> None:
    assert modes(simulate(registered(requested={}, until="2026-03-01"))) == ["Eval"]


def test_S3_more_than_was_purchased_is_out_of_compliance_and_calls_are_allowed() -> None:
    timeline = simulate(registered(requested={"CUSP-5": 3}, until="2026-04-01"))
    assert modes(timeline) == ["Eval", "OutOfCompliance"]
    assert timeline.blocked == ()
    assert timeline.limit == 15
    assert modes(simulate(registered(purchased={}, until="2026-02-01"))) == ["Eval", "OutOfCompliance"]


def test_E2_once_its_own_period_has_ended_the_certificates_end_changes_nothing() -> None:
    timeline = simulate(registered(outages=[("2026-03-01", "2027-07-01")], until="2027-06-01"))
    assert modes(timeline) == ["Eval", "InCompliance", "AuthorizationExpired"]
    assert "certificate_ended" in {event.kind for event in timeline.events}


def test_M6_the_managers_operator_rotates_its_signing_certificate() -> None:
    """Without that, renewals would end with the first signing certificate, six years from the start."""
    timeline = simulate(registered(until="2034-01-01"))
    assert modes(timeline) == ["Eval", "InCompliance"]
    assert timeline.answers[-1] > datetime(2033, 11, 25, tzinfo=UTC)


def test_two_things_at_one_instant_leave_no_empty_band() -> None:
    timeline = simulate(registered(registered="2026-01-01", until="2026-02-01"))
    assert [(band.start, band.mode, band.cause) for band in timeline.bands] == [(START, "InCompliance", "granted")]


def test_bands_have_no_gaps_and_end_with_the_scenario(outage: Timeline) -> None:
    assert (outage.start, outage.bands[0].start) == (START, START)
    assert outage.bands[-1].end == outage.end == datetime(2027, 1, 1, tzinfo=UTC)
    for one, other in itertools.pairwise(outage.bands):
        assert one.end == other.start
    assert all(START <= event.at < outage.end for event in outage.events)


@pytest.mark.parametrize(("end", "found"), [(PERIOD, ["Eval"]), (PERIOD + TICK, ["Eval", "EvalExpired"])])
def test_E3_a_deadline_at_the_end_of_the_scenario_is_after_it(end: timedelta, found: list[str]) -> None:
    assert modes(simulate(Scenario(), until=START + end)) == found


# --- the simulation itself


def test_a_seed_tells_one_story(outage: Timeline) -> None:
    again = simulate(outage.scenario, until="2027-01-01")
    assert again.to_dict() == outage.to_dict()
    other = simulate(registered(outages=[("2026-03-01", "2026-07-01")], seed=2), until="2027-01-01")
    assert modes(other) == modes(outage)
    assert other.calls_stop != outage.calls_stop


def test_the_scenario_says_where_it_ends_unless_told_otherwise() -> None:
    scenario = registered(until="2026-02-01")
    assert simulate(scenario).end == START + 31 * DAY
    assert simulate(scenario, until="2026-02-02").end == START + 32 * DAY
    assert simulate(Scenario(until=None), until="2026-02-02").scenario.until == START + 365 * DAY
    for until in ("2026-01-01", "2036-02-01"):
        with pytest.raises(InputError, match="until: expected a time within ten years after 'enabled'"):
            simulate(scenario, until=until)


@pytest.mark.parametrize(
    "scenario",
    [
        registered(outages=[("2026-02-20", "2026-06-10")], until="2026-07-01"),
        registered(deregistered="2026-01-12", outages=[("2026-01-10", "2027-03-01")], until="2027-03-10"),
    ],
    ids=["an outage", "a deregistration that is never confirmed"],
)
def test_E3_looking_every_hour_gives_the_same_history(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    story = simulate(scenario)
    monkeypatch.setattr(Machine, "_next_step", lambda machine: machine.device and machine.device.core.next_deadline)
    assert simulate(scenario).to_dict() == story.to_dict()


def test_a_deregistration_without_a_registration_is_refused_by_the_agent() -> None:
    scenario = registered(deregistered="2026-02-01", outages=[("2026-01-01", "2026-07-01")])
    with pytest.raises(StateError, match="cannot deregister while unidentified"):
        simulate(scenario)


# --- what it says


def test_the_first_line_answers(outage: Timeline) -> None:
    stop, back = outage.blocked[0].start, outage.blocked[0].end
    first, *lines = outage.explain().splitlines()
    stamps = [f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d} UTC" for at in (stop, back)]
    days = (stop - datetime(2026, 3, 1, tzinfo=UTC)).days
    assert first == (
        f"Calls stop {stamps[0]} ({days} days into the outage): AuthorizationExpired, because the authorization period "
        f"ended. They come back {stamps[1]}, after {(back - stop).days} days."
    )
    assert len(lines) == len(outage.bands) + 2
    assert "90 days after the last answer of" in lines[2]
    assert lines[-1].startswith(f"To do: One answer of the manager before {stamps[0]}")
    assert str(outage) == outage.explain()


def test_several_stops_are_counted() -> None:
    outages = [("2026-02-01", "2026-06-01"), ("2026-07-01", "2026-12-01")]
    timeline = simulate(registered(outages=outages))
    first, second = timeline.blocked
    assert timeline.calls_stop == first.start < second.start
    assert "they stop 2 times, for " in timeline.answer


def test_plain_types_for_programs(outage: Timeline) -> None:
    data = outage.to_dict()
    assert data["calls_stop"] == outage.calls_stop
    assert data["limit_cps"] == 10
    assert [band["calls_allowed"] for band in data["bands"]] == [True, True, False, True]
    assert {event["kind"] for event in data["events"]} >= {"mode_changed", "registered", "authorized"}


def test_frames_have_a_row_for_each_band(outage: Timeline) -> None:
    frame = outage.to_frame()
    assert list(frame.columns) == ["start", "end", "mode", "cause", "calls_allowed"]
    assert list(frame["mode"]) == modes(outage)


# --- scenarios as people write them


def test_the_example_is_designs_scenario(outage: Timeline) -> None:
    example = Scenario.from_yaml(EXAMPLE)
    assert example == registered(outages=[("2026-03-01", "2026-07-01")], until="2027-01-01")
    assert simulate(example).calls_stop == outage.calls_stop


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("enabled: 2026-01-01\nrequestd: {}\n", "line 2: unknown key 'requestd'; did you mean requested?"),
        ("colour: red\n", "line 1: unknown key 'colour'; expected one of enabled, registered, requested, "),
        (
            "enabled: 2026-13-01\n",
            "line 1: enabled: expected a time such as 2026-03-01 or 2026-03-01T08:30Z, not '2026",
        ),
        ("enabled:\n", "line 1: enabled: expected a time such as"),
        ("# note\n\nuntil: soon\n", "line 3: until: expected a time such as"),
        ("until: 2025-01-01\n", "line 1: until: expected a time after enabled (2026-01-01 00:00 UTC), and at most ten"),
        ("until: 2037-01-01\n", "line 1: until: expected a time after enabled (2026-01-01 00:00 UTC), and at most ten"),
        ("registered: 2025-12-31\n", "line 1: registered: expected a time not before enabled"),
        ("deregistered: 2026-02-01\n", "line 1: deregistered: expected 'registered' as well"),
        (
            "registered: 2026-02-01\nderegistered: 2026-02-01\n",
            "line 2: deregistered: expected a time after registered (2026-02-01 00:00 UTC)",
        ),
        ("requested: 2\n", "line 1: requested: expected tags and counts such as {CUSP-5: 2}, or a list"),
        ("requested:\n  CUSP-5: 0\n", "line 2: requested.CUSP-5: expected a whole number from 1 to 10^9, not 0"),
        ("purchased: {CUSP-5: yes}\n", "line 1: purchased.CUSP-5: expected a whole number from 1 to 10^9, not True"),
        ("requested: {CUSP-5: 1000000001}\n", "line 1: requested.CUSP-5: expected a whole number from 1 to 10^9"),
        ("requested:\n\n  CUSP-9: 1\n", "line 3: requested.CUSP-9: "),
        ("outages: 2026-03-01\n", "line 1: outages: expected a list of pairs [start, end], not '2026-03-01'"),
        ("outages:\n- [2026-03-01]\n", "line 2: outages.0: expected a pair [start, end], not ['2026-03-01']"),
        (
            "outages:\n- [2026-03-01, 2026-04-01]\n- [2026-06-01, 2026-05-01]\n",
            "line 3: outages.1: expected an end after the start, not 2026-06-01 00:00 UTC to 2026-05-01 00:00 UTC",
        ),
        ("outages:\n- [2026-03-01, never]\n", "line 2: outages.0.1: expected a time such as"),
        ("seed: 1.5\n", "line 1: seed: expected a whole number, not 1.5"),
        (
            "enabled: 2026-01-01\nenabled: 2026-01-02\n",
            "line 2: 'enabled' is here a second time; the first is in line 1",
        ),
        ("requested: {CUSP-5: 1, CUSP-5: 2}\n", "line 1: 'CUSP-5' is here a second time"),
        ("- enabled\n", "line 1: expected keys such as enabled, registered, requested, each with a value"),
        ("", "line 1: expected keys such as enabled"),
        ("enabled: 2026-01-01\nrequested: {\n", "line 3: this is not YAML: "),
        ("enabled: !!python/object:os.system x\n", "line 1: this is not YAML: could not determine a constructor"),
    ],
)
def test_errors_name_line_key_and_what_was_expected(text: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        Scenario.from_yaml(text, "mine.yaml")
    assert str(refused.value).startswith(f"mine.yaml {said}")
    assert refused.value.code == "invalid_argument"


def test_an_unknown_tag_lists_the_known_ones() -> None:
    with pytest.raises(InputError, match="CUSP-5"):
        Scenario(requested={"CUSP-9": 1})


def test_files_that_cannot_be_read_are_input_errors(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read") as missing:
        Scenario.load(tmp_path / "none.yaml")
    assert missing.value.code == "not_found"
    (tmp_path / "latin.yaml").write_bytes(b"enabled: \xff")
    with pytest.raises(InputError, match="is not UTF-8 text"):
        Scenario.load(tmp_path / "latin.yaml")


# --- the picture

PICTURED = {
    "an outage": registered(outages=[("2026-03-01", "2026-07-01")]),
    "never registered": Scenario(),
    "never stops": registered(until="2026-01-20"),
    "stops at once": Scenario(until="2026-04-02"),
    "hours": registered(registered="2026-01-01T01:00", until="2026-01-01T06:00"),
    "years": registered(outages=[("2027-01-01", "2027-06-01")], until="2030-01-01"),
    "out of compliance, then back to eval": registered(
        requested={"CUSP-5": 3}, deregistered="2026-02-10", outages=[("2026-01-20", "2026-01-21")]
    ),
    "stops in the middle of a short time": registered(outages=[("2026-01-03", "2026-04-07")], until="2026-04-12"),
}


@pytest.mark.parametrize("scenario", PICTURED.values(), ids=PICTURED)
def test_the_picture_is_well_formed_and_says_what_the_timeline_says(scenario: Scenario) -> None:
    timeline = simulate(scenario)
    svg = timeline.to_svg()
    root = parsed(svg)
    assert root.findtext(f"{SVG}title") == timeline.answer
    assert root.findtext(f"{SVG}desc") == timeline.explain()
    assert root.attrib["width"] == "900"
    texts = [label.text for label in labels(svg)]
    assert set(modes(timeline)) <= set(texts)
    assert " ".join(texts).startswith(timeline.answer)
    assert ("manager away" in texts) == bool(timeline.outages)
    assert any(text.startswith("calls stop ") for text in texts) == bool(timeline.blocked)
    assert_readable(svg)


def test_blocked_bands_differ_by_pattern_too(outage: Timeline) -> None:
    root = parsed(outage.to_svg())
    fills = {rect.attrib["fill"] for rect in root.iter(f"{SVG}rect")}
    assert "url(#smartlic-AuthorizationExpired)" in fills
    assert not any("Compliance" in fill for fill in fills)
    assert {pattern.attrib["id"] for pattern in root.iter(f"{SVG}pattern")} >= {"smartlic-AuthorizationExpired"}


def test_modes_differ_in_grey() -> None:
    from smartlic.pictures.looks import MODE_LOOKS

    def luminance(colour: str) -> float:
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        return 0.299 * red + 0.587 * green + 0.114 * blue

    levels = [luminance(look.fill) for look in MODE_LOOKS.values()]
    assert levels == sorted(levels, reverse=True)
    assert all(one - other > 20 for one, other in itertools.pairwise(levels))


def test_pictures_escape_what_they_are_told() -> None:
    from smartlic.pictures.svg import Svg

    svg = Svg(10, 10, title="a < b & c", description='"]]>')
    svg.text(1, 2.5, "<script>", fill='"')
    root = parsed(str(svg))
    assert root.findtext(f"{SVG}title") == "a < b & c"
    (text,) = root.iter(f"{SVG}text")
    assert (text.text, text.attrib["fill"], text.attrib["y"]) == ("<script>", '"', "2.5")


def test_plot_writes_the_picture(outage: Timeline, tmp_path: Path) -> None:
    assert outage.plot(tmp_path / "it.svg") == tmp_path / "it.svg"
    assert (tmp_path / "it.svg").read_text(encoding="utf-8") == outage.plot() == outage._repr_html_()


# --- the command


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Runs `smartlic whatif` in an empty folder; gives its exit code."""
    app = typer.Typer()
    app.command("whatif")(whatif)
    app.command("other")(lambda: None)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "UTC")

    def smartlic_whatif(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["smartlic", "whatif", *arguments])
        return guarded(lambda: app(["whatif", *arguments], standalone_mode=False))

    return smartlic_whatif


def test_whatif_works_without_an_argument(run: Any, capsys: pytest.CaptureFixture[str], outage: Timeline) -> None:
    assert run() == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0] == outage.answer
    assert "Wrote smartlic-whatif.svg." in out
    assert "smartlic whatif --print-example > scenario.yaml" in out
    assert "Licensed: 10 calls per second." in out
    assert Path("smartlic-whatif.svg").read_text(encoding="utf-8") == outage.to_svg()


def test_the_printed_example_can_be_run(run: Any, capsys: pytest.CaptureFixture[str], outage: Timeline) -> None:
    assert run("--print-example") == 0
    Path("scenario.yaml").write_text(capsys.readouterr().out, encoding="utf-8")
    assert run("scenario.yaml", "--svg", "it.svg") == 0
    assert capsys.readouterr().out.splitlines()[0] == outage.answer
    assert sorted(path.name for path in Path().iterdir()) == ["it.svg", "scenario.yaml"]


@pytest.mark.parametrize(("until", "code"), [("2026-05-01", 0), ("2026-12-01", 2), ("2025-12-01", 3), ("soon", 3)])
def test_check_ends_as_monitoring_expects(run: Any, capsys: pytest.CaptureFixture[str], until: str, code: int) -> None:
    assert run("--check", "--until", until) == code
    assert len(capsys.readouterr().out.splitlines()) == (0 if code == 3 else 1)
    assert list(Path().iterdir()) == []


def test_json_is_one_document(run: Any, capsys: pytest.CaptureFixture[str], outage: Timeline) -> None:
    assert run("--json") == 0
    data = json.loads(capsys.readouterr().out)
    assert data["schema"] == "smartlic/whatif/1"
    assert data["answer"] == outage.answer
    assert datetime.fromisoformat(data["calls_stop"]) == outage.calls_stop
    assert list(Path().iterdir()) == []


def test_quiet_prints_nothing(run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--quiet", "--svg", "it.svg") == 0
    assert capsys.readouterr() == ("", "")
    assert Path("it.svg").exists()


def test_a_bad_scenario_is_an_error_with_its_line(run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.yaml").write_text("enabled: 2026-01-01\nuntil: soon\n", encoding="utf-8")
    assert run("bad.yaml") == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: bad.yaml line 2: until: expected a time such as 2026-03-01")
