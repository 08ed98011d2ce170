"""What `codered self-check` shows, and its exit codes."""

from datetime import UTC, datetime

import msgspec
import pytest

from codered.cli import self_checking
from codered.cli.self_checking import render_json, render_text
from codered.model.errors import ExitCode
from codered.model.self_check import Check, SelfCheck

GOOD = Check(subject="own files", group="trust", state="good", told="all there", advice="never shown")
ABSENT = Check(subject="network", group="here", state="absent", told="no sockets", advice="run it as root")
UNCHECKED = Check(subject="packs", group="trust", state="unchecked", told="nobody signed them")
WRONG = Check(subject="memory", group="work", state="wrong", told="\x1b[2Jhidden", advice="install it again")


def make(*checks: Check) -> SelfCheck:
    return SelfCheck(
        format="codered/self-check/1", tool="codered 1.0.0", checked=datetime(2026, 1, 1, tzinfo=UTC),
        installation="debian", folder="/usr/lib/codered", checks=checks,
    )  # fmt: skip


def test_a_line_a_check_and_what_to_do_where_something_is_to_be_done() -> None:
    assert render_text(make(GOOD, ABSENT)) == (
        "codered 1.0.0 (debian) in /usr/lib/codered\n"
        "  ok           own files: all there\n"
        "  not here     network: no sockets — run it as root\n"
        "2 checks: 1 ok, 1 not here\n"
    )


def test_what_a_terminal_would_obey_is_escaped() -> None:
    assert "\x1b" not in render_text(make(WRONG))
    assert "\\x1b[2Jhidden — install it again" in render_text(make(WRONG))


@pytest.mark.parametrize(
    ("checks", "code"),
    [
        ((GOOD, ABSENT), ExitCode.CLEAN),
        ((GOOD, UNCHECKED), ExitCode.INCOMPLETE),
        ((UNCHECKED, WRONG), ExitCode.FOUND),
    ],
)
def test_exit_codes(checks: tuple[Check, ...], code: ExitCode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(self_checking, "check_self", lambda _: make(*checks))
    assert self_checking.check(None, None, True) == code


def test_json_is_the_document() -> None:
    assert msgspec.json.decode(render_json(make(GOOD)), type=SelfCheck) == make(GOOD)
