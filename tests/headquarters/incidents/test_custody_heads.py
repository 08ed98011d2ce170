"""The custody log of a container is read as far as it holds together, and no further."""

import shutil
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codered.evidence.custody import read_entries
from codered.evidence.zipping import write_zip
from codered.model.errors import WrongUse
from codered_hq.incidents.custody_heads import read_hashes
from tests.fixtures.evidence import make_container


def test_the_same_hashes_from_a_folder_and_its_zip(tmp_path: Path) -> None:
    container = make_container(tmp_path)
    wanted = tuple(entry.hash for entry in read_entries(container))
    write_zip(container, tmp_path / "c.zip")
    assert read_hashes(container) == read_hashes(tmp_path / "c.zip") == wanted


def test_what_is_none_or_was_changed_is_refused(tmp_path: Path) -> None:
    container = make_container(tmp_path)
    log = (container / "custody.jsonl").read_bytes()
    lines = log.splitlines(keepends=True)
    (tmp_path / "text").write_text("no zip")
    (tmp_path / "empty").mkdir()
    shutil.copytree(container, tmp_path / "linked")
    (tmp_path / "linked/custody.jsonl").unlink()
    (tmp_path / "linked/custody.jsonl").symlink_to(container / "custody.jsonl")
    with zipfile.ZipFile(tmp_path / "packed", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("custody.jsonl", log)
    for place in ("none", "text", "empty", "linked", "packed"):
        with pytest.raises(WrongUse, match="no evidence container"):
            read_hashes(tmp_path / place)
    for changed, story in (
        (b"", "is empty"), (log[:-1], "cut off"), (b"".join(lines[1:]), "entry 1 .* does not follow"),
        (log.replace(b"anna", b"bert"), "was changed"), (lines[0] + b"[]\n", "entry 2 .* can't be read"),
    ):  # fmt: skip
        (container / "custody.jsonl").write_bytes(changed)
        with pytest.raises(WrongUse, match=story):
            read_hashes(container)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=300), zipped=st.booleans())
def test_hostile_bytes_are_no_container(tmp_path: Path, raw: bytes, zipped: bool) -> None:
    place = tmp_path / "hostile"
    place.write_bytes(b"PK\3\4" + raw + b"PK\5\6" + raw if zipped else raw)
    with pytest.raises(WrongUse):
        read_hashes(place)
