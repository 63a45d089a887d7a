"""What a log is understood to say (S17, S18, D1-D9): the answer, the timeline, gaps, causes, oddities."""

from __future__ import annotations

from datetime import timedelta

import pytest
from log_world import EPOCH, MS, PERIOD, Device, utc
from pictures import assert_readable
from smartlic.logs import Log, read_log
from smartlic.logs.failures import cause_of

DAY = timedelta(days=1)
HALF_DAY = timedelta(hours=12)


def compliant() -> Device:
    device = Device(zone=9)
    device.start("2026-01-01 08:00:00.250")
    device.register("2026-01-01 08:00:05")
    device.exchange("2026-01-01 08:00:06")
    device.exchange("2026-01-31 08:00:06")
    device.say("2026-02-10 12:00:00", "DEBUG root - tick")
    return device


def texts(log: Log, kind: str) -> list[str]:
    return [each.text for each in log.timeline if each.kind == kind]


def test_the_answer_is_when_calls_stop_by_the_last_answers_own_period() -> None:
    log = read_log(compliant().text)
    told = log.explain("2026-02-10T12:00:00Z")
    assert told.answer == "Calls stop 2026-05-01 08:00:06 UTC (in 79 days) unless the manager answers."
    assert told.calls_stop == utc("2026-01-31 08:00:06") + PERIOD
    assert told.level == 0
    assert log.standing.requested == {"CUSP-5": 2}
    assert log.standing.cps == 10, "D8"
    assert log.standing.out_of_compliance is False
    assert log.standing.certificate == utc("2026-01-01 08:00:05")
    assert log.standing.certificate_end == utc("2026-01-01 08:00:05") + 360 * DAY, "S14"
    assert log.standing.renewal == utc("2026-01-01 08:00:05") + 180 * DAY, "D1"
    assert log.standing.next_request == utc("2026-01-31 08:00:06") + 30 * DAY
    assert log.standing.seen == utc("2026-02-10 12:00:00")


def test_d6_every_line_of_a_run_is_dated_by_one_answer_in_it_across_midnights_and_zones() -> None:
    log = read_log(compliant().text)
    assert [each.at for each in log.entries if each.kind == "registration"] == [utc("2026-01-01 08:00:05")]
    assert log.runs[0].began == utc("2026-01-01 08:00:00.250")
    assert log.runs[0].zone == timedelta(hours=9)


def test_s5_a_period_that_is_over_blocks_calls_and_says_that_the_log_may_not_have_all() -> None:
    told = read_log(compliant().text).explain("2026-06-01")
    assert told.level == 2
    assert told.answer.startswith("Calls stopped 2026-05-01 08:00:06 UTC (30 days ago): AuthorizationExpired, unless ")
    assert told.answer.endswith("the log ends 2026-02-10 12:00 UTC with InCompliance.")


@pytest.mark.parametrize(("tick", "mode"), [(-1, "InCompliance"), (0, "AuthorizationExpired")])
def test_e3_a_deadline_is_reached_at_its_exact_instant(tick: int, mode: str) -> None:
    log = read_log(compliant().text)
    now = utc("2026-01-31 08:00:06") + PERIOD + timedelta(milliseconds=tick)
    assert log.to_dict(now)["mode"] == mode


def test_s3_out_of_compliance_is_a_warning_and_calls_go_on() -> None:
    device = compliant()
    device.exchange("2026-02-11 08:00:00", count=3, status="OOC", retry=HALF_DAY)
    log = read_log(device.text)
    told = log.explain("2026-02-11 08:10:00")
    assert told.level == 1
    assert told.answer.startswith("Calls stop 2026-05-12 08:00 UTC")
    assert any("purchase more licences" in line for line in told.advice)
    assert log.standing.cps == 15
    assert log.history.bands[-2].mode == "OutOfCompliance"


