from pathlib import Path

from codered.collect.registry import open_registry
from codered.collect.windows.accounts import WindowsAccountsSeen, collect_windows_accounts
from tests.fixtures.hive_files import key_of, write_hive
from tests.fixtures.windows_machines import SAM_FILE, Laid, lay_out, write_sam


def collect(folder: Path, sam: bytes) -> WindowsAccountsSeen:
    target = lay_out(folder, Laid(files={SAM_FILE: sam}))
    return collect_windows_accounts(target, open_registry(target))


def test_accounts_their_rights_and_times(tmp_path: Path) -> None:
    sam = write_sam(
        {500: ("Administrator", 500, 0x210), 501: ("Guest", 501, 0x215), 1000: ("x$", 500, 0x214)}, (500, 1000)
    )
    seen = collect(tmp_path, sam)
    assert seen.unread == ()
    found = {one.name: one for one in seen.accounts}
    assert set(found) == {"Administrator", "Guest", "x$"}
    assert found["Administrator"].groups == found["x$"].groups == ("Administrators",)
    assert (found["Guest"].disabled, found["Guest"].groups, found["x$"].disabled) == (True, (), False)
    assert found["x$"].facts == {"win-rid-of-another", "win-rid-of-administrator", "win-no-password-needed"}
    assert found["Administrator"].facts == frozenset()
    assert found["Administrator"].last_logon is not None
    assert found["Administrator"].last_logon.year == 2012
    assert found["x$"].registry.endswith("\\Users\\000003E8")


def test_damaged_structures_are_said(tmp_path: Path) -> None:
    users = "SAM\\Domains\\Account\\Users"
    entries = {f"{users}\\000001F4": {"F": b"short"}, f"{users}\\no number": {"F": bytes(80)},
               f"{users}\\000001F5": {"F": bytes(80), "V": b"\xff" * 44},
               "SAM\\Domains\\Builtin\\Aliases\\00000220": {"C": b"\xff" * 60}}  # fmt: skip
    seen = collect(tmp_path, write_hive(key_of({key: dict(value) for key, value in entries.items()}), "SAM"))
    assert seen.accounts == ()
    assert len(seen.unread) == 4


def test_an_empty_sam_is_said(tmp_path: Path) -> None:
    target = lay_out(tmp_path, Laid())
    (item,) = collect_windows_accounts(target, open_registry(target)).unread
    assert item.state == "skipped"
