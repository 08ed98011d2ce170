import hashlib
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

import codered
from codered.collect.vanished import CHANGED
from codered.collect.walking import Folder, Unwalked
from codered.detect import signatures
from codered.detect.places import Places
from codered.engine import GaveUp, RuleSource, compile_sources
from codered.model.observation import Piece
from codered.model.pack import LoadedPack
from codered.model.target import ChangeableTarget, Place, Target
from codered.scan.log_reading import UNKNOWN_LOG
from codered.scan.own_files import COMMITTED
from codered.scan.request import ScanRequest
from codered.scan.tasks import WHOLE_FILE, Done, FilesTask, LogSeen, LogTask
from codered.scan.worker import TOO_LARGE, Worker
from codered.targets import open_target
from codered.targets.rooted import RootedFolder
from codered.targets.windows_names import canonical_windows_path
from tests.fixtures.small_packs import content_indicator, file_indicator, make_pack, make_rules
from tests.fixtures.unprivileged import run_as_nobody

RULE = 'rule mark { strings: $anchor_a = "INERT-MARK" condition: any of ($anchor*) }'
ANCHORS = 'rule anchors { strings: $a = "INERT-MARK" condition: $a }'
CONTENT = make_pack("content", rules=RULE, content=(content_indicator("mark", rule="mark"),))
PLACE = make_pack(
    "place",
    files=(
        file_indicator("shell", platform="windows", paths=(r"?:\inetpub\scripts\root.exe",),
                       same_as=(r"?:\winnt\system32\cmd.exe",)),
        file_indicator("folder", names=("cuc",), kind="directory"),
        file_indicator("hashed", sha256=(hashlib.sha256(b"twelve bytes").hexdigest(),), sizes=(12,)),
    ),
)  # fmt: skip
LOG = b'1.2.3.4 - - [01/Aug/2001:00:00:00 +0000] "GET / HTTP/1.0" 200 5 "-" "-"\n'


def make_worker(target: Target, *packs: LoadedPack, logs_only: bool = False, read_logs: bool = True) -> Worker:
    rules = make_rules(*packs, first=ANCHORS)
    request = ScanRequest(places=(), logs_only=logs_only, read_logs=read_logs)
    return Worker(target, rules, Places(rules.packs, canonical_windows_path), request)


def look(worker: Worker, *folders: Folder) -> Done:
    return worker.serve(FilesTask(1, list(folders)))


def write(root: Path, name: str, data: bytes = b"plain") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.fixture
def volume(tmp_path: Path) -> ChangeableTarget:
    write(tmp_path, "WINNT/system32/Cmd.exe", b"MZ\0stand-in")
    write(tmp_path, "Inetpub/Scripts/ROOT.EXE", b"MZ\0stand-in")
    return open_target(str(tmp_path))