def test_a_log_without_an_authorization_says_that_it_does_not_know() -> None:
    device = Device()
    device.start("2026-01-01 08:00:00")
    device.register("2026-01-01 08:00:05")
    told = read_log(device.text).explain("2026-01-02")
    assert told.level == 3
    assert told.answer.startswith("When calls stop is not told: the log has no authorization.")


def test_a_log_that_is_none_says_what_to_give_instead() -> None:
    told = read_log(b"one\ntwo\n").explain("2026-01-01")
    assert (told.level, told.answer) == (3, "When calls stop is not told: none of the 2 lines is about licences.")
    assert "sml.log" in told.advice[0]


# --- what happened


def test_what_happens_again_and_again_is_told_once() -> None:
    device = Device()
    device.start("2026-01-01 00:00:00")
    for day in range(1, 11):
        device.exchange(f"2026-01-{day:02} 01:00:00", status="OOC", retry=HALF_DAY)
        device.exchange(f"2026-01-{day:02} 13:00:00", status="OOC", retry=HALF_DAY)
    log = read_log(device.text)
    (each,) = (each for each in log.timeline if each.kind == "exchange")
    assert (each.count, each.at, each.until) == (20, utc("2026-01-01 01:00:00"), utc("2026-01-10 13:00:00"))
    assert each.place == (0, 2, 41)
    assert "authorized from 2026-01-10 13:00 UTC" in each.text, "the last one's dates hold"


def test_a_restart_is_found_and_the_answers_after_it_are_another_run() -> None:
    device = compliant()
    device.start("2026-02-12 03:00:00")
    device.exchange("2026-02-12 03:00:10")
    log = read_log(device.text)
    assert [run.began for run in log.runs] == [utc("2026-01-01 08:00:00.250"), utc("2026-02-12 03:00:00")]
    assert len(texts(log, "run")) == 2


def test_d6_a_run_without_an_answer_has_bounds_and_is_never_guessed() -> None:
    device = compliant()
    device.start("2026-02-11 03:00:00")
    device.register("2026-02-11 03:00:10", 970900)
    device.start("2026-02-12 04:30:00")
    device.exchange("2026-02-12 04:30:10")
    log = read_log(device.text)
    entry = [each for each in log.entries if each.kind == "registration"][1]
    assert entry.at is None
    assert entry.earliest == utc("2026-02-10 12:00:00") + timedelta(seconds=10)
    assert entry.latest == utc("2026-02-12 04:30:00")
    assert log.runs[1].began is None
    assert "undated" in [odd.code for odd in log.oddities]
    assert log.when(entry) == "between 2026-02-10 12:00:10 UTC and 2026-02-12 04:30 UTC"


def test_a_request_without_an_answer_is_told() -> None:
    device = compliant()
    device.request("2026-02-10 13:00:00", count=4)
    log = read_log(device.text)
    assert texts(log, "unanswered") == ["requested 4 x CUSP-5 (20 calls per second): no answer in the log"]


def test_d7_a_request_that_should_have_been_and_was_not_is_a_gap() -> None:
    device = Device()
    device.start("2026-01-01 00:00:00")
    device.exchange("2026-01-01 00:00:10", status="OOC", retry=HALF_DAY)
    device.say("2026-01-02 00:00:00", "DEBUG root - tick")
    device.exchange("2026-01-03 00:00:10", status="OOC", retry=HALF_DAY)
    device.exchange("2026-01-03 12:00:10", status="OOC", retry=HALF_DAY)
    (gap,) = (each for each in read_log(device.text).timeline if each.kind == "gap")
    assert (gap.at, gap.until) == (utc("2026-01-01 12:00:10"), utc("2026-01-03 00:00:10"))
    assert gap.text == (
        "a request was due 2026-01-01 12:00:10 UTC and is missing: it came 1 day 12 h late, 2026-01-03 00:00:10 UTC;"
        " the process ran, and no failure is logged"
    )


