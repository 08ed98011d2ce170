import struct
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from codered.collect.registry import open_registry
from codered.collect.windows.event_logs import collect_log_clears, read_evt, read_evtx
from tests.fixtures.windows_machines import Laid, lay_out

TIME = 130_000_000_000_000_000  # a FILETIME of 2012
NAME = "LogFileCleared".encode("utf-16-le")


def evtx_record(number: int, at: int, body: bytes = NAME) -> bytes:
    """A record with its template, which is `body`, at this place of its chunk; its fourth value is the number."""
    here = at + 24 + 10 + 4
    start = b"\x0f\x01\x01\0\x0c\x01" + struct.pack("<II", 7, here)
    template = struct.pack("<I16sI", 0, bytes(16), len(body)) + body
    values = struct.pack("<I", 4) + struct.pack("<HBB", 1, 4, 0) * 2 + struct.pack("<HBBHBB", 2, 6, 0, 2, 6, 0)
    payload = start + template + values + b"\4\0\0\0" + struct.pack("<H", number)
    size = 28 + len(payload)
    return struct.pack("<4sIQQ", b"\x2a\x2a\0\0", size, 1, TIME) + payload + struct.pack("<I", size)


def evtx(*numbers: int) -> bytes:
    chunk = b"ElfChnk\0".ljust(512, b"\0")
    for number in numbers:
        chunk += evtx_record(number, len(chunk))
    return b"ElfFile\0".ljust(4096, b"\0") + chunk.ljust(65536, b"\0")


def evt(*numbers: int) -> bytes:
    records = b"".join(
        struct.pack("<I4sIIII", 64, b"LfLe", 1, 1_000_000_000, 1_000_000_000, number).ljust(60, b"\0") + b"\x40\0\0\0"
        for number in numbers
    )
    return struct.pack("<I4s", 48, b"LfLe").ljust(48, b"\0") + records


def test_numbers_and_times() -> None:
    assert [(number, time.year) for number, time in read_evtx(evtx(1102, 4624))] == [(1102, 2012), (4624, 2012)]
    assert [(number, time.year) for number, time in read_evt(evt(517, 528))] == [(517, 2001), (528, 2001)]
    assert list(read_evtx(evtx(1102).replace(NAME, bytes(len(NAME))))) == []


def test_clears_of_a_system(tmp_path: Path) -> None:
    logs = "Windows/System32/winevt/Logs"
    files = {f"{logs}/Security.evtx": evtx(4624, 1102, 1102), f"{logs}/System.evtx": evtx(6005),
             f"{logs}/Other.evtx": evtx(1102)}  # fmt: skip
    target = lay_out(tmp_path, Laid(files=files))
    seen = collect_log_clears(target, open_registry(target))
    (one,) = seen.cleared
    assert (one.log, one.count, one.number, one.shown) == (
        "security", 2, 1102, "C:\\Windows\\System32\\winevt\\Logs\\Security.evtx",
    )  # fmt: skip
    assert (seen.logs, seen.unread) == (2, ())


def test_an_old_system(tmp_path: Path) -> None:
    target = lay_out(tmp_path, Laid(files={"WINNT/system32/config/SecEvent.Evt": evt(528, 517)}), old=True)
    (one,) = collect_log_clears(target, open_registry(target)).cleared
    assert (one.log, one.count, one.number) == ("security", 1, 517)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=100), st.integers(0, 300))
def test_noise(noise: bytes, at: int) -> None:
    good = evtx(1102)
    at += 4096 + 500
    assert all(number < 65536 for number, _ in read_evtx(good[:at] + noise + good[at + len(noise) :]))
    assert all(number < 65536 for number, _ in read_evt(b"\x40\0\0\0LfLe" + noise))
