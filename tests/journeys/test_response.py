"""Scan, plan, apply, verify, roll back and apply again, on an inert infected volume, as a user does it."""

from pathlib import Path

import msgspec
import pytest

from codered.drill import digest_tree
from codered.model.plan import Plan
from codered.model.response import Verification
from tests.fixtures.command import Desk
from tests.fixtures.volumes import SHOWN, path_below

WAYS = pytest.mark.parametrize("way", ["--root", "PATH", "PATH below which it lies"])


def words_for(way: str, volume: Path) -> tuple[str | Path, ...]:
    """How a user names the volume, or the drive C on it."""
    return {"--root": ("--root", volume), "PATH": (volume,)}.get(way, (volume / "C", volume / "D"))


@WAYS
def test_there_and_back_and_there_again(desk: Desk, volume: Path, way: str) -> None:
    before = digest_tree(volume)
    assert desk.run("scan", *words_for(way, volume), "-o", "report.json").code == 1
    answer = desk.run("plan", "report.json", "-o", "plan.json")
    assert (answer.code, digest_tree(volume)) == (0, before)
    assert desk.run("apply", "plan.json", "--dry-run").code == 0
    assert digest_tree(volume) == before

    assert desk.run("apply", "plan.json", "--yes").code == 0
    removed = digest_tree(volume)
    assert not any(path_below(volume, shown).exists() for shown in SHOWN)
    assert (volume / "C/WINNT/explorer.exe").exists()
    verified = desk.run("verify", "plan.json")
    assert (verified.code, verified.out.splitlines()[0][:5], digest_tree(volume)) == (0, "CLEAN", removed)

    assert desk.run("rollback", "plan.json", "--yes").code == 0
    assert digest_tree(volume) == before
    assert desk.run("verify", "plan.json").code == 1

    assert desk.run("apply", "plan.json", "--yes").code == 0
    assert not any(path_below(volume, shown).exists() for shown in SHOWN)
    assert desk.run("verify", "plan.json").code == 0


@WAYS
def test_files_have_the_name_of_the_host_and_of_the_volume(desk: Desk, volume: Path, way: str) -> None:
    report = desk.scan(*words_for(way, volume), code=1)
    assert report.verdict == "infected"
    names = {(found.subject.shown, found.subject.path) for found in report.findings}
    if way == "PATH below which it lies":  # each drive by itself is a volume of its own, and its drive is C
        assert {path for _, path in names} == {str(path_below(volume, shown)) for shown in SHOWN}
        assert {shown[:3] for shown, _ in names if shown} == {"C:\\"}
    else:
        assert names == {(shown, str(path_below(volume, shown))) for shown in SHOWN}
    assert report.target.kind == ("offline_root" if way == "--root" else "live_linux")


@WAYS
def test_what_comes_back_beside_is_found_by_verify(desk: Desk, volume: Path, way: str) -> None:
    """Also when the file itself was what showed that the folder is a volume."""
    desk.run("scan", *words_for(way, volume), "-o", "report.json")
    desk.run("plan", "report.json", "-o", "plan.json")
    desk.run("apply", "plan.json", "--yes")
    back = volume / "C/Inetpub/Scripts/root.EXE"
    back.write_bytes(b"back again under a name in another case")
    answer = desk.run("verify", "plan.json", "--json")
    verification = msgspec.json.decode(answer.out, type=Verification)
    assert (answer.code, verification.answer) == (1, "reinfected")
    assert [found.subject.path for found in verification.report.findings] == [str(back)]


def test_the_kept_plan_goes_by_its_id(desk: Desk, volume: Path) -> None:
    before = digest_tree(volume)
    desk.run("scan", "--root", volume, "-o", "report.json")
    plan = msgspec.json.decode(desk.run("plan", "report.json", "--json").out, type=Plan)
    for word, code in (("apply", 0), ("verify", 0), ("rollback", 0)):
        assert desk.run(word, plan.id, *(() if word == "verify" else ("--yes",))).code == code
    assert digest_tree(volume) == before


def test_nobody_listening_does_not_stop_a_change(desk: Desk, volume: Path) -> None:
    desk.run("scan", "--root", volume, "-o", "report.json")
    desk.run("plan", "report.json", "-o", "plan.json")
    process = desk.start("apply", "plan.json", "--yes")
    assert process.stderr
    assert process.stdout
    process.stderr.close()
    process.stdout.close()
    assert process.wait(timeout=60) == 0
    assert desk.run("verify", "plan.json").code == 0


def test_the_guide_walks_the_same_way(desk: Desk, volume: Path) -> None:
    answer = desk.run("respond", volume, "--yes")
    assert answer.code == 0
    assert not any(path_below(volume, shown).exists() for shown in SHOWN)
