"""Owners and access lists by the calls of Windows.

Wine makes owner and access list up from the mode of a file on Linux, and lets nobody be another user: what only a real
Windows has is told here in Windows' own words (SDDL), which Wine turns into real descriptors.
"""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered.model.errors import Refused, WrongUse
from codered.model.plan import Plan
from codered.model.target import TargetInfo
from codered.packs.allow_list import load_allow_list
from codered.remediate.case_folder import open_case
from codered.signing.keys import load_private_key, load_public_key, make_key, public_bytes
from codered.system import private_files
from codered.system.access_lists import CHANGE, EXCHANGE, READ, Security
from codered.system.private_files import (
    is_ours,
    is_ours_alone,
    is_ours_to_write,
    is_owned,
    make_private_file,
    make_private_folder,
    name_owner,
    shared_home,
)
from codered.system.state_folder import state_folder
from codered.system.windows_security import read_security, read_user, read_words

assert sys.platform == "win32"

US = "S-1-5-21-1-2-3-1001"
MALLORY = "S-1-5-21-1-2-3-1002"
OURS = "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;OW)"
PLAN = Plan(
    id="p-1", tool="codered", created=datetime(2026, 1, 1, tzinfo=UTC), report_id="r-1",
    target=TargetInfo(kind="live_windows", root=""), packs=(), actions=(),
)  # fmt: skip
PROGRAM_DATA = "D:(A;OICIIO;GA;;;CO)(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)(A;CI;DCLCRPCR;;;BU)"


@pytest.mark.parametrize(
    ("words", "owned", "may_exchange", "may_change", "may_read"),
    [
        (f"O:BA{OURS}", True, False, False, False),
        (f"O:SYG:SY{OURS}", True, False, False, False),
        (f"O:{US}{OURS}(A;;FA;;;{US})", True, False, False, False),
        (f"O:{MALLORY}{OURS}", False, False, False, False),
        ("O:BU" + OURS, False, False, False, False),
        (f"O:BA{OURS}(A;OICIIO;FA;;;WD)", True, False, False, False),  # only for what is made below
        (f"O:BA{OURS}(A;;FR;;;WD)", True, False, False, True),
        (f"O:BA{OURS}(A;;FA;;;WD)", True, True, True, True),
        (f"O:BA{OURS}(A;;FW;;;BU)", True, False, True, False),
        (f"O:BA{OURS}(A;;0x1301bf;;;AU)", True, True, True, True),
        (f"O:BA{OURS}(A;;GW;;;AU)", True, True, True, False),
        (f"O:BA{OURS}(A;;WD;;;{MALLORY})", True, True, True, False),
        ("O:BAD:P(D;;FA;;;WD)(A;;WDWO;;;IU)(A;;FA;;;BA)", True, True, True, False),
        ("O:BA", True, True, True, True),
        ("O:BAD:P", True, False, False, False),
        (f"O:SY{PROGRAM_DATA}", True, False, True, True),
    ],
)  # fmt: skip
def test_who_may_what_told_in_words_as_wine_has_no_other_users(
    words: str, owned: bool, may_exchange: bool, may_change: bool, may_read: bool
) -> None:
    seen = read_words(words)
    assert seen.is_owned(US) is owned
    assert [seen.lets_others(mask, US) for mask in (EXCHANGE, CHANGE, READ)] == [may_exchange, may_change, may_read]


def test_a_folder_of_ours_is_ours_alone_from_the_first_on(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    make_private_folder(folder)
    make_private_folder(folder)
    status = folder.stat()
    for place in (tmp_path / "a", folder):
        assert read_security(place).is_owned(read_user())
    assert is_ours(status, folder)
    assert is_ours_to_write(status, folder)
    assert is_ours_alone(status, folder)
    (folder / "x").write_bytes(b"ours")
    make_private_file(folder / "x")
    with open(folder / "x", "rb") as file:
        assert is_ours_alone(os.fstat(file.fileno()), file.fileno())
    with pytest.raises(OSError, match="exist"):
        make_private_folder(folder / "x")
    key = make_key(folder / "key")
    assert load_private_key(folder / "key").private_bytes_raw() == key.private_bytes_raw()
    assert load_public_key(folder / "key.pub") == public_bytes(key)
    with open(folder / "open", "wb") as file:
        file.write((folder / "key").read_bytes())
    with pytest.raises(WrongUse, match="others may read"):  # Wine gives no rights on: anybody may read a new file
        load_private_key(folder / "open")
    assert name_owner(status, folder) == read_user()
    assert not is_owned(status, tmp_path / "none")
    assert name_owner(status, tmp_path / "none") == "nobody that could be told"


def test_a_folder_that_somebody_else_made_is_refused_told_by_a_descriptor_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROGRAMDATA", str(tmp_path))
    case = shared_home() / "cases" / "one"
    make_private_folder(case)
    allowed = shared_home() / "allow.yaml"
    allowed.write_bytes(b"format: 1\n")
    told: dict[Path, str] = {}

    def tell(place: int | str | Path) -> Security:
        usual = f"O:BA{OURS}" if shared_home() in (Path(place), *Path(place).parents) else f"O:SY{PROGRAM_DATA}"
        return read_words(told.get(Path(place), usual)) if not isinstance(place, int) else read_security(place)

    monkeypatch.setattr(private_files, "read_security", tell)
    assert is_ours(case.stat(), case)
    monkeypatch.delenv("CODERED_STATE")
    assert state_folder() == shared_home()
    assert load_allow_list(allowed).format == 1
    for place, words in (
        (shared_home(), f"O:{MALLORY}{OURS}"), (case, f"O:{MALLORY}{OURS}"), (case, f"O:BA{OURS}(A;;FA;;;BU)"),
    ):  # fmt: skip
        told.clear()
        told[place] = words
        with pytest.raises(Refused, match="others may write in this case"), open_case(case, PLAN, create=True):
            pass
    for place, words in (
        (allowed, f"O:{MALLORY}{OURS}"), (shared_home(), f"O:{MALLORY}{OURS}"), (allowed, f"O:BA{OURS}(A;;FW;;;WD)"),
        (shared_home(), f"O:BA{OURS}(A;;FA;;;BU)"),
    ):  # fmt: skip
        told.clear()
        told[place] = words
        with pytest.raises(WrongUse, match="vouch for anything") as seen:
            load_allow_list(allowed)
        assert "icacls" in seen.value.advice
    with pytest.raises(Refused, match="others may write in this folder"):
        state_folder()
