"""What is not as it must be: one clear line, the right exit code, and nothing touched."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from codered.drill import digest_tree
from codered.model.plan import Plan
from codered.packs.loading import find_packs_folder
from tests.fixtures.command import Answer, Desk
from tests.fixtures.volumes import SHOWN, path_below


@pytest.fixture
def plan(desk: Desk, volume: Path) -> Plan:
    """A plan for the volume, as plan.json on the desk."""
    assert desk.run("scan", "--root", volume, "-o", "report.json").code == 1
    assert desk.run("plan", "report.json", "-o", "plan.json").code == 0
    return msgspec.json.decode((desk.folder / "plan.json").read_bytes(), type=Plan)


@pytest.fixture
def open_desk(rule_cache: Path) -> Iterator[Desk]:
    """A desk where an unprivileged user may work too."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o777)
        yield Desk(Path(name), rule_cache)


def refused(answer: Answer, line: str, code: int = 2) -> bool:
    """Whether the answer is this line on stderr, nothing on stdout, and this exit code."""
    assert (answer.code, answer.out, answer.err) == (code, "", f"codered: {line}\n")
    return True


def test_a_path_that_is_not_there(desk: Desk) -> None:
    line = "/nowhere: no such file or folder — check the spelling, or that it is mounted"
    assert refused(desk.run("scan", "/nowhere"), line)
    assert refused(desk.run("scan", "--logs", "/nowhere"), line)
    assert refused(
        desk.run("scan", "--root", "/nowhere"),
        "/nowhere: no such folder — --root takes a mounted volume or an unpacked tree",
    )


def test_words_that_exclude_one_another(desk: Desk, volume: Path) -> None:
    line = "--root stands alone — scan the volume with --root DIR, other paths in a scan of their own"
    assert refused(desk.run("scan", "--root", volume, volume), line)
    assert refused(desk.run("scan", "--root", volume, "--logs", volume), line)


def test_a_pack_nobody_knows(desk: Desk) -> None:
    known = ", ".join(sorted(folder.name for folder in find_packs_folder().iterdir() if folder.is_dir()))
    line = f"{find_packs_folder()}: there is no pack `nosuch` — there are: {known}"
    assert refused(desk.run("scan", "--packs", "nosuch", desk.folder), line)
    assert refused(desk.run("packs", "show", "nosuch"), line)


def test_a_broken_pack_stops_a_scan_and_is_explained_by_lint(desk: Desk) -> None:
    shutil.copytree(find_packs_folder() / "codered", desk.folder / "packs/codered")
    path = desk.folder / "packs/codered/pack.yaml"
    lines = path.read_text().splitlines()
    at = next(number for number, line in enumerate(lines, 1) if line.startswith("title:"))
    path.write_text("\n".join(lines).replace("\ntitle:", "\ntitel:"))
    story = "unknown key `titel` — did you mean `title`?"
    packs = str(desk.folder / "packs")
    assert refused(desk.run("scan", ".", CODERED_PACKS=packs), f"packs/codered/pack.yaml:{at}: {story}")
    answer = desk.run("packs", "lint", "packs/codered")
    assert (answer.code, answer.out.splitlines()[0]) == (1, f"packs/codered/pack.yaml:{at}: error: {story}")


@pytest.mark.parametrize("body", [b"", b"no log at all\n", os.urandom(4096), b"\x1f\x8b\x08 broken"])
def test_a_log_that_is_no_log_is_a_gap(desk: Desk, body: bytes) -> None:
    (desk.folder / "x.log").write_bytes(body)
    report = desk.scan("--logs", "x.log", code=3)
    assert report.verdict == "incomplete"
    (gap,) = report.gaps()
    assert (gap.layer, gap.examples) == ("logs", (str(desk.folder / "x.log"),))
    text = desk.run("scan", "--logs", "x.log").out
    assert text.startswith("INCOMPLETE: nothing found, but ")
    assert "This does not mean clean." in " ".join(text.split())


def test_without_permission_it_is_incomplete_and_says_so(open_desk: Desk) -> None:
    (open_desk.folder / "tree/closed").mkdir(parents=True)
    for name in ("tree/open.txt", "tree/secret.txt", "tree/closed/x"):
        (open_desk.folder / name).write_text("x")
    (open_desk.folder / "tree/secret.txt").chmod(0)
    (open_desk.folder / "tree/closed").chmod(0)
    answer = open_desk.run("scan", "tree", "--json", nobody=True, CODERED_CACHE="none")
    assert (answer.code, answer.err) == (3, ""), answer.err
    report = msgspec.json.decode(answer.out)
    assert report["verdict"] == "incomplete"
    (gap,) = [look for look in report["looks"] if look["state"] == "failed"]
    assert (gap["why"], gap["count"]) == ("Permission denied", 2)
    tree = f"{open_desk.folder}/tree"
    line = f"{tree}/closed/x: can't be reached (Permission denied) — run it as somebody who may read it"
    assert refused(open_desk.run("scan", f"{tree}/closed/x", nobody=True), line)
    line = f"{tree}/closed: can't be read (Permission denied) — run it as somebody who may read the folder"
    assert refused(open_desk.run("scan", "--root", f"{tree}/closed", nobody=True), line)
    (open_desk.folder / "tree/closed").chmod(0o755)


