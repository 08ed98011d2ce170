from pathlib import Path

import pytest

from codered.cli.options import PlanOptions
from codered.cli.source_checks import refuse_missing_sources
from codered.model.errors import WrongUse


def asked(**sources: object) -> PlanOptions:
    given = {"report": "r", "restore_from": None, "include_suspicious": False, "output": None, "as_json": False}
    return PlanOptions(**(given | sources))  # type: ignore[arg-type]


def test_what_is_there_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    refuse_missing_sources(asked())
    refuse_missing_sources(asked(packages=(str(tmp_path),), lists=str(tmp_path), keyring=str(file), baseline=str(file)))
    for source in (tmp_path, file):
        refuse_missing_sources(asked(restore_from=str(source)))


@pytest.mark.parametrize("name", ["restore_from", "packages", "keyring", "lists", "baseline"])
def test_what_is_not_there_is_refused(tmp_path: Path, name: str) -> None:
    none = str(tmp_path / "none")
    with pytest.raises(WrongUse, match="no such file"):
        refuse_missing_sources(asked(**{name: (none,) if name == "packages" else none}))


@pytest.mark.parametrize("name", ["packages", "keyring", "lists", "baseline"])
def test_a_file_is_no_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    wrong = str(tmp_path / "file") if name in ("packages", "lists") else str(tmp_path)
    with pytest.raises(WrongUse, match="folder"):
        refuse_missing_sources(asked(**{name: (wrong,) if name == "packages" else wrong}))
