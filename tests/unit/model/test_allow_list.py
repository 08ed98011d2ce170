"""What is allowed, when, and until when."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from codered.model.allow_list import AllowedEntry, AllowedFile, AllowedKey, AllowedProcess, AllowList

SUNDAY = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HASH = "a" * 64
KEY = "SHA256:" + "b" * 43


def make_process(**fields: object) -> AllowedProcess:
    plain = {"sha256": HASH, "expires": date(2027, 1, 1), "because": "a test", "who": "a test"}
    return AllowedProcess(**(plain | fields))  # type: ignore[arg-type]


def allows(now: datetime = SUNDAY, command: str = "", **fields: object) -> bool:
    """Whether one entry with these fields allows www-data to run the program."""
    entry = make_process(**fields)
    return AllowList(processes=(entry,)).allows_process(HASH, "www-data", now, command) is entry


def test_by_hash_and_user() -> None:
    assert allows()
    assert not AllowList(processes=(make_process(),)).allows_process("c" * 64, "www-data", SUNDAY)
    assert not AllowList(processes=(make_process(user="root"),)).allows_process(HASH, "www-data", SUNDAY)
    assert AllowList(processes=(make_process(user="root"), make_process())).allows_process(HASH, "x", SUNDAY)


def test_a_command_narrows() -> None:
    assert allows(command="sh -c x")  # an entry without one does not ask
    entry = make_process(command="sh -c x")
    assert AllowList(processes=(entry,)).allows_process(HASH, "", SUNDAY, "sh -c x") is entry
    assert AllowList(processes=(entry,)).allows_process(HASH, "", SUNDAY, "sh -c y") is None


def test_from_its_last_day_on_an_entry_allows_nothing() -> None:
    assert allows(expires=date(2026, 11, 23))
    assert not allows(expires=date(2026, 11, 22))
    east = SUNDAY.replace(hour=23).astimezone(timezone(timedelta(hours=9)))
    assert east.date() == date(2026, 11, 23)
    assert allows(now=east, expires=date(2026, 11, 23))  # the days are those of UTC


@pytest.mark.parametrize(
    ("day", "hour", "schedule", "due"),
    [
        (22, 12, {"days": ("sun",)}, True),
        (22, 12, {"days": ("mon", "sat")}, False),
        (22, 8, {"start": 8, "end": 12}, True),
        (22, 12, {"start": 8, "end": 12}, False),
        (22, 23, {"start": 22, "end": 4}, True),
        (22, 3, {"start": 22, "end": 4}, True),
        (22, 4, {"start": 22, "end": 4}, False),
        (22, 21, {"start": 22, "end": 4}, False),
        (23, 3, {"start": 22, "end": 4, "days": ("sun",)}, True),  # Monday night belongs to Sunday
        (22, 3, {"start": 22, "end": 4, "days": ("sun",)}, False),
    ],
)
def test_schedules(day: int, hour: int, schedule: dict[str, object], due: bool) -> None:
    entry = make_process(**schedule)
    assert entry.is_due(SUNDAY.replace(day=day, hour=hour)) is due


def test_keys_and_files() -> None:
    plain = {"expires": date(2027, 1, 1), "because": "a test", "who": "a test"}
    key = AllowedKey(key=KEY, **plain)  # type: ignore[arg-type]
    file = AllowedFile(path="/etc/x", sha256=HASH, **plain)  # type: ignore[arg-type]
    allowed = AllowList(keys=(key,), files=(file,))
    assert allowed.allows_key(KEY, SUNDAY) is key
    assert allowed.allows_key(KEY + "=", SUNDAY) is key
    assert allowed.allows_key("SHA256:" + "c" * 43, SUNDAY) is None
    assert allowed.allows_file("/etc/x", HASH, SUNDAY) is file
    assert allowed.allows_file("/etc/x", "c" * 64, SUNDAY) is None
    assert allowed.allows_file("/etc/y", HASH, SUNDAY) is None
    windows = AllowedFile(path="C:\\Tools\\x.exe", sha256=HASH, **plain)  # type: ignore[arg-type]
    allowed = AllowList(keys=(key,), files=(file, windows))
    assert allowed.allows_file("c:\\tools\\X.EXE", HASH, SUNDAY) is windows
    assert allowed.allows_file("C:\\Tools\\x.exe", "c" * 64, SUNDAY) is None
    assert allowed.allows_file("/ETC/x", HASH, SUNDAY) is None
    later = SUNDAY.replace(year=2027)
    assert allowed.allows_key(KEY, later) is None
    assert allowed.allows_file("/etc/x", HASH, later) is None
    assert allowed.expired(SUNDAY) == ()
    assert allowed.expired(later) == (key, file, windows)


def test_nothing_is_allowed_without_a_hash() -> None:
    assert AllowList(processes=(make_process(),)).allows_process("", "", SUNDAY) is None


def test_entries_of_the_registry() -> None:
    plain = {"expires": date(2027, 1, 1), "because": "a test", "who": "a test"}
    name = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\Agent"
    entry = AllowedEntry(entry=name, command="C:\\a.exe -y", **plain)  # type: ignore[arg-type]
    allowed = AllowList(entries=(entry,))
    for told in (name, name.replace("Current", "").replace("Set", "Set001").upper()):
        assert allowed.allows_entry(told, "C:\\a.exe -y", SUNDAY) is entry
    assert allowed.allows_entry(name, "C:\\a.exe -x", SUNDAY) is None
    assert allowed.allows_entry(f"{name}:x", "C:\\a.exe -y", SUNDAY) is None
    assert allowed.allows_entry(name, "C:\\a.exe -y", SUNDAY.replace(year=2027)) is None
    assert allowed.expired(SUNDAY.replace(year=2027)) == (entry,)