def test_a_folder_that_can_not_be_written_is_told_before_the_scan(open_desk: Desk) -> None:
    (open_desk.folder / "mine").mkdir(mode=0o755)
    answer = open_desk.run("scan", ".", "-o", "mine/r.json", nobody=True)
    assert refused(answer, f"{open_desk.folder}/mine: can't be written to — choose a folder that you can write to")
    answer = open_desk.run("scan", ".", "-o", "none/r.json")
    assert refused(answer, f"{open_desk.folder}/none: no such folder — create it first")
    answer = open_desk.run("scan", ".", "-o", "r.doc")
    assert refused(answer, "r.doc: no report format has this ending — use .attackers.csv .json .html .csv .txt")


def test_a_plan_that_can_not_be_written(desk: Desk, plan: Plan) -> None:
    answer = desk.run("plan", "report.json", "-o", "none/plan.json")
    assert refused(answer, "none/plan.json: can't be written: No such file or directory — give another place")


@pytest.mark.parametrize("word", ["plan", "report"])
def test_a_report_of_another_version(desk: Desk, word: str) -> None:
    (desk.folder / "r.json").write_text('{"format": "codered/report/2", "id": "x"}')
    line = (
        "r.json: is 'codered/report/2', this version reads 'codered/report/1' — make the report again with this version"
    )
    assert refused(desk.run(word, "r.json"), line)


@pytest.mark.parametrize("body", ["", "garbage", "[]", "{}", "\0", '{"format": 7}', "[" * 10_000])
def test_a_plan_or_report_that_is_none(desk: Desk, body: str) -> None:
    (desk.folder / "x.json").write_text(body)
    for word in ("apply", "verify", "rollback"):
        answer = desk.run(word, "x.json")
        assert (answer.code, answer.out) == (2, "")
        assert answer.err.startswith("codered: x.json: is no plan — ")
        assert answer.err.count("\n") == 1
    answer = desk.run("plan", "x.json")
    assert (answer.code, answer.err[:30]) == (2, "codered: x.json: is no report ")


def test_a_plan_that_somebody_edited(desk: Desk, volume: Path, plan: Plan) -> None:
    before = digest_tree(volume)
    body = (desk.folder / "plan.json").read_text()
    (desk.folder / "plan.json").write_text(body.replace("explorer.exe", "notworm"))
    answer = desk.run("apply", "plan.json", "--yes")
    assert (answer.code, answer.out, answer.err.count("\n")) == (4, "", 1)
    assert digest_tree(volume) == before


def test_a_plan_whose_file_changed_since(desk: Desk, volume: Path, plan: Plan) -> None:
    path_below(volume, SHOWN[2]).write_bytes(b"another file by now")
    before = digest_tree(volume)
    answer = desk.run("apply", "plan.json", "--yes")
    line = (
        f"{plan.id}: 1 of 6 files are not as the plan expects; nothing was touched: {SHOWN[2]}: "
        "it has another content, size, time now — scan again and make a new plan"
    )
    assert refused(answer, line, 4)
    assert digest_tree(volume) == before
    assert desk.run("verify", "plan.json").code == 1


def test_apply_where_nobody_can_be_asked(desk: Desk, volume: Path, plan: Plan) -> None:
    before = digest_tree(volume)
    for words in (("apply", "plan.json"), ("rollback", "plan.json")):
        answer = desk.run(*words)
        assert answer.code == 4
        assert answer.err == "codered: nobody is there to ask — review the plan, then add --yes\n"
    assert digest_tree(volume) == before


@pytest.mark.parametrize("word", ["rollback", "apply"])
def test_a_journal_with_a_flipped_byte(desk: Desk, volume: Path, plan: Plan, word: str) -> None:
    assert desk.run("apply", "plan.json", "--yes").code == 0
    journal = desk.state / "cases" / plan.id / "journal.jsonl"
    body = bytearray(journal.read_bytes())
    body[len(body) // 2] ^= 1
    journal.write_bytes(body)
    before = digest_tree(volume)
    answer = desk.run(word, "plan.json", "--yes")
    assert (answer.code, answer.out, answer.err.count("\n")) == (4, "", 1)
    assert answer.err.startswith(f"codered: {journal}")
    assert digest_tree(volume) == before
    assert bytes(body) == journal.read_bytes()


def test_a_plan_nobody_knows(desk: Desk) -> None:
    line = "nosuch: no such plan — give a plan's file, or the id that `codered plan` printed"
    for word in ("apply", "verify", "rollback"):
        assert refused(desk.run(word, "nosuch"), line)


def test_a_volume_that_is_no_longer_mounted(desk: Desk, volume: Path, plan: Plan) -> None:
    volume.rename(volume.with_name("elsewhere"))
    line = f"{volume}: no such folder — mount the volume where it was when it was scanned"
    for word in ("apply", "verify", "rollback"):
        assert refused(desk.run(word, "plan.json"), line)