def test_text_and_binary_are_matched_and_counted(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", b"says INERT-MARK here")
    write(tmp_path, "b.bin", b"\0\0INERT-MARK")
    write(tmp_path, "c.txt", b"nothing")
    done = look(make_worker(open_target(str(tmp_path)), CONTENT), Folder(b"", [b"a.txt", b"b.bin", b"c.txt"], []))
    assert [(found.indicator, found.subject.path) for found in done.findings] == [
        ("mark", f"{tmp_path}/a.txt"),
        ("mark", f"{tmp_path}/b.bin"),
    ]
    assert (done.number, done.files, done.bytes, done.unlooked) == (1, 3, 20 + 12 + 7, [])
    evidence = done.findings[1].evidence
    assert evidence[0].offset == 2
    assert evidence[-1].sha256 == hashlib.sha256(b"\0\0INERT-MARK").hexdigest()


def test_a_sign_far_into_a_sparse_file_is_found_at_its_offset(tmp_path: Path) -> None:
    path = write(tmp_path, "big", b"")
    far = 3 << 40
    with path.open("r+b") as file:
        file.truncate(far + (1 << 30))
        file.seek(far)
        file.write(b"INERT-MARK")
    done = look(make_worker(open_target(str(tmp_path)), CONTENT), Folder(b"", [b"big"], []))
    (found,) = done.findings
    assert found.evidence[0].offset == far
    assert (found.evidence[-1].size, found.evidence[-1].sha256) == (far + (1 << 30), "")  # hashing it would take hours


def test_a_place_with_a_twin_is_confirmed(volume: ChangeableTarget) -> None:
    (found,) = look(make_worker(volume, PLACE), Folder(b"Inetpub/Scripts", [b"ROOT.EXE"], [])).findings
    assert (found.indicator, found.confidence) == ("shell", "confirmed")
    assert (found.subject.shown, found.subject.path) == (
        "C:\\Inetpub\\Scripts\\ROOT.EXE",
        f"{volume.info.root}/Inetpub/Scripts/ROOT.EXE",
    )


@pytest.mark.parametrize("change", ["other content", "unreadable", "gone"])
def test_a_place_without_a_twin_is_as_sure_as_its_indicator(
    volume: ChangeableTarget, tmp_path: Path, change: str
) -> None:
    cmd = tmp_path / "WINNT/system32/Cmd.exe"
    if change == "other content":
        cmd.write_bytes(b"MZ\0another")
    else:
        cmd.unlink()
        if change == "unreadable":
            cmd.symlink_to("/etc/passwd")
    (found,) = look(make_worker(volume, PLACE), Folder(b"Inetpub/Scripts", [b"ROOT.EXE"], [])).findings
    assert found.confidence == "likely"


def test_a_folder_is_judged_by_its_name_and_not_opened(tmp_path: Path) -> None:
    done = look(make_worker(open_target(str(tmp_path)), PLACE), Folder(b"dev", [], [b"cuc", b"other"]))
    (found,) = done.findings
    assert (found.subject.kind, found.subject.path) == ("directory", f"{tmp_path}/dev/cuc")
    assert (done.files, done.unlooked) == (0, [])


def test_a_file_known_by_hash_only_is_found_under_any_name(tmp_path: Path) -> None:
    write(tmp_path, "x", b"twelve bytes")
    write(tmp_path, "y", b"twelve bits!")
    done = look(make_worker(open_target(str(tmp_path)), PLACE), Folder(b"", [b"x", b"y"], []))
    assert [(found.indicator, found.subject.path) for found in done.findings] == [("hashed", f"{tmp_path}/x")]


def test_the_tools_own_pack_files_are_no_findings(tmp_path: Path) -> None:
    body = b"rule text with INERT-MARK"
    own = replace(CONTENT, folder=str(tmp_path / "p"), files={"rules.yar": hashlib.sha256(body).hexdigest()})
    write(tmp_path, "p/rules.yar", body)
    write(tmp_path, "p/other.yar", body + b"!")
    write(tmp_path, "www/rules.yar", body)  # what a pack lists clears nothing elsewhere
    folders = Folder(b"p", [b"rules.yar", b"other.yar"], []), Folder(b"www", [b"rules.yar"], [])
    done = look(make_worker(open_target(str(tmp_path)), own), *folders)
    assert [found.subject.path for found in done.findings] == [f"{tmp_path}/p/other.yar", f"{tmp_path}/www/rules.yar"]
    assert [(item.rel, item.state) for item in done.unlooked] == [(b"p/rules.yar", "skipped")]


def test_what_changed_since_the_walk_is_told_and_never_followed(tmp_path: Path) -> None:
    write(tmp_path, "d/good", b"INERT-MARK")
    secret = write(tmp_path.parent / (tmp_path.name + "-outside"), "secret", b"INERT-MARK")
    (tmp_path / "d/link").symlink_to(secret)
    (tmp_path / "linked").symlink_to(secret.parent)
    os.mkfifo(tmp_path / "d/fifo")
    worker = make_worker(open_target(str(tmp_path)), CONTENT)
    done = look(
        worker,
        Folder(b"d", [b"gone", b"link", b"fifo", b"good"], []),
        Folder(b"linked", [b"secret"], []),
        Folder(b"never", [b"x"], []),
    )
    assert [found.subject.path for found in done.findings] == [f"{tmp_path}/d/good"]
    told = {item.rel: (item.state, item.why) for item in done.unlooked}
    assert told[b"d/gone"] == ("skipped", "gone before it could be read")
    assert told[b"d/fifo"] == ("failed", "not a regular file any more")
    assert told[b"d/link"] == ("failed", "Too many levels of symbolic links")
    assert told[b"linked"][0] == "failed"
    assert told[b"never"] == ("failed", CHANGED)


def test_without_permission_it_is_a_failed_look() -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        write(root, "closed", b"INERT-MARK").chmod(0)
        write(root, "inner/x").parent.chmod(0)

        def scan() -> list[str]:
            worker = make_worker(open_target(name), CONTENT)
            done = look(worker, Folder(b"", [b"closed"], []), Folder(b"inner", [b"x"], []))
            return [f"{item.rel.decode()} {item.state} {item.why}" for item in done.unlooked]

        told = run_as_nobody(scan)
        (root / "inner").chmod(0o755)
    assert told == ["closed failed Permission denied", "inner failed Permission denied"]


def test_giving_up_on_a_file_is_a_gap_and_keeps_what_was_found_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("codered.collect.contents.WHOLE", 1 << 17)
    write(tmp_path, "hostile", b"INERT-MARK" + b"x" * (1 << 18))
    inspect = signatures.Signatures.inspect

    def give_up(self: signatures.Signatures, piece: Piece, *more: Any) -> signatures.Judged:
        if piece.offset:
            raise GaveUp("time limit reached")
        return inspect(self, piece, *more)

    monkeypatch.setattr(signatures.Signatures, "inspect", give_up)
    done = look(make_worker(open_target(str(tmp_path)), CONTENT), Folder(b"", [b"hostile"], []))
    assert done.unlooked == [Unwalked(b"hostile", "failed", "gave up: time limit reached")]
    assert [found.indicator for found in done.findings] == ["mark"]


def test_logs_among_files_are_named_and_matched_as_files_too(tmp_path: Path) -> None:
    data = LOG * 3 + b"INERT-MARK\n"
    write(tmp_path, "access.log", data)
    target = open_target(str(tmp_path))
    task = Folder(b"", [b"access.log"], [])
    done = look(make_worker(target, CONTENT), task)
    status = os.stat(tmp_path / "access.log")
    assert done.logs == [LogSeen(b"access.log", len(data), True, status.st_dev, status.st_ino)]
    assert len(done.findings) == 1
    assert look(make_worker(target, CONTENT, read_logs=False), task).logs == []


def test_logs_only_takes_every_file_for_a_log_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path, "odd name", LOG)
    write(tmp_path, "no log", b"INERT-MARK")
    worker = make_worker(open_target(str(tmp_path)), CONTENT, PLACE, logs_only=True)
    done = look(worker, Folder(b"", [b"odd name", b"no log"], [b"cuc"]))
    status = os.stat(tmp_path / "odd name")
    assert done.logs == [LogSeen(b"odd name", len(LOG), True, status.st_dev, status.st_ino)]
    assert done.unlooked == [Unwalked(b"no log", "skipped", "no web log")]
    assert (done.findings, done.files) == ([], 0)
    request = ScanRequest(places=(Place("web logs", (f"{tmp_path}/no log",)),), logs_only=True)
    named = Worker(worker._target, worker._rules, worker._places, request)
    assert [item.state for item in look(named, Folder(b"", [b"no log"], [])).unlooked] == ["failed"]


