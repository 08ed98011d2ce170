"""Nothing is sent without an authorisation that is whole, agrees with itself and holds now."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from codered.model.errors import Refused, WrongUse
from codered_hq.model.sweep import Limits
from codered_hq.sweeps.authorising import (
    check_fits,
    check_now,
    check_packs,
    check_ports,
    explain_time,
    find_end,
    lower_limits,
    parse_permit,
    read_permit,
    read_sample,
)
from tests.fixtures.sweeps import PERMIT, make_permit

NIGHTS = "windows:\n  - days: [fri]\n    from: '22:00'\n    to: '06:00'\ntime_zone: Europe/Berlin\n"


def test_the_sample_is_one() -> None:
    permit = parse_permit(read_sample().encode(), "sample")
    assert (permit.said.ports, permit.said.limits.per_second, permit.said.windows[0].begin) == ((80, 443), 500, "20:00")
    assert "192.0.2.128/28" in permit.said.never
    assert len(permit.sha256) == 64


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("rangs: []", "permit.yaml:6: unknown key `rangs`"),
        ("never: [10.0.0.0/8, 127.0.0.0/8, 'fd00::/16']", "permit.yaml:6: nothing is left of `ranges`"),
        ("never: [ten]", "permit.yaml:6: `ten` is no address or range"),
        ("not_before: 2127-01-01", "permit.yaml:3: it ends before it begins"),
        ("not_before: soon", "permit.yaml:6: `soon` is no time"),
        ("time_zone: Moon/Base", "permit.yaml:6: `Moon/Base` is no time zone"),
        ("time_zone: ../../etc/passwd", "is no time zone"),
        ("limits: {per_second: -1}", "`per_second` is no limit"),
        ("limits: {per_host: 0}", "`per_host` is no limit"),
        ("limits: {per_second: nan}", "`per_second` is no limit"),
        ("windows: [{from: '26:00', to: '27:00'}]", "window 1 has no such hour"),
        ("windows: [{from: '20:00', to: '20:00'}]", "window 1 is empty"),
        ("windows: [{from: '20:00', to: '21:00', days: [someday]}]", "permit.yaml:6"),
        ("ports: [80]", "the key `ports` a second time"),
        ("fragile: [x/33]", "is no address or range"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_line(line: str, said: str) -> None:
    with pytest.raises(WrongUse) as refused:
        parse_permit((PERMIT + line + "\n").encode(), "permit.yaml")
    assert said in str(refused.value)


@pytest.mark.parametrize("key", ["format", "allowed_by", "until", "ranges", "ports"])
def test_what_is_missing_is_named(key: str) -> None:
    lines = [line for line in PERMIT.splitlines() if not line.startswith(f"{key}:")]
    with pytest.raises(WrongUse, match=key):
        parse_permit("\n".join(lines).encode(), "permit.yaml")


@pytest.mark.parametrize(("key", "value"), [("ranges", "[]"), ("ports", "[]"), ("ports", "[0]"), ("allowed_by", "' '")])
def test_empty_is_missing(key: str, value: str) -> None:
    with pytest.raises(WrongUse, match=r"permit\.yaml:"):
        make_permit(**{key: value})


def test_when_it_holds() -> None:
    permit = make_permit(until="2026-11-29T18:00+01:00", not_before="2026-11-22")
    assert explain_time(permit, datetime(2026, 11, 29, 16, 59, tzinfo=UTC)) == ""
    with pytest.raises(Refused, match="ended 2026-11-29 17:00 UTC"):
        check_now(permit, datetime(2026, 11, 29, 17, 0, tzinfo=UTC))
    with pytest.raises(Refused, match="begins only 2026-11-22"):
        check_now(permit, datetime(2026, 11, 21, 23, 59, tzinfo=UTC))
    check_now(permit, datetime(2026, 11, 22, 0, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("when", "opened"),
    [
        ("2026-11-27T20:59Z", False),  # Friday 21:59 in Berlin
        ("2026-11-27T21:00Z", True),
        ("2026-11-28T04:59Z", True),  # Saturday morning belongs to Friday night
        ("2026-11-28T05:00Z", False),
        ("2026-11-28T22:00Z", False),  # Saturday night is none
        ("2026-11-27T03:00Z", False),  # nor is Thursday's
    ],
)
def test_windows_run_over_midnight(when: str, opened: bool) -> None:
    told = explain_time(make_permit(NIGHTS), datetime.fromisoformat(when))
    assert (told == "") is opened
    assert opened or "fri 22:00-06:00, Europe/Berlin" in told


def test_what_is_made_elsewhere_must_fit_into_the_time_that_is_left() -> None:
    opened = datetime(2026, 11, 27, 21, 30, 7, tzinfo=UTC)  # until 06:00 in Berlin
    night = make_permit(NIGHTS)
    assert find_end(night, opened) == datetime(2026, 11, 28, 5, 0, tzinfo=UTC)
    assert check_fits(night, opened, 7 * 3600) == datetime(2026, 11, 28, 5, 0, tzinfo=UTC)
    with pytest.raises(Refused, match="it may take 480 min, and is authorised until 2026-11-28 05:00 UTC only"):
        check_fits(night, opened, 8 * 3600)
    soon = make_permit(until="2026-11-27T21:40:30")
    assert find_end(soon, opened) == soon.until
    with pytest.raises(Refused, match="ended"):
        check_fits(soon, soon.until, 1)
    long = make_permit(until="2126-01-01")
    assert check_fits(long, opened, 1e9) == opened + timedelta(days=7)


def test_limits_are_lowered_and_never_raised() -> None:
    permit = make_permit("limits: {per_second: 100, per_host: 2, tries: 1}\n")
    lowered = lower_limits(permit, Limits(per_second=0, per_subnet=7, per_host=1, tries=3))
    assert (lowered.per_second, lowered.per_subnet, lowered.per_host, lowered.tries) == (100, 7, 1, 1)


def test_ports_and_packs() -> None:
    permit = make_permit(packs="[codered]")
    check_ports(permit, (443, 80))
    check_packs(permit, ("codered",))
    with pytest.raises(Refused, match="port 22 is not authorised"):
        check_ports(permit, (80, 22))
    with pytest.raises(Refused, match="pack nimda is not authorised"):
        check_packs(permit, ("nimda",))
    check_packs(make_permit(), ("nimda",))


def test_advice_is_about_authorisations(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    os.mkfifo(tmp_path / "pipe")
    for name in ("empty", "pipe", "absent"):
        with pytest.raises(WrongUse) as refused:
            read_permit(tmp_path / name)
        assert "pack" not in str(refused.value), name
