"""A wheel that was installed without what it needs: one line, whatever is missing, and no trace."""

import subprocess
import sys
from pathlib import Path

import pytest

from codered.cli.missing_parts import tell_missing
from tests.fixtures.command import SOURCE

AS_A_SCRIPT = "import sys; from codered.cli import main; sys.exit(main())"  # what pip writes for an entry point


def run_without(library: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command where this library is not there."""
    hide = f"import sys; sys.modules[{library!r}] = None; sys.argv[:] = ['codered', *{words!r}]; {AS_A_SCRIPT}"
    environment = {"PYTHONPATH": str(SOURCE), "CODERED_STATE": str(folder), "CODERED_CACHE": str(folder)}
    return subprocess.run([sys.executable, "-c", hide], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("library", ["rich_click", "click", "msgspec", "yara_x", "yaml"])
def test_a_library_that_is_not_there_is_named_in_one_line(tmp_path: Path, library: str) -> None:
    done = run_without(library, tmp_path, "scan", str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"codered: {library} is missing: this tool can't run without it — install it with what it needs: "
        "pip install codered-detect (a wheel by its file name, without --no-deps)\n"
    )


def test_a_module_of_our_own_is_a_bug() -> None:
    with pytest.raises(ModuleNotFoundError):
        tell_missing(ModuleNotFoundError("No module named 'codered.x'", name="codered.x"))
    with pytest.raises(ModuleNotFoundError):
        tell_missing(ModuleNotFoundError("nothing is known of it"))


def test_one_that_is_missed_in_the_middle_of_a_word_is_a_bug(tmp_path: Path) -> None:
    """Exit 2 would say that nothing was done."""
    work = (
        "import codered.cli.changes as changes\n"
        "def begin(asked):\n"
        "    print('changed')\n"
        "    import psutil_not_there\n"
        "changes.carry_out = begin\n"
    )
    run = f"{work}import sys; sys.argv[:] = ['codered', 'apply', 'x', '--yes']; {AS_A_SCRIPT}"
    environment = {"PYTHONPATH": str(SOURCE), "CODERED_STATE": str(tmp_path), "CODERED_CACHE": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", run], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (70, "changed\n")
    assert done.stderr.startswith("codered: a bug in the tool: ModuleNotFoundError: No module named 'psutil_not_there'")
    assert done.stderr.count("\n") == 1
