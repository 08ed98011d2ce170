import ast
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codered.evidence import standalone_verifier as verifier
from codered.evidence.custody import CustodyLog, CustodyStep
from codered.evidence.standalone_verifier import (
    CUSTODY,
    MANIFEST,
    encode_canonical,
    extract_items,
    name_key,
    read_key,
    verify_container,
)
from codered.evidence.zipping import write_zip
from codered.signing.keys import make_key, sign
from tests.fixtures.evidence import MARK, make_container, open_container, open_key

SOURCE = Path(verifier.__file__)


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """To be left as it is."""
    return make_container(tmp_path_factory.mktemp("sealed"))


@pytest.fixture(scope="module")
def zipped(container: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("zip") / "c.zip"
    write_zip(container, path)
    return path.read_bytes()


@pytest.fixture
def copy(container: Path, tmp_path: Path) -> Path:
    """To be spoilt."""
    return Path(shutil.copytree(container, tmp_path / "copy"))


def list_files(container: Path) -> list[str]:
    return sorted(path.relative_to(container).as_posix() for path in container.rglob("*") if path.is_file())


def add_entry(container: Path, key_folder: Path, to: str = "bob") -> str:
    log = CustodyLog(container, open_key(key_folder))
    try:
        return log.add(CustodyStep(what="transfer", evidence_id=container.name, who="anna", receiver=to)).hash
    finally:
        log.close()


def test_what_was_sealed_holds(container: Path) -> None:
    verdict = verify_container(str(container))
    assert verdict.problems == []
    assert any("2 items of web1" in note for note in verdict.notes)


def test_every_byte_of_every_file_is_covered_and_the_file_is_named(container: Path, copy: Path) -> None:
    tried = 0
    for name in list_files(container):
        path = copy / name
        whole = path.read_bytes()
        step = 29 if name == verifier.VERIFIER else 1  # it is one digest: any of its bytes stands for the others
        for at in range(0, len(whole), step):
            path.write_bytes(whole[:at] + bytes((whole[at] ^ (1 << at % 8),)) + whole[at + 1 :])
            problems = verify_container(str(copy)).problems
            assert problems, f"{name}: byte {at}"
            assert any(problem.startswith(name) for problem in problems), (name, at, problems)
            tried += 1
        path.write_bytes(whole)
    assert tried > 3000
    assert verify_container(str(copy)).problems == []


def _write(path: Path, raw: bytes) -> Path:
    path.write_bytes(raw)
    return path


def test_files_that_are_missing_extra_or_swapped_are_named(copy: Path) -> None:
    first, second = copy / "items/000001", copy / "items/000002"
    (copy / "more").write_bytes(b"")
    (copy / "items/evil").symlink_to("/etc/passwd")
    os.mkfifo(copy / "fifo")
    third = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(third)
    (copy / "README.txt").unlink()
    problems = verify_container(str(copy)).problems
    for name in ("items/000001", "items/000002", "more", "items/evil", "fifo", "README.txt"):
        assert any(problem.startswith(name) for problem in problems), name


def test_a_renamed_item_is_named_twice(copy: Path) -> None:
    (copy / "items/000001").rename(copy / "items/000009")
    assert verify_container(str(copy)).problems == [
        "items/000001: is missing",
        "items/000009: does not belong here",
    ]


def test_a_cut_log_is_seen_by_the_seal_or_the_published_head(copy: Path, container: Path) -> None:
    head = add_entry(copy, container.parent.parent)
    assert verify_container(str(copy), head=head).problems == []
    lines = (copy / CUSTODY).read_bytes().splitlines(keepends=True)
    (copy / CUSTODY).write_bytes(b"".join(lines[:-1]))
    assert verify_container(str(copy)).problems == []  # nothing in the container can tell
    assert "published" in verify_container(str(copy), head=head).problems[0]
    (copy / CUSTODY).write_bytes(b"".join(lines[:-2]))
    assert "the seal is missing or was changed" in verify_container(str(copy)).problems


@pytest.mark.parametrize("swap", [(0, 1), (1, 2), (2, 3)])
def test_entries_out_of_order_or_gone_are_seen(copy: Path, swap: tuple[int, int]) -> None:
    lines = (copy / CUSTODY).read_bytes().splitlines(keepends=True)
    a, b = swap
    (copy / CUSTODY).write_bytes(b"".join(lines[:a] + lines[b:]))
    assert any(problem.startswith(f"{CUSTODY}: entry {a + 1}") for problem in verify_container(str(copy)).problems)
    lines[a], lines[b] = lines[b], lines[a]
    (copy / CUSTODY).write_bytes(b"".join(lines))
    assert any(problem.startswith(f"{CUSTODY}: entry {a + 1}") for problem in verify_container(str(copy)).problems)


def test_another_key_is_refused_when_one_is_pinned(container: Path, copy: Path, tmp_path: Path) -> None:
    own = read_key(str(container / "host.pub"))
    make_key(tmp_path / "other")
    other = read_key(str(tmp_path / "other.pub"))
    assert verify_container(str(container), frozenset((own,))).problems == []
    problems = verify_container(str(container), frozenset((other,))).problems
    assert any(f"signed by another key, {name_key(own)}" in problem for problem in problems)
    (tmp_path / "b").mkdir()
    add_entry(copy, tmp_path / "b")  # handed over: the receiver signs with a key of his own
    assert verify_container(str(copy)).problems == []
    assert len([note for note in verify_container(str(copy)).notes if note.startswith("signed by")]) == 2
    assert verify_container(str(copy), frozenset((own,))).problems


def test_all_of_it_signed_anew_by_somebody_else_shows_only_with_the_key(container: Path, tmp_path: Path) -> None:
    forged = make_container(tmp_path)
    assert verify_container(str(forged)).problems == []
    assert verify_container(str(forged), frozenset((read_key(str(container / "host.pub")),))).problems


def test_an_unfinished_container_says_so(tmp_path: Path) -> None:
    container = open_container(tmp_path)
    container.abandon()
    problems = verify_container(str(container.folder)).problems
    assert "unfinished: it was never sealed" in problems


def test_a_clock_that_was_set_back_is_told_and_no_forgery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    container = make_container(tmp_path)
    real = encode_canonical

    def set_back(fields: dict[str, object]) -> bytes:
        fields["at"] = "2001-01-01T00:00:00.000000Z"
        return real(fields)

    monkeypatch.setattr("codered.evidence.custody.encode_canonical", set_back)
    add_entry(container, tmp_path)
    verdict = verify_container(str(container))
    assert verdict.problems == []
    assert any("entry 5: times run backwards" in note for note in verdict.notes)


def test_items_come_out_plain(container: Path, zipped: bytes, tmp_path: Path) -> None:
    assert extract_items(str(container), str(tmp_path / "a")) == 2
    assert (tmp_path / "a/000001").read_bytes() == MARK
    assert extract_items(str(_write(tmp_path / "c.zip", zipped)), str(tmp_path / "b")) == 2
    assert (tmp_path / "b/000001").read_bytes() == MARK
    assert (container / "items/000001").read_bytes() != MARK


def test_it_imports_nothing_but_the_standard_library_and_cryptography() -> None:
    tree = ast.parse(SOURCE.read_text())
    found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    found |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    foreign = {name.partition(".")[0] for name in found} - sys.stdlib_module_names
    assert foreign == {"cryptography"}


def test_it_runs_alone_from_the_exported_zip(zipped: bytes, container: Path, tmp_path: Path) -> None:
    path = _write(tmp_path / "c.zip", zipped)
    program = _write(tmp_path / "v.py", zipfile.ZipFile(path).read(verifier.VERIFIER))

    def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", str(program), *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    done = run(path, "--key", container / "host.pub", "--extract", tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("\nas it was sealed\n")
    assert (tmp_path / "out/000001").read_bytes() == MARK
    at = zipped.find(MARK.translate(verifier.TURNED))
    _write(path, zipped[:at] + b"x" + zipped[at + 1 :])
    done = run(path)
    assert done.returncode == 1
    assert "WRONG: items/000001: is not what was collected" in done.stdout
    assert run(tmp_path / "nothing").returncode == 2
    assert run(path, "--key", program).stderr == "verify_evidence: --key: is no public key (PEM)\n"
    assert run(path, "--head", "zzz").returncode == 2


def test_the_script_is_the_same_file() -> None:
    assert (Path(__file__).parents[3] / "scripts/verify_evidence.py").read_bytes() == SOURCE.read_bytes()


def test_main_answers(container: Path, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["v", str(container)])
    assert verifier.main() == 0
    (copy / MANIFEST).write_bytes(b"[]")
    monkeypatch.setattr(sys, "argv", ["v", str(copy)])
    assert verifier.main() == 1
    monkeypatch.setattr(sys, "argv", ["v", str(copy / "no")])
    assert verifier.main() == 2


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([CUSTODY, MANIFEST]))
def test_hostile_text_in_a_container_is_named(tmp_path_factory: pytest.TempPathFactory, raw: bytes, name: str) -> None:
    folder = tmp_path_factory.mktemp("hostile") / "c"
    (folder / "items").mkdir(parents=True)
    (folder / name).write_bytes(raw)
    assert verify_container(str(folder)).problems