def test_e8_a_request_within_its_jitter_is_no_gap() -> None:
    device = Device()
    device.start("2026-01-01 00:00:00")
    device.exchange("2026-01-01 00:00:00", retry=30 * DAY)
    device.exchange("2026-02-01 12:59:00", retry=30 * DAY)  # 30 days, 5 % of them and an hour later
    assert not texts(read_log(device.text), "gap")
    device.exchange("2026-03-05 01:31:00", retry=30 * DAY)
    assert not texts(read_log(device.text), "gap")
    device.exchange("2026-04-06 00:00:00", retry=30 * DAY)
    assert len(texts(read_log(device.text), "gap")) == 1


def test_a_gap_up_to_the_logs_end_says_whether_the_process_ran() -> None:
    device = compliant()
    device.start("2026-03-20 00:00:00")
    device.fail("2026-03-20 00:00:05", "authorization failed: java.net.UnknownHostException: tools.example.com")
    device.register("2026-03-20 01:00:00")  # which dates nothing
    log = read_log(device.text)
    assert not texts(log, "gap"), "the run after it cannot be dated, so nothing is said of it"
    device.say("2026-03-20 02:00:00", "DEBUG root - tick")
    device.answer("2026-03-21 00:00:00")
    (gap,) = (each for each in read_log(device.text).timeline if each.kind == "gap")
    assert "due 2026-03-02 08:00:06 UTC" in gap.text
    assert "1 failure in it" in gap.text


def test_d1_a_renewal_that_is_missing_is_a_gap() -> None:
    device = Device()
    device.start("2026-01-01 00:00:00")
    device.register("2026-01-01 00:00:05")
    for month in range(1, 8):
        device.exchange(f"2026-{month:02}-01 00:00:10")
    device.exchange("2026-07-25 00:00:10")
    (gap,) = texts(read_log(device.text), "gap")
    assert gap.startswith("the renewal of the ID certificate was due 2026-06-30 00:00:05 UTC and is missing: up to the")
    device.register("2026-07-25 00:01:00", 970999, word="renew")
    (gap,) = texts(read_log(device.text), "gap")
    assert "it came 25 days late" in gap
    assert texts(read_log(device.text), "registration")[1].startswith("renewed, ID certificate 970999")


def test_an_authorization_that_ended_within_the_log_is_a_band_in_which_calls_were_rejected() -> None:
    device = Device()
    device.start("2026-01-01 00:00:00")
    device.exchange("2026-01-01 00:00:10")
    device.say("2026-04-01 00:00:10", "DEBUG root - tick")
    device.exchange("2026-05-01 00:00:10")
    bands = read_log(device.text).history.bands
    assert [(band.mode, band.start, band.end) for band in bands] == [
        ("InCompliance", utc("2026-01-01 00:00:10"), utc("2026-04-01 00:00:10")),
        ("AuthorizationExpired", utc("2026-04-01 00:00:10"), utc("2026-05-01 00:00:10")),
        ("InCompliance", utc("2026-05-01 00:00:10"), utc("2026-07-30 00:00:10")),
        ("AuthorizationExpired", utc("2026-07-30 00:00:10"), None),
    ]


def test_e7_an_answer_after_a_renewal_was_due_tells_of_one_that_the_log_does_not_have() -> None:
    device = Device()
    device.start("2026-01-01 00:00:00")
    device.register("2026-01-01 00:00:05")
    for day in range(0, 180, 29):
        device.exchange((utc("2026-01-01 00:00:10") + day * DAY).strftime("%Y-%m-%d %H:%M:%S"))
    assert read_log(device.text).standing.certificate_end == utc("2026-12-27 00:00:05")
    device.exchange("2026-07-15 00:00:00")
    log = read_log(device.text)
    assert log.standing.certificate_end is None, "a device that is answered renews too"
    assert log.to_dict("2026-07-16")["mode"] == "InCompliance"
    assert log.explain("2026-07-16").level == 1, "the renewal is missing all the same"