def test_a_file_named_like_a_log_that_is_none_is_told(tmp_path: Path) -> None:
    write(tmp_path, "access.log", b"some text\n")
    task = Folder(b"", [b"access.log"], [])
    target = open_target(str(tmp_path))
    done = look(make_worker(target, CONTENT), task)
    assert (done.logs, done.unlooked) == ([], [Unwalked(b"access.log", "skipped", UNKNOWN_LOG)])
    assert look(make_worker(target, CONTENT, read_logs=False), task).unlooked == []


def test_a_large_log_that_starts_with_a_hole_is_a_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codered.collect.contents.WHOLE", 1 << 17)
    with open(tmp_path / "access.log", "wb") as file:
        file.seek(1 << 20)
        file.write(LOG * 3)
    done = look(make_worker(open_target(str(tmp_path)), CONTENT), Folder(b"", [b"access.log"], []))
    assert [log.rel for log in done.logs] == [b"access.log"]


def test_a_log_task_is_read_by_the_log_reader(tmp_path: Path) -> None:
    write(tmp_path, "access.log", LOG * 4)
    done = make_worker(open_target(str(tmp_path)), CONTENT).serve(LogTask(5, b"access.log", 0, WHOLE_FILE))
    assert done.number == 5
    assert done.tally is not None
    assert (done.tally.lines, done.tally.bytes) == (4, 4 * len(LOG))


