from collections.abc import Callable, Sequence

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codered.export.reports import RENDERERS
from codered.export.reports.json_document import read_report, render_json
from codered.model.errors import WrongUse
from codered.model.report import Report

Poison = Callable[[Report, Sequence[str]], Report]
VERDICTS = ("infected", "attacked", "suspicious", "vulnerable", "clean", "incomplete")


@pytest.mark.parametrize("verdict", VERDICTS)
def test_comes_back_as_it_was(verdict: str, demo_reports: dict[str, Report]) -> None:
    assert read_report(render_json(demo_reports[verdict]).encode()) == demo_reports[verdict]


def test_golden(infected: Report, check_golden: Callable[[str, str], None]) -> None:
    check_golden("infected.json", render_json(infected))


def test_starts_with_its_format_and_is_indented(clean: Report) -> None:
    assert render_json(clean).startswith('{\n  "format": "codered/report/1",\n  "id": "r-20260304-050607"')
    assert '\n  "verdict": "clean"' in render_json(clean)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(text=st.text(max_size=100))
def test_hostile_text_is_kept_and_harmless(infected: Report, poison: Poison, text: str) -> None:
    hostile = poison(infected, [text, "\u2028\u202e\x9b\x7f\ufeff\U000e0041"])
    written = render_json(hostile)
    assert written.replace("\n", "").isprintable()
    assert read_report(written.encode()) == hostile


def test_an_argument_that_was_no_utf8_does_not_lose_the_report(clean: Report) -> None:
    odd = msgspec.structs.replace(clean, command=("codered", "scan", "/tmp/\udcff"))
    assert read_report(render_json(odd).encode()).command[-1] == "/tmp/\\udcff"


@pytest.mark.parametrize(
    ("data", "story"),
    [
        (b"", "not a report"),
        (b"[]", "not a report"),
        (b"\xff\xfe", "not a report"),
        (b"[" * 100_000, "not a report"),
        (b'{"format": 7}', "not a report"),
        (b'{"format": "\xff"}', "not a report"),
        (b"{}", "names no format"),
        (b'{"format": "codered/report/2"}', '"codered/report/2", this version reads codered/report/1'),
        (b'{"format": "codered/plan/1"}', '"codered/plan/1", this version reads codered/report/1'),
        (b'{"format": "\\u001b[2J\\u202e"}', '"\\x1b[2J\\u202e"'),
        (b'{"format": "codered/report/1"}', "damaged"),
        (b'{"format": "codered/report/1", "id": "\xff"}', "damaged"),
        (b'{"format": "codered/report/1", "x": ' + b"[" * 100_000, "not a report"),
    ],
)
def test_anything_else_is_refused_in_one_line(data: bytes, story: str) -> None:
    with pytest.raises(WrongUse) as caught:
        read_report(data, where="case/report.json")
    told = str(caught.value)
    assert story in told
    assert told.startswith("case/report.json: ")
    assert "codered scan --json" in told
    assert told.isprintable()


def test_a_number_that_python_could_not_write_is_refused(attacked: Report) -> None:
    """What is accepted (up to 4,300 digits) must be shown by every format without an error."""
    short, long = (render_json(attacked).replace("1210", "9" * digits).encode() for digits in (4300, 4301))
    forged = read_report(short)
    assert forged.looks[0].lines > 10**4000
    for render in RENDERERS.values():
        assert render(forged)
    with pytest.raises(WrongUse, match="damaged"):
        read_report(long)


@settings(deadline=None)
@given(data=st.binary(max_size=200))
def test_garbage_is_refused(data: bytes) -> None:
    with pytest.raises(WrongUse):
        read_report(data)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(at=st.integers(0, 2000), byte=st.integers(0, 255))
def test_a_changed_byte_is_refused_or_read(clean: Report, at: int, byte: int) -> None:
    data = bytearray(render_json(clean).encode())
    data[at % len(data)] = byte
    try:
        report = read_report(bytes(data))
    except WrongUse:
        return
    assert read_report(render_json(report).encode()) == report