def test_e2_a_certificate_that_ends_first_bounds_the_authorization() -> None:
    device = Device()
    device.start("2026-01-01 00:00:00")
    device.register("2026-01-01 00:00:05", renew=359 * DAY)
    for day in range(0, 352, 29):
        device.exchange((utc("2026-01-01 00:00:10") + day * DAY).strftime("%Y-%m-%d %H:%M:%S"))
    log = read_log(device.text)
    assert log.to_dict("2026-12-27T00:00:04.999")["mode"] == "InCompliance"
    assert log.to_dict("2026-12-27T00:00:05")["mode"] is None, "ended by its bound, and the evaluation is not told"
    told = log.explain("2026-12-28")
    assert (told.level, "ended with the ID certificate 2026-12-27 00:00:05 UTC" in told.answer) == (3, True)


def test_a_certificate_of_another_number_is_another_one() -> None:
    device = compliant()
    assert read_log(device.text).standing.certificate is not None
    device.register("2026-02-11 00:00:00", serial=970858)
    device.exchange("2026-02-11 00:00:10")  # with the number 970857
    assert read_log(device.text).standing.certificate is None


# --- failures


@pytest.mark.parametrize(
    ("text", "code", "refused"),
    [
        ("java.net.UnknownHostException: tools.example.com", "name_unresolved", False),
        ("java.net.ConnectException: Connection refused", "connection_refused", False),
        ("java.net.SocketTimeoutException: connect timed out", "timed_out", False),
        ("java.net.NoRouteToHostException: No route to host", "unreachable", False),
        ("Unable to tunnel through proxy. Proxy returns HTTP/1.1 407", "proxy", False),
        ("SSLHandshakeException: PKIX path building failed", "tls", False),
        ("SSLHandshakeException: CertificateExpiredException: NotAfter", "dates", False),
        ("server replied HTTP/1.1 503 Service Unavailable", "http", False),
        ("server replied HTTP/1.1 403 Forbidden", "http", False),
        ("registration failed: the token has expired", "token", True),
        ("registration failed: token is not valid", "token", True),
        ("authorization failed: nonce does not match", "invalid_answer", False),
        ("authorization request rejected by administrator", "refused", True),
        ("java.io.IOException: No space left on device", "storage", False),
        ("ClassNotFoundException: org.example.Thing", "unknown", False),
        ("something failed", "unknown", False),
        ("authorization failed: no answer from the manager", "timed_out", False),
        ("java.net.SocketException: Permission denied (connect failed)", "unreachable", False),
        ("connection denied by firewall", "unreachable", False),
        ("java.io.FileNotFoundException: /opt/lic/state (Permission denied)", "storage", False),
        ("registration failed: unexpected token < in JSON at position 0", "invalid_answer", False),
        ("[/opt/sip-proxy/json.rb:3] ERROR root - hostname:cusp-proxy-1 connect timed out", "timed_out", False),
        ("authorization failed: product instance was removed", "refused", True),
    ],
)
def test_e6_a_network_fault_is_never_shown_as_a_refusal(text: str, code: str, refused: bool) -> None:
    cause = cause_of(text)
    assert (cause.code, cause.refused) == (code, refused)


def test_failures_after_the_last_answer_are_trouble_now() -> None:
    device = compliant()
    device.fail("2026-02-10 13:00:00", "authorization failed: java.net.SocketTimeoutException: connect timed out")
    device.fail("2026-02-10 13:01:00", "authorization failed: java.net.SocketTimeoutException: connect timed out")
    log = read_log(device.text)
    told = log.explain("2026-02-10 13:02:00")
    assert told.level == 1
    assert "The last request failed: the manager did not answer in time." in told.lines
    assert any("The manager has not answered lately" in line for line in told.lines), "E6: no licence is lost by it"
    (failure,) = (each for each in log.timeline if each.kind == "failure")
    assert (failure.count, failure.until) == (2, utc("2026-02-10 13:01:00"))
    device.answer("2026-02-10 14:00:00")
    assert read_log(device.text).standing.trouble is None


