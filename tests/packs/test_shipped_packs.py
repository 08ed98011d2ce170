"""The packs that ship: without a mistake, and true to their own examples, by the functions the command line uses."""

import os
from pathlib import Path

import pytest

from codered.cli import pack_checks
from codered.packs.examples import list_examples
from codered.packs.loading import find_packs_folder, load_packs

PACKS = load_packs(find_packs_folder())
NAMES = [loaded.pack.name for loaded in PACKS]


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    os.environ["CODERED_CACHE"] = str(tmp_path_factory.mktemp("cache"))


def test_the_five_worms_are_there() -> None:
    assert {"codered", "codered2", "nimda", "codeblue", "sadmind-iis"} <= set(NAMES)


def test_no_pack_has_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    code = pack_checks.lint(())
    shown = capsys.readouterr().out
    assert code == 0, shown
    assert shown.splitlines()[-1].startswith(f"{len(PACKS)} packs checked: 0 errors")


@pytest.mark.parametrize("name", NAMES)
def test_a_pack_passes_its_own_examples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = pack_checks.try_examples((name,))
    shown = capsys.readouterr().out
    assert code == 0, shown
    assert shown.endswith(" examples, 0 failures\n")


@pytest.mark.parametrize("loaded", PACKS, ids=NAMES)
def test_a_pack_shows_what_it_knows_and_what_it_must_not_take_for_it(loaded: object) -> None:
    kinds = {(example.kind, example.form) for example in list_examples(loaded)}  # type: ignore[arg-type]
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
