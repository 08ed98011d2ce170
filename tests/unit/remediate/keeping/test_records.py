import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.model.errors import Refused, WrongUse
from codered.remediate.keeping.records import ContainmentFolder, list_containments, read_boot
from tests.fixtures.contained import NAME, lay_out, make_record, write_journal


def test_a_record_comes_back_as_it_was_written(tmp_path: Path) -> None:
    record = make_record(opens_in=60, undo_in=3600)
    folder = lay_out(tmp_path, record)
    assert folder.read() == record
    assert list_containments(tmp_path) == (NAME,)
    assert os.stat(folder.folder / "record.json").st_mode & 0o777 == 0o600


def test_nothing_kept_is_nothing_listed(tmp_path: Path) -> None:
    assert list_containments(tmp_path) == ()
    assert ContainmentFolder(tmp_path, "one").read() is None


@pytest.mark.parametrize("name", ["", "../x", "A", "a/b", "a" * 65, "x\n"])
def test_what_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(WrongUse, match="no name"):
        ContainmentFolder(tmp_path, name)


@pytest.mark.parametrize("harm", [b"", b"{", b"\xff", b"[]", b'{"format":"other"}'])
def test_a_damaged_record_is_told(tmp_path: Path, harm: bytes) -> None:
    folder = lay_out(tmp_path, make_record())
    (folder.folder / "record.json").write_bytes(harm)
    with pytest.raises(WrongUse, match="damaged"):
        folder.read()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    folder = lay_out(tmp_path, make_record())
    record = folder.folder / "record.json"
    record.rename(tmp_path / "elsewhere")
    record.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(WrongUse, match="can't be read"):
        folder.read()


def test_who_may_not_look_is_told_so_and_not_that_there_is_nothing(tmp_path: Path) -> None:
    folder = lay_out(tmp_path, make_record())
    tmp_path.chmod(0o755)
    pid = os.fork()
    if not pid:  # nobody's child
        told = 0
        try:
            os.chdir(folder.folder)
            os.setresuid(65534, 65534, 65534)
            for look in (lambda: list_containments(tmp_path), folder.read, lambda: folder.is_begun(make_record())):
                try:
                    look()
                except Refused as error:
                    told += "root" in str(error)
        finally:
            os._exit(told)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3


def test_a_folder_that_can_not_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "containments").write_text("in the way")
    with pytest.raises(Refused, match="can't be made"):
        ContainmentFolder(tmp_path, "one").make()


@pytest.mark.parametrize(
    ("events", "is_in_force", "is_begun"),
    [
        (("verified",), True, True),
        (("begun", "verified"), True, True),
        (("begun",), False, True),
        (("begun", "verified", "undo_begun"), False, True),
        (("begun", "verified", "undone"), False, False),
        (("begun", "verified", "undone", "begun", "verified"), True, True),
    ],
)
def test_the_journal_says_whether_it_is_in_force(
    tmp_path: Path, events: tuple[str, ...], is_in_force: bool, is_begun: bool
) -> None:
    record = make_record()
    folder = lay_out(tmp_path, record, *events)
    assert (folder.is_in_force(record), folder.is_begun(record)) == (is_in_force, is_begun)


def test_lines_of_other_actions_and_torn_lines_do_not_count(tmp_path: Path) -> None:
    record = make_record()
    folder = lay_out(tmp_path, record)
    with (folder.case / "journal.jsonl").open("ab") as file:
        file.write(b'{"event":"undone","action":"a2"}\n{"event":"finished"}\n{"event":"undone","act')
    assert folder.is_in_force(record)
    (folder.case / "journal.jsonl").unlink()
    assert not folder.is_in_force(record)


@given(raw=st.binary(max_size=300))
def test_any_bytes_are_a_journal_or_none(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    record = make_record()
    folder = lay_out(tmp_path_factory.mktemp("state"), record)
    write_journal(folder)
    (folder.case / "journal.jsonl").write_bytes(raw)
    (folder.folder / "book.jsonl").write_bytes(raw)
    assert folder.is_in_force(record) in (True, False)
    assert len(folder.read_book()) <= raw.count(b"\n") + 1


def test_the_book_keeps_what_is_told(tmp_path: Path) -> None:
    folder = lay_out(tmp_path, make_record())
    folder.note("put_back", "flushed")
    with (folder.folder / "book.jsonl").open("ab") as file:
        file.write(b'{"at":"20')
    folder.note("confirmed")
    assert [(note.what, note.told) for note in folder.read_book()][:1] == [("put_back", "flushed")]


def test_the_lock_of_the_case_keeps_the_others_out(tmp_path: Path) -> None:
    folder = lay_out(tmp_path, make_record())
    with folder.locked_case(), pytest.raises(BlockingIOError), folder.locked_case():
        pytest.fail("two at once")
    with folder.locked_case():
        assert folder.find_keeper() == 0


def test_there_is_one_keeper_and_it_is_known(tmp_path: Path) -> None:
    folder = lay_out(tmp_path, make_record())
    assert folder.find_keeper() == 0
    lock = folder.become_keeper()
    try:
        with pytest.raises(BlockingIOError):
            folder.become_keeper()
        look = (
            "from pathlib import Path; from codered.remediate.keeping.records import ContainmentFolder as F;"
            f"print(F(Path({str(tmp_path)!r}), {NAME!r}).find_keeper())"
        )
        done = subprocess.run(
            [sys.executable, "-c", look], capture_output=True, text=True, timeout=60, check=True, env=os.environ
        )
        assert done.stdout.strip() == str(os.getpid())
    finally:
        os.close(lock)
    assert folder.find_keeper() == 0


def test_the_boot_has_an_id() -> None:
    assert len(read_boot()) == 36