KINDS = make_pack(
    "kinds",
    rules="""rule page { strings: $anchor_a = "INERT-PAGE" $b = "end" condition: any of ($anchor*) and $b }
    rule program { strings: $anchor_a = "INERT-PROGRAM" $b = "end" condition: any of ($anchor*) and $b }""",
    content=(
        content_indicator("page", rule="page", scope="text"),
        content_indicator("program", rule="program", scope="binary"),
    ),
)
KIND_ANCHORS = 'rule a { strings: $a = "INERT-PROGRAM" condition: $a }'
TEXT_ANCHORS = 'rule a { strings: $a = "INERT-PAGE" nocase condition: $a }'


def judge(root: Path, data: bytes) -> tuple[list[str], list[Unwalked]]:
    write(root, "file", data)
    text = compile_sources([RuleSource("a", TEXT_ANCHORS, "a")])
    rules = replace(make_rules(KINDS, first=KIND_ANCHORS), first_text=text)
    places = Places(rules.packs, canonical_windows_path)
    worker = Worker(open_target(str(root)), rules, places, ScanRequest(places=()))
    done = look(worker, Folder(b"", [b"file"], []))
    return sorted(found.indicator for found in done.findings), done.unlooked


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"INERT-PAGE end", ["page"]),
        (b"INERT-PROGRAM end", []),
        (b"INERT-PAGE \0 end", ["page"]),
        (b"INERT-PROGRAM \0 end", ["program"]),
        (b"A" * 9000 + b"INERT-PROGRAM \0 end", ["program"]),
        (b"A" * 9000 + b"INERT-PAGE INERT-PROGRAM \0 end", ["page", "program"]),
        (b"\0" * 100 + b"INERT-PAGE end", []),
        (b"\0" * 100 + b"INERT-PROGRAM end", ["program"]),
        ("\ufeffINERT-PAGE end".encode("utf-16-le"), ["page"]),
        ("\ufeffINERT-PAGE end".encode("utf-16-be"), ["page"]),
    ],
)
def test_a_nul_switches_no_rules_off(tmp_path: Path, data: bytes, found: list[str]) -> None:
    assert judge(tmp_path, data) == (found, [])


@pytest.mark.parametrize("anchor", [b"INERT-PAGE", b"\0INERT-PROGRAM"])
def test_signs_in_a_large_file_no_rule_matches_are_a_gap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, anchor: bytes
) -> None:
    apart = anchor + b"." * 250_000 + b"end"
    assert judge(tmp_path, apart)[0] == [anchor[1:].removeprefix(b"NERT-").removeprefix(b"INERT-").decode().lower()]
    monkeypatch.setattr("codered.collect.contents.WHOLE", 1 << 17)
    assert judge(tmp_path, apart) == ([], [Unwalked(b"file", "failed", TOO_LARGE)])
    assert judge(tmp_path, apart + anchor + b"end")[1] == []
    assert judge(tmp_path, b"." * 250_000) == ([], [])