def test_the_last_answer_counts_though_its_start_date_is_damaged() -> None:
    device = compliant()
    device.request("2026-02-10 13:00:00", count=3)
    fields = "start_date:17x9, compliance_status:OOC, expiry:7776000, retry_interval:43200"
    device.say("2026-02-10 13:00:01", f"DEBUG root - authorization received. {fields}")
    log = read_log(device.text)
    assert log.standing.out_of_compliance is True
    assert log.standing.authorized == utc("2026-02-10 13:00:01"), "D3: 90 days were left"
    assert log.explain("2026-02-11").level == 1


def test_e5_an_answer_whose_own_period_is_over_changes_nothing() -> None:
    device = compliant()
    device.request("2026-02-10 13:00:00")
    start = (utc("2025-11-01") - EPOCH) // MS
    device.say("2026-02-10 13:00:01", f"DEBUG root - authorization received. start_date:{start}, compliance_status:OOC")
    log = read_log(device.text)
    assert log.standing.authorized == utc("2026-01-31 08:00:06")
    assert "grants nothing" in " ".join(log.explain("2026-02-11").lines)
    assert log.history.bands[0].mode == "InCompliance"


def test_c1_the_rate_is_that_of_the_last_answered_request_and_a_tag_twice_is_a_sum() -> None:
    device = compliant()
    device.request("2026-02-10 13:00:00", count=4)
    log = read_log(device.text)
    assert (log.standing.requested, log.standing.cps) == ({"CUSP-5": 2}, 10)
    assert "The last request has no answer in the log." in log.explain("2026-02-10T14:00").lines


def test_a_refusal_is_told_as_one_and_an_unknown_status_is_a_warning() -> None:
    device = compliant()
    device.fail("2026-02-10 13:00:00", "authorization failed: denied by administrator")
    told = read_log(device.text).explain("2026-02-11")
    assert told.answer.endswith("unless the manager grants what it refused.")
    assert not any("has not answered" in line for line in told.lines), "it has: no"
    device.exchange("2026-02-10 14:00:00", status="INVALID_TAG")
    told = read_log(device.text).explain("2026-02-11")
    assert (told.level, "INVALID_TAG, which is not known" in " ".join(told.lines)) == (1, True)


def test_m13_a_registration_that_succeeds_ends_the_trouble_before_it() -> None:
    device = Device()
    device.start("2026-01-01 00:00:00")
    device.fail("2026-01-01 00:00:05", "registration failed: connect timed out")
    assert read_log(device.text).standing.trouble == "the manager did not answer in time"
    device.register("2026-01-01 00:01:00")
    assert read_log(device.text).standing.trouble is None


def test_e2_a_deregistration_after_the_last_answer_gives_the_authorization_back() -> None:
    device = compliant()
    device.say("2026-02-10 13:00:00", "INFO root - deregistration succeeded, product_instance_id:1f0e2d3c")
    log = read_log(device.text)
    assert (log.standing.registered, log.standing.authorized) == (False, None)
    assert "not registered" in log.explain("2026-02-11").answer
    device.exchange("2026-02-10 14:00:00")
    assert read_log(device.text).standing.registered is True


def test_a_mode_is_one_band_however_often_it_is_confirmed() -> None:
    device = compliant()
    log = read_log(device.text)
    assert [band.mode for band in log.history.bands] == ["InCompliance", "AuthorizationExpired"]
    assert log.standing.since == utc("2026-01-01 08:00:06")
    assert "since 2026-01-01 08:00:06 UTC" in log.explain("2026-02-11").lines[0]


def test_lines_of_several_devices_are_named() -> None:
    device, other = compliant(), Device()
    other.start("2025-01-01 00:00:00")
    other.exchange("2025-01-01 00:00:05")
    told = read_log(device.text + other.text).explain("2026-02-11")
    assert any("Answers go back in time" in line for line in told.lines)
    assert told.level >= 1


def test_a_long_log_has_an_axis_of_years() -> None:
    device = Device()
    device.start("2010-01-01 00:00:00")
    device.exchange("2010-01-01 00:00:05")
    device.start("2026-01-01 00:00:00")
    device.exchange("2026-01-01 00:00:05")
    assert_readable(read_log(device.text).to_svg())


