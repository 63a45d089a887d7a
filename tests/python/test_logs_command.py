"""`smartlic logs explain` and `whatif --from-log`, `--from-show`, as people, programs and cron meet them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import smartlic as sl
from log_world import PERIOD, Device, utc
from pictures import assert_readable, labels, parsed
from program import Program
from smartlic.logs import Standing
from smartlic.logs.beginning import scenario_fields
from smartlic.logs.judgement import judge, mode_at

SHOW = Path(__file__).parents[1] / "vectors" / "show"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Program:
    return Program(monkeypatch, capfd)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    device = Device(zone=-7)
    device.start("2026-01-01 08:00:00")
    device.register("2026-01-01 08:00:05")
    device.exchange("2026-01-01 08:00:06", count=3, status="OOC", retry=timedelta(hours=12))
    device.fail("2026-01-01 20:00:06", "authorization failed: <b>[red]connect timed out[/]</b>")
    file = tmp_path / "sml.log"
    file.write_bytes(device.text + b"\nsome text\n")
    return file


def test_the_answer_comes_first_then_the_timeline_then_the_oddities(path: Path, run: Program) -> None:
    code, out, _ = run("logs", "explain", path, "--now", "2026-01-02")
    assert code == 0
    assert out.splitlines()[0] == "Calls stop 2026-04-01 08:00:06 UTC (in 89 days) unless the manager answers."
    assert out.index("To do:") < out.index("What happened") < out.index("Oddities")
    assert "(lines 3-4)" in out
    assert "7 lines: 4 about licences, 1 about other things, 1 of no entry, 1 empty." in out


@pytest.mark.parametrize(("now", "code"), [("2026-01-01T12:00", 1), ("2026-04-01T08:00:05", 1), ("2026-04-02", 2)])
def test_check_is_an_exit_code_for_cron(path: Path, run: Program, now: str, code: int) -> None:
    got, out, _ = run("logs", "explain", path, "--now", now, "--check")
    assert got == code
    assert len(out.splitlines()) == 1


def test_check_of_a_device_that_is_well_and_of_what_is_no_log(tmp_path: Path, run: Program) -> None:
    device = Device()
    device.start("2026-01-01 08:00:00")
    device.exchange("2026-01-01 08:00:06")
    (tmp_path / "sml.log").write_bytes(device.text)
    assert run("logs", "explain", tmp_path / "sml.log", "--now", "2026-01-02", "--check")[0] == 0
    (tmp_path / "sml.log").write_bytes(b"nothing of the kind\n")
    assert run("logs", "explain", tmp_path / "sml.log", "--check")[0] == 3
    code, _, err = run("logs", "explain", tmp_path / "missing.log", "--check")
    assert (code, "there is no such file" in err) == (3, True)


def test_json_has_a_schema_and_says_all_that_the_text_does(path: Path, run: Program) -> None:
    code, out, _ = run("logs", "explain", path, "--now", "2026-01-02", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["schema"] == "smartlic/logs-explain/1"
    assert found["mode"] == found["mode_at_end"] == "OutOfCompliance"
    assert found["calls_stop"] == found["authorization"]["end"] == "2026-04-01T08:00:06.000Z"
    assert found["requested"] == {"CUSP-5": 3}
    assert found["cps"] == 15
    assert [each["kind"] for each in found["timeline"]] == ["run", "registration", "exchange", "failure"]
    assert found["line_counts"] == {"total": 7, "blank": 1, "entries": 4, "other": 1, "unread": 1}
    assert found["unread"] == [{"source": str(path), "lines": [7, 7]}]
    assert found["timeline"][-1]["cause"] == "timed_out"
    assert found["since"] == found["bands"][0]["start"] == "2026-01-01T08:00:06.000Z"


def test_the_report_is_one_page_without_script_and_escapes_what_a_log_says(
    path: Path, run: Program, tmp_path: Path
) -> None:
    page, picture = tmp_path / "report.html", tmp_path / "log.svg"
    code, out, _ = run("logs", "explain", path, "--now", "2026-01-02", "--html", page, "--picture", picture)
    assert code == 0
    assert f"Wrote {page}." in out
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text
    assert "default-src &#x27;none&#x27;" in text or "default-src 'none'" in text
    assert "<b>[red]" not in text, "escaped"
    assert "some text" not in text
    assert_readable(picture.read_text(encoding="utf-8"))
    shown = [label.text for label in labels(picture.read_text(encoding="utf-8"))]
    assert "OutOfCompliance" in shown
    assert parsed(picture.read_text(encoding="utf-8")).findtext("{http://www.w3.org/2000/svg}title")


def test_markup_in_a_log_is_text(path: Path, run: Program) -> None:
    code, out, _ = run("logs", "explain", path, "--now", "2026-01-02")
    assert code == 0
    assert "“authorization failed: <b>[red]connect timed out[/]</b>”" in out
    odd = path.with_name("a[bold]x.log")
    path.rename(odd)
    odd.with_name("a[bold]x.log.1").write_bytes(b"")
    assert (
        "a[bold]x.log, line" in run("logs", "explain", odd, odd.with_name("a[bold]x.log.1"), "--now", "2026-01-02")[1]
    )


def test_a_picture_of_a_log_without_dates_says_so(tmp_path: Path) -> None:
    device = Device()
    device.start("2026-01-01 08:00:00")
    device.register("2026-01-01 08:00:05")
    svg = sl.read_log(device.text).to_svg()
    assert_readable(svg)
    assert "Nothing in this log can be dated, so there is nothing to draw." in [label.text for label in labels(svg)]


def test_standard_input_and_a_rotated_folder(path: Path, run: Program) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "smartlic", "logs", "explain", "-", "--now", "2026-01-02"],
        input=path.read_bytes(),
        capture_output=True,
        check=True,
    )
    assert done.stdout.startswith(b"Calls stop 2026-04-01 08:00:06 UTC")
    assert run("logs", "explain", path.parent, "--now", "2026-01-02", "--check")[1].startswith("Calls stop 2026-04-01")
    code, _, err = run("logs", "explain", "-", path)
    assert (code, "read alone" in err) == (1, True)


def test_follow_says_what_is_new_and_ends_with_ctrl_c(path: Path) -> None:
    command = [sys.executable, "-m", "smartlic", "logs", "explain", "--follow", str(path), "--json", "--check"]
    device = Device(zone=-7)
    device.began = utc("2026-01-01 08:00:00")
    now = datetime.now(UTC).replace(microsecond=0)
    device.exchange(f"{now:%Y-%m-%d %H:%M:%S}")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["mode"] == "AuthorizationExpired"
        with path.open("ab") as log:
            log.write(device.text)
        while json.loads(process.stdout.readline())["mode"] != "InCompliance":
            pass
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 1, "the exit code of --check: the renewal of the certificate is missing"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--follow", "--now", "2026-01-01"], "--now"),
        (["--follow", "--html", "x.html"], "--html"),
        (["--follow", str(SHOW / "usage.txt")], "a `show license` does not grow"),
        (["--follow", "sml.log.gz"], "compressed"),
        (["--zone", "UTC"], "--zone and --taken are of a `show license`"),
        ([str(SHOW / "usage.txt")], "one `show license` is read at a time"),
    ],
)
def test_what_does_not_go_together_is_refused(path: Path, run: Program, arguments: list[str], words: str) -> None:
    path.with_name("sml.log.gz").write_bytes(b"")
    given = [str(path.with_name(each)) if each.endswith(".gz") else each for each in arguments]
    files = [] if any(each.endswith((".gz", ".txt")) for each in given) and "--follow" in given else [path]
    code, _, err = run("logs", "explain", *files, *given)
    assert (code, words in err) == (1, True), err


def test_options_hold_for_standard_input_too() -> None:
    command = [sys.executable, "-m", "smartlic", "logs", "explain", "-", "--taken", "2026-02-01", "--now", "2026-02-01"]
    content = (SHOW / "all-evaluating.txt").read_bytes()
    done = subprocess.run(command, input=content, capture_output=True, check=True)
    assert done.stdout.startswith(b"Calls stop 2026-0")


# --- show license


def test_a_show_license_is_told_from_a_log_and_explained_the_same_way(run: Program) -> None:
    code, out, _ = run("logs", "explain", SHOW / "status-out-of-compliance.txt", "--now", "2017-12-05")
    assert code == 0
    assert out.startswith("Calls stop 2018-03-04 18:06:51 UTC (in 89 days) unless the manager answers.")
    code, out, _ = run("logs", "explain", SHOW / "status-out-of-compliance.txt", "--now", "2017-12-05", "--json")
    found = json.loads(out)
    assert found["schema"] == "smartlic/show-license/1"
    assert found["mode"] == "OutOfCompliance"
    assert found["line_numbers"]["deadline"] > 1


def test_an_evaluation_without_a_date_is_counted_from_when_the_text_was_taken(run: Program) -> None:
    path = SHOW / "all-evaluating.txt"
    left = sl.read_show(path).fields.evaluation_left
    assert left is not None
    _, out, _ = run("logs", "explain", path)
    assert out.startswith(f"Calls stop {left.days} days after the text was written unless ")
    known = sl.read_show(path, taken="2026-02-01").explain("2026-02-01")
    assert known.calls_stop == utc("2026-02-01") + left


@pytest.mark.parametrize("name", sorted(each.stem for each in SHOW.glob("*.txt")))
def test_every_sample_has_an_answer_and_an_exit_code(run: Program, name: str) -> None:
    code, out, err = run("logs", "explain", SHOW / f"{name}.txt", "--check", "--now", "2026-01-01")
    assert (len(out.splitlines()), err) == (1, "")
    assert code == sl.read_show(SHOW / f"{name}.txt").explain("2026-01-01").level


# --- what if


def test_what_if_begins_where_the_log_ends(path: Path, run: Program) -> None:
    code, out, err = run("whatif", "--from-log", path)
    assert code == 0
    assert out.startswith("Calls stop 2026-04-01 08:00:06 UTC (89 days into the outage): AuthorizationExpired")
    assert "Begins 2026-01-01 20:00:06 UTC, OutOfCompliance" in err
    code, out, _ = run("whatif", "--from-log", path, "--ask", "return", "--json")
    assert json.loads(out)["schema"] == "smartlic/whatif-return/1"


def test_the_simulator_and_the_log_say_the_same(path: Path) -> None:
    known = sl.read_log(path).standing
    scenario = sl.Scenario.from_log(path, outages=[(known.seen, "2027-01-01")], until="2026-12-31")
    lived = sl.simulate(scenario)
    assert lived.calls_stop == known.authorization_end == utc("2026-01-01 08:00:06") + PERIOD
    assert [band.mode for band in lived.bands] == ["OutOfCompliance", "AuthorizationExpired"]
    assert lived.limit == 15


def test_what_if_from_a_show_license(run: Program) -> None:
    code, out, err = run("whatif", "--from-show", SHOW / "status-out-of-compliance.txt")
    assert code == 0
    assert out.startswith("Calls stop 2018-03-04 18:06:51 UTC")
    assert "OutOfCompliance for 89 days" in out
    assert "Assumed: 1 x CUSP-5 is requested" in err
    assert "Begins 2017-12-04 18:12:05 UTC, OutOfCompliance" in err


@pytest.mark.parametrize("name", ["all-reserved", "all-using-policy", "unreadable"])
def test_what_if_does_not_begin_where_nothing_is_told(run: Program, name: str) -> None:
    code, out, err = run("whatif", "--from-show", SHOW / f"{name}.txt")
    assert (code, out, "no simulation can begin" in err) == (1, "", True)


def test_assumptions_are_in_json_and_a_purchase_is_not_made_up(path: Path, run: Program) -> None:
    _, out, err = run("whatif", "--from-log", path, "--json")
    assert err == ""
    assert "Assumed: nothing is purchased, as they do not tell." in json.loads(out)["begins"]
    code, _, err = run("whatif", "--from-log", path, "--ask", "licences")
    assert (code, "purchased=" in err) == (1, True)
    assert run("whatif", "--from-log", path, "--ask", "licences", "--set", "purchased={CUSP-5: 1}")[0] == 0


def test_what_cannot_be_both_is_refused(path: Path, run: Program) -> None:
    code, _, err = run("whatif", "--from-log", path, "--from-show", path)
    assert (code, "not both" in err) == (1, True)
    code, _, err = run("whatif", "--from-show", path)
    assert (code, "show license" in err) == (1, True)


SEEN = utc("2026-03-01 00:00:00")


@pytest.mark.parametrize(
    ("known", "at", "mode"),
    [
        (Standing(enabled=False), SEEN, "Disabled"),
        (Standing(seen=SEEN, evaluation_left=timedelta(days=2), evaluating=True), "2026-03-02T23:59:59.999", "Eval"),
        (Standing(seen=SEEN, evaluation_left=timedelta(days=2), evaluating=True), "2026-03-03", "EvalExpired"),
        (Standing(seen=SEEN, evaluation_left=timedelta(days=2), evaluating=False), "2026-06-03", "Eval"),
        (Standing(seen=SEEN, evaluation_left=timedelta(0)), SEEN, "EvalExpired"),
        (Standing(seen=SEEN, authorization_end=utc("2026-04-01")), "2026-03-31", "InCompliance"),
        (Standing(seen=SEEN, authorization_end=utc("2026-04-01"), out_of_compliance=True), SEEN, "OutOfCompliance"),
        (Standing(seen=SEEN, authorization_end=utc("2026-04-01")), "2026-04-01", "AuthorizationExpired"),
        (Standing(seen=SEEN), SEEN, None),
        (Standing(seen=SEEN, out_of_compliance=False), SEEN, "InCompliance"),  # held, and not told until when
        (Standing(seen=SEEN, out_of_compliance=True), SEEN, "OutOfCompliance"),
        # E2: ended by its bound, it is row 4 or 5; what is left of the evaluation runs from there on (E4)
        (
            Standing(
                seen=SEEN,
                authorization_end=utc("2026-04-01"),
                certificate_end=utc("2026-03-20"),
                evaluation_left=timedelta(days=5),
            ),
            "2026-03-24",
            "Eval",
        ),
        (
            Standing(
                seen=SEEN,
                authorization_end=utc("2026-04-01"),
                certificate_end=utc("2026-03-20"),
                evaluation_left=timedelta(days=5),
            ),
            "2026-03-25",
            "EvalExpired",
        ),
    ],
)
def test_e1_the_mode_follows_from_what_is_known(known: Standing, at: str | datetime, mode: str | None) -> None:
    assert mode_at(known, utc(at) if isinstance(at, str) else at) == mode


def test_e2_after_the_bound_the_evaluation_goes_on_and_so_do_calls() -> None:
    known = Standing(
        seen=SEEN,
        registered=True,
        evaluation_left=timedelta(days=5),
        authorization_end=utc("2026-05-01"),
        certificate_end=utc("2026-03-20"),
    )
    told = judge(known, utc("2026-03-21"))
    assert told.answer.startswith("Calls are allowed: Eval.")
    assert judge(known, utc("2026-03-25")).level == 2


@pytest.mark.parametrize(
    "known",
    [
        Standing(seen=SEEN, enabled=True, registered=False, evaluation_left=timedelta(days=40), evaluating=True),
        Standing(
            seen=SEEN, enabled=True, registered=True, certificate=utc("2026-02-01"), evaluation_left=timedelta(days=40)
        ),
        Standing(
            seen=SEEN,
            enabled=True,
            registered=True,
            authorized=utc("2026-02-20"),
            authorization_end=utc("2026-02-20") + PERIOD,
            requested={"ISR_APPX": 1, "CUSP-5": 2},
        ),
        Standing(
            seen=SEEN, enabled=True, registered=True, authorized=utc("2025-11-01"), authorization_end=utc("2026-01-30")
        ),
        Standing(seen=SEEN, enabled=False),
    ],
)
def test_every_standing_is_a_scenario_that_begins_in_its_mode(known: Standing) -> None:
    scenario = sl.Scenario(**{**scenario_fields(known), "outages": [(SEEN, "2027-03-01")]})
    lived = sl.simulate(scenario, until=SEEN + timedelta(days=1))
    assert lived.mode_at(SEEN + timedelta(hours=1)) == mode_at(known, SEEN + timedelta(hours=1))


def test_a_frame_has_a_row_for_each_entry(path: Path) -> None:
    frame = sl.read_log(path).to_frame()
    assert list(frame["kind"]) == ["registration", "authorization_request", "authorization", "failure"]
    assert list(frame["cause"].dropna()) == ["timed_out"]
    assert str(frame["at"].dtype).endswith("UTC]")
    assert list(frame["cps"].dropna()) == [15]
    assert len(sl.read_log(b"").to_frame()) == 0
