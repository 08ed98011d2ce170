"""The packs that ship: without a mistake, and true to their own examples, by the functions the command line uses."""

import os
from pathlib import Path

import pytest

from codered.cli.packs import checking
from codered.model.indicators import AutostartIndicator, ProcessIndicator
from codered.model.pack import LoadedPack
from codered.packs.checks.autostart import LINUX_KINDS
from codered.packs.examples import list_examples, read_expected
from codered.packs.loading import find_packs_folder, load_packs

PACKS = load_packs(find_packs_folder())
NAMES = [loaded.pack.name for loaded in PACKS]


@pytest.fixture(scope="module", autouse=True)
def cache(rule_cache: Path) -> None:
    os.environ["CODERED_CACHE"] = str(rule_cache)


def test_the_worms_of_2001_and_of_today_are_there() -> None:
    assert {"codered", "codered2", "nimda", "codeblue", "sadmind-iis"} <= set(NAMES)
    assert {"kinsing", "sysrv", "mirai-http", "react2shell"} <= set(NAMES)


@pytest.mark.parametrize("loaded", PACKS, ids=NAMES)
def test_every_sign_of_a_live_infection_is_shown_by_an_example(loaded: LoadedPack) -> None:
    pack = loaded.pack
    shown = {item.indicator for listed in read_expected(loaded).values() for item in listed}
    processes = {sign.id for sign in pack.processes if not sign.objects}  # no example can describe a mutex
    memory = {sign.id for sign in pack.content if "memory" in sign.where}
    linux = {sign.id for sign in pack.autostart if sign.kind in LINUX_KINDS}
    assert (processes | memory | linux) - shown == set()


@pytest.mark.parametrize("loaded", PACKS, ids=NAMES)
def test_what_runs_is_ended_and_what_comes_back_is_removed(loaded: LoadedPack) -> None:
    """All likely signs of processes and of Linux autostart are dealt with by a step."""
    pack = loaded.pack
    steps = {name for step in pack.removal.steps for name in step.indicators} if pack.removal else set()
    sure = [sign for sign in (*pack.processes, *pack.autostart) if sign.confidence != "suspicious"]
    here = {
        sign.id
        for sign in sure
        if (isinstance(sign, ProcessIndicator) and not sign.objects)
        or (isinstance(sign, AutostartIndicator) and sign.kind in LINUX_KINDS)
    }
    assert here - steps == set()


@pytest.mark.parametrize("loaded", [each for each in PACKS if each.pack.scripts], ids=lambda each: each.pack.name)
def test_a_script_is_taken_away_whichever_sign_names_it(loaded: LoadedPack) -> None:
    steps = loaded.pack.removal.steps if loaded.pack.removal else ()
    taken = {name for step in steps if step.action == "quarantine_file" for name in step.indicators}
    assert {sign.id for sign in loaded.pack.scripts} - taken == set()


def test_no_pack_has_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    code = checking.lint(())
    shown = capsys.readouterr().out
    assert code == 0, shown
    assert shown.splitlines()[-1].startswith(f"{len(PACKS)} packs checked: 0 errors")


@pytest.mark.parametrize("name", NAMES)
def test_a_pack_passes_its_own_examples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = checking.try_examples((name,))
    shown = capsys.readouterr().out
    assert code == 0, shown
    assert shown.endswith(" examples, 0 failures\n")


@pytest.mark.parametrize("loaded", PACKS, ids=NAMES)
def test_a_pack_shows_what_it_knows_and_what_it_must_not_take_for_it(loaded: LoadedPack) -> None:
    kinds = {(example.kind, example.form) for example in list_examples(loaded)}
    assert {kind for kind, _ in kinds} == {"hit", "clean"}


def test_packs_hold_text_only() -> None:
    """Markers, never a program: an example that is one byte a program would be scanned, and run, as one."""
    for path in find_packs_folder().rglob("*"):
        if path.is_file():
            body = path.read_bytes()
            assert b"\0" not in body, path
            body.decode()
            assert not os.access(path, os.X_OK) or os.geteuid() == 0, path
            assert Path(path).stat().st_mode & 0o111 == 0, path