# --- oddities


def test_d4_and_d5_artefacts_are_corrected_and_named() -> None:
    device = Device()
    device.start("2017-05-09 00:00:00")
    extra = ", @requested_date=#<Date: 49322-04-19 ((0j,0n),+0s,-Infj)>, @days_left=-17206"
    device.request("2017-05-09 13:48:25.614", extra=extra)
    device.answer("2017-05-09 13:48:28.516", "OOC", HALF_DAY, start="2017-05-09 13:43:02.539")
    found = {odd.code: odd.text for odd in read_log(device.text).oddities}
    assert "logged as -17206 and truly was 89" in found["days_left"]
    assert "logged in the year 49322 and truly was 2017-05-09 01:42:14 UTC" in found["requested_date"]


def test_values_that_can_be_true_are_left_alone() -> None:
    device = Device()
    device.start("2026-01-01 00:00:00")
    device.request(
        "2026-01-01 00:00:05", extra=", @requested_date=#<Date: 2026-01-01 ((0j,0n),+0s,-Infj)>, @days_left=89"
    )
    device.answer("2026-01-01 00:00:06")
    assert not {odd.code for odd in read_log(device.text).oddities} & {"days_left", "requested_date", "tag_damaged"}


@pytest.mark.parametrize(
    ("skew", "words", "attention"),
    [
        (timedelta(seconds=-3), "about 3 s behind the manager's", False),
        (timedelta(seconds=90), "about 1 min ahead of the manager's", False),
        (timedelta(minutes=-5), "about 5 min behind the manager's", True),
    ],
)
def test_d3_an_answer_tells_how_far_the_clocks_differ(skew: timedelta, words: str, attention: bool) -> None:
    device = Device(zone=-5, skew=skew)
    device.start("2026-01-01 00:00:00")
    device.exchange("2026-01-01 00:00:05")
    (odd,) = (odd for odd in read_log(device.text).oddities if odd.code == "clock_skew")
    assert words in odd.text
    assert odd.attention == attention


def test_f5_a_tag_that_the_catalogue_does_not_have_has_no_rate() -> None:
    device = Device()
    device.start("2026-01-01 00:00:00")
    device.request(
        "2026-01-01 00:00:05", tag="regid.2014-08.com.cisco.CUSP-30,1.0_0f106f12-4d11-44b7-8f36-f7aee3dfaa01"
    )
    device.answer("2026-01-01 00:00:06")
    log = read_log(device.text)
    assert log.standing.requested == {"CUSP-30": 2}
    assert log.standing.cps is None
    assert "tag_unknown" in [odd.code for odd in log.oddities]


def test_damage_is_counted_and_listed_with_its_line() -> None:
    device = compliant()
    line = device.say(
        "2026-02-10 13:00:00", "DEBUG root - authorization received. start_date:17x0, compliance_status:IC"
    )
    device.lines += ["", "some words", "that are no entry"]
    log = read_log(device.text)
    found = {odd.code: odd.place for odd in log.oddities}
    assert found["damaged_start_date"] == (0, line, line)
    assert found["unread"] == (0, line + 2, line + 3)
    assert log.counts["unread"] == 2


def test_the_zone_changes_and_the_times_stay_right() -> None:
    device = Device(zone=1)
    device.start("2026-03-28 00:00:00")
    device.exchange("2026-03-28 00:00:05")
    device.zone = timedelta(hours=2)  # summer time
    line = device.request("2026-03-29 02:00:00")
    log = read_log(device.text)
    assert len(log.runs) == 1
    assert log.entries[-1].at == utc("2026-03-29 02:00:00")
    (change,) = (each for each in log.timeline if each.kind == "clock")
    assert (change.place, change.at) == ((0, line, line), utc("2026-03-29 02:00:00"))
    assert "1 h forward: its zone changed" in change.text
