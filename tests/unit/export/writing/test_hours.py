from datetime import datetime

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from codered.export.writing.hours import FEWEST_BINS, MOST_BINS, OTHERS, SEVERAL, bin_hours
from codered.model.report import Attacker, LogSummary, PackUsed, Report, ThreatSeen
from codered.model.target import TargetInfo


def make_report(*attackers: tuple[tuple[str, ...], dict[str, int]]) -> Report:
    made = tuple(
        Attacker(
            address="192.0.2.1",
            internal=False,
            count=1,
            threats=tuple(ThreatSeen(pack=pack, indicator="i", count=1, shared_by=("a", "b")) for pack in packs),
            hours=hours,
        )
        for packs, hours in attackers
    )
    return Report(
        id="r", tool="t", command=(), started=datetime(2026, 1, 1), seconds=1, scope=(), verdict="attacked",  # noqa: DTZ001
        target=TargetInfo(kind="log_files", root="/"), packs=(PackUsed("a", "1", "d", "Worm A"),),
        logs=LogSummary(attackers=made),
    )  # fmt: skip


def test_hours_are_counted_in_their_place() -> None:
    bins = bin_hours(make_report((("a",), {"2001-07-19T14": 3, "2001-07-19T16": 1}), (("b",), {"2001-07-19T14": 2})))
    assert bins
    assert bins.start == datetime(2001, 7, 19, 14)  # noqa: DTZ001
    assert bins.hours_per_bin == 1
    assert {name: counts[:3] for name, counts in bins.series.items()} == {"Worm A": (3, 0, 1), "b": (2, 0, 0)}
    assert bins.heights() == [5, 0, 1] + [0] * (FEWEST_BINS - 3)
    assert bins.requests == 6
    assert bins.time_of(2) == datetime(2001, 7, 19, 16)  # noqa: DTZ001


def test_an_address_with_several_threats_is_not_split() -> None:
    bins = bin_hours(
        make_report(
            (("a", "b"), {"2001-07-19T14": 1}),
            (("a", "unattributed"), {"2001-07-19T14": 1}),
            (("unattributed",), {"2001-07-19T14": 1}),
        )
    )
    assert bins
    assert set(bins.series) == {SEVERAL, "Worm A", "shared by Worm A and b"}


def test_many_threats_are_added_up() -> None:
    bins = bin_hours(make_report(*(((f"p{n}",), {"2001-07-19T14": 20 - n}) for n in range(12))))
    assert bins
    assert list(bins.series) == ["p0", "p1", "p2", "p3", "p4", "p5", OTHERS]
    assert bins.requests == sum(range(9, 21))


def test_no_times_no_curve() -> None:
    bad = {"": 1, "yesterday": 1, "2001-07-19T25": 1, "2001-13-01T00": 1, "2001-07-19T14": -3}
    assert bin_hours(make_report((("a",), bad))) is None
    assert bin_hours(make_report()) is None
    assert bin_hours(msgspec.structs.replace(make_report(), logs=None)) is None


moments = st.datetimes().map(lambda moment: f"{moment.year:04}-{moment.month:02}-{moment.day:02}T{moment.hour:02}")


@given(hours=st.dictionaries(moments, st.integers(1, 10**9), min_size=1))
def test_any_span_fits_and_no_request_is_lost(hours: dict[str, int]) -> None:
    bins = bin_hours(make_report((("a",), hours)))
    assert bins
    assert FEWEST_BINS <= len(bins.heights()) <= MOST_BINS
    assert bins.requests == sum(hours.values()) == sum(bins.heights())
