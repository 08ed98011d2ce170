import os
import stat
from pathlib import Path

import msgspec
import pytest

from codered.model.ruleset import CompiledRules
from codered.packs import rule_cache
from codered.packs.rule_cache import read_compiled, write_compiled

RULES = CompiledRules(
    digest="d" * 8, full=b"full", text=b"text", first_text=b"", first=b"first", locate=b"locate", label=b"label"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def kept_file(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


def test_what_is_written_is_read_back(folder: Path) -> None:
    assert read_compiled(folder, RULES.digest) is None
    write_compiled(folder, RULES)
    assert read_compiled(folder, RULES.digest) == RULES
    assert read_compiled(folder, "other") is None


def test_only_the_owner_may_look(folder: Path) -> None:
    write_compiled(folder, RULES)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(kept_file(folder).stat().st_mode) == 0o600


def test_every_flipped_byte_is_noticed(folder: Path) -> None:
    write_compiled(folder, RULES)
    file = kept_file(folder)
    good = file.read_bytes()
    for position in range(len(good)):
        file.write_bytes(good[:position] + bytes([good[position] ^ 1]) + good[position + 1 :])
        assert read_compiled(folder, RULES.digest) is None, position
    for length in range(len(good)):
        file.write_bytes(good[:length])
        assert read_compiled(folder, RULES.digest) is None, length
    file.write_bytes(good + b"\0")
    assert read_compiled(folder, RULES.digest) is None


def test_rules_under_another_name_are_not_taken(folder: Path) -> None:
    write_compiled(folder, RULES)
    kept_file(folder).rename(folder / "rules-other.bin")
    assert read_compiled(folder, "other") is None


def test_a_sound_hash_over_something_else_is_not_taken(folder: Path) -> None:
    write_compiled(folder, msgspec.structs.replace(RULES, full="text"))
    assert read_compiled(folder, RULES.digest) is None


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_others_may_write_is_not_trusted(folder: Path, mode: int) -> None:
    write_compiled(folder, RULES)
    kept_file(folder).chmod(mode)
    assert read_compiled(folder, RULES.digest) is None


def test_a_folder_others_may_write_is_neither_read_nor_written(folder: Path) -> None:
    write_compiled(folder, RULES)
    folder.chmod(0o770)
    assert read_compiled(folder, RULES.digest) is None
    write_compiled(folder, msgspec.structs.replace(RULES, digest="new"))
    assert len(list(folder.iterdir())) == 1


def test_a_file_of_someone_else_is_not_trusted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_compiled(folder, RULES)
    status = kept_file(folder).stat()
    assert rule_cache._is_trusted(status, kept_file(folder))
    fields = list(status)
    fields[4] = 12345
    assert not rule_cache._is_trusted(os.stat_result(fields), kept_file(folder))


def test_links_and_fifos_are_not_followed(folder: Path) -> None:
    write_compiled(folder, RULES)
    file = kept_file(folder)
    file.rename(folder / "elsewhere")
    file.symlink_to("elsewhere")
    assert read_compiled(folder, RULES.digest) is None
    file.unlink()
    os.mkfifo(file)
    assert read_compiled(folder, RULES.digest) is None
    linked = folder.parent / "linked"
    linked.symlink_to(folder)
    file.unlink()
    (folder / "elsewhere").rename(file)
    assert read_compiled(folder, RULES.digest) == RULES
    assert read_compiled(linked, RULES.digest) is None


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    write_compiled(tmp_path / "file" / "cache", RULES)
    write_compiled(tmp_path / "file", RULES)
    assert read_compiled(tmp_path / "file" / "cache", RULES.digest) is None


def test_a_full_disk_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    write_compiled(folder, RULES)
    assert list(folder.iterdir()) == []


def test_the_rules_last_used_stay(folder: Path) -> None:
    for number in range(rule_cache.KEPT):
        write_compiled(folder, msgspec.structs.replace(RULES, digest=f"n{number}"))
        os.utime(folder / f"rules-n{number}.bin", (number, number))
    (folder / "another").touch()
    assert read_compiled(folder, "n0") is not None
    write_compiled(folder, RULES)
    assert {path.name for path in folder.iterdir()} == {
        "another", "rules-n0.bin", "rules-n2.bin", "rules-n3.bin", f"rules-{RULES.digest}.bin"
    }  # fmt: skip