@settings(max_examples=150, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists, max_leaves=5))
def test_odd_values_in_an_entry_are_named(
    container: Path, tmp_path_factory: pytest.TempPathFactory, value: object
) -> None:
    folder = tmp_path_factory.mktemp("odd") / "c"
    shutil.copytree(container, folder)
    lines = (folder / CUSTODY).read_bytes().splitlines()
    for field in ("seq", "at", "key", "hash", "signature", "evidence_id", "what"):
        entry = json.loads(lines[-1])
        if entry[field] == value:
            continue
        entry[field] = value
        (folder / CUSTODY).write_bytes(b"\n".join([*lines[:-1], encode_canonical(entry)]) + b"\n")
        assert verify_container(str(folder)).problems


def test_deep_json_does_not_break_it(copy: Path) -> None:
    (copy / CUSTODY).write_bytes(b"[" * 200_000 + b"\n")
    assert verify_container(str(copy)).problems


def test_odd_fields_that_are_signed_well_are_named(tmp_path: Path) -> None:
    """Whoever has the key may sign anything."""
    container = open_container(tmp_path)
    container.finish()
    log = container.folder / CUSTODY
    lines = log.read_bytes().splitlines(keepends=True)
    whole = json.loads(lines[-1])
    for odd in (
        {"evidence_id": 5},
        {"what": ["seal"]},
        {"size": "1"},
        {"at": None},
        {"sha256_after": None},
        {"seq": True},
    ):
        fields = {key: value for key, value in (whole | odd).items() if key not in ("hash", "signature")}
        body = encode_canonical(fields)
        signature = sign(open_key(tmp_path), "codered/custody/1", body).hex()
        signed = fields | {"hash": hashlib.sha256(body).hexdigest(), "signature": signature}
        log.write_bytes(b"".join(lines[:-1]) + encode_canonical(signed) + b"\n")
        assert any("of another kind" in problem for problem in verify_container(str(container.folder)).problems), odd


def test_another_key_is_told_once_and_what_is_no_key_or_hash_is_said_plainly(copy: Path, tmp_path: Path) -> None:
    make_key(tmp_path / "other")
    problems = verify_container(str(copy), frozenset((read_key(str(tmp_path / "other.pub")),))).problems
    assert len(problems) == 1
    assert "4 entries, 1 to 4: signed by another key" in problems[0]
    for path in (copy / "README.txt", tmp_path / "other"):
        with pytest.raises(ValueError, match=r"^is no public key \(PEM\)$"):
            read_key(str(path))
    assert verifier.demand_hash(" " + "AB" * 32 + "\n") == "ab" * 32
    for odd in ("zzz", "ab" * 31, "٣" * 64, "ab" * 32 + " x"):
        with pytest.raises(ValueError, match="is no hash"):
            verifier.demand_hash(odd)