def test_what_was_found_in_decoded_text_has_no_place_in_the_file(tmp_path: Path) -> None:
    write(tmp_path, "file", "\ufeffINERT-MARK".encode("utf-16-le"))
    (found,) = look(make_worker(open_target(str(tmp_path)), CONTENT), Folder(b"", [b"file"], [])).findings
    assert [item.offset for item in found.evidence if item.what.startswith("string")] == [None]


def test_a_name_that_comes_and_goes_is_looked_at_again_or_a_gap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "x", b"INERT-MARK")
    target = open_target(str(tmp_path))
    worker = make_worker(target, CONTENT)
    real, left = RootedFolder.open, [1]

    def miss(folder: RootedFolder, name: bytes) -> int:
        left[0] -= 1
        if left[0] >= 0:
            raise FileNotFoundError(2, "No such file or directory")
        return real(folder, name)

    monkeypatch.setattr(RootedFolder, "open", miss)
    done = look(worker, Folder(b"", [b"x"], []))
    assert ([found.indicator for found in done.findings], done.unlooked) == (["mark"], [])
    left[0] = 99
    assert look(worker, Folder(b"", [b"x"], [])).unlooked == [Unwalked(b"x", "failed", CHANGED)]


def test_a_file_renamed_out_of_the_way_is_a_gap(tmp_path: Path) -> None:
    os.utime(write(tmp_path, "x", b"INERT-MARK"), (1, 1))
    worker = make_worker(open_target(str(tmp_path)), CONTENT)
    (tmp_path / "x").rename(tmp_path / "y")
    assert look(worker, Folder(b"", [b"x"], [])).unlooked == [Unwalked(b"x", "failed", CHANGED)]


def test_a_file_that_shrinks_under_our_eyes_is_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "x", b"INERT-MARK")
    worker = make_worker(open_target(str(tmp_path)), CONTENT)
    monkeypatch.setattr(os, "pread", lambda _descriptor, _size, at: b"INERT"[at:])
    assert look(worker, Folder(b"", [b"x"], [])).unlooked == [Unwalked(b"x", "failed", CHANGED)]


def test_samples_and_logs_of_the_checkout_that_runs_are_left_out_with_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("src/codered/__init__.py", "pyproject.toml", "tests/changed"):
        write(tmp_path, name)
    write(tmp_path, "tests/sample", b"INERT-MARK")
    write(tmp_path, "tests/access.log", LOG)
    who = ["-c", "user.name=t", "-c", "user.email=t@example.invalid"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"]):
        subprocess.run(["git", "-C", str(tmp_path), *who, *words], check=True, capture_output=True)
    write(tmp_path, "tests/changed", b"INERT-MARK")
    monkeypatch.setattr(codered, "__file__", str(tmp_path / "src/codered/__init__.py"))
    rules = make_rules(CONTENT, first=ANCHORS)
    request = ScanRequest(places=(Place("homes", (str(tmp_path.parent),)),))
    worker = Worker(open_target(), rules, Places(rules.packs, canonical_windows_path), request)
    rel = os.fsencode(tmp_path / "tests")[1:]
    done = look(worker, Folder(rel, files=[b"sample", b"access.log", b"changed"], folders=[]))
    assert [item.subject.path for item in done.findings] == [str(tmp_path / "tests/changed")]
    assert not done.logs
    assert [(item.rel, item.state, item.why) for item in done.unlooked] == [
        (rel + b"/sample", "skipped", COMMITTED),
        (rel + b"/access.log", "skipped", COMMITTED),
    ]
