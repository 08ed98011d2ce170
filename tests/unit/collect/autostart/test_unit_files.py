from hypothesis import given
from hypothesis import strategies as st

from codered.collect.autostart.unit_files import MOST_COMMANDS, Unit, parse_unit


def test_what_a_unit_says() -> None:
    text = b"""
# x
[Unit]
Description=x
[Service]
User = app
ExecStartPre=-/a
ExecStart=@/b arg \\
  more
ExecStopPost=+/c
"""
    assert parse_unit(text) == Unit(("/a", "/b arg  more", "/c"), user="app")


def test_a_timer_names_what_it_activates() -> None:
    assert parse_unit(b"[Timer]\nOnBootSec=1\nUnit=x.service\n").activates == "x.service"


def test_what_does_not_parse_is_still_read() -> None:
    unit = parse_unit(b"\x00garbage\n[Service]\nExecStart=/x\n")
    assert unit == Unit(("/x",), parses=False)
    assert not parse_unit(b"").parses
    assert not parse_unit(b"ExecStart=/x\n").parses


def test_no_more_than_so_many_commands() -> None:
    assert len(parse_unit(b"[Service]\n" + b"ExecStart=/x\n" * 1000).commands) == MOST_COMMANDS


@given(st.binary(max_size=500))
def test_no_unit_is_too_odd(data: bytes) -> None:
    assert isinstance(parse_unit(data).parses, bool)
