"""How the tool was installed, and the list of its files."""

import hashlib
import sys
from pathlib import Path

import pytest

import codered
from codered.self_check.installation import (
    Installation,
    find_installation,
    list_code,
    parse_record,
    read_own_list,
)

PACKAGES = Path("lib") / "python3.11" / "site-packages"


def lay_out(folder: Path) -> Path:
    package = folder / "codered"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    return folder


def test_tests_run_from_a_checkout() -> None:
    found = find_installation()
    assert found.kind == "checkout"
    assert (found.folder / "codered" / "__init__.py").is_file()


@pytest.mark.parametrize(
    ("place", "beside", "kind"),
    [
        ("wheel" / PACKAGES, f"{PACKAGES}/codered_detect-1.0.0.dist-info/RECORD", "wheel"),
        ("debian" / PACKAGES, "manifest.json", "debian"),
        (Path("host-tool") / ("0" * 32) / PACKAGES, "", "one-file"),
        ("bare" / PACKAGES, "", "unknown"),
    ],
)
def test_kinds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: Path, beside: str, kind: str) -> None:
    folder = lay_out(tmp_path / place)
    if beside:
        file = folder.parents[2] / beside
        file.parent.mkdir(exist_ok=True)
        file.write_text("")
    monkeypatch.setattr(codered, "__file__", str(folder / "codered" / "__init__.py"))
    private = kind in ("debian", "one-file")
    assert find_installation() == Installation(kind, folder, private=private)  # type: ignore[arg-type]


def test_one_program_is_told_by_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", "C:\\codered.exe")
    assert find_installation().kind == "program"
    assert find_installation().program == Path("C:\\codered.exe")


def test_a_record_gives_sha256_in_hexadecimal() -> None:
    # sha256("") as pip writes it: base64 without padding
    record = (
        "codered/__init__.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n"
        'codered/__pycache__/a.pyc,,\n"odd, name.py",sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n'
    )
    empty = hashlib.sha256(b"").hexdigest()
    assert parse_record(record) == {"codered/__init__.py": empty, "odd, name.py": empty}


def test_lists_that_are_none_are_no_lists(tmp_path: Path) -> None:
    folder = lay_out(tmp_path / PACKAGES)
    assert read_own_list(Installation("unknown", folder)) is None
    assert read_own_list(Installation("debian", folder)) is None  # missing
    (tmp_path / "manifest.json").write_text("no JSON")
    assert read_own_list(Installation("debian", folder)) is None
    (tmp_path / "manifest.json").write_text('{"files": {"codered/__init__.py": ["aa", 0]}}')
    assert read_own_list(Installation("debian", folder)) == {"codered/__init__.py": "aa"}


def test_a_list_that_is_a_link_is_not_read(tmp_path: Path) -> None:
    folder = lay_out(tmp_path / PACKAGES)
    (tmp_path / "elsewhere").write_text('{"files": {}}')
    (tmp_path / "manifest.json").symlink_to(tmp_path / "elsewhere")
    assert read_own_list(Installation("debian", folder)) is None


def test_code_is_every_file_and_link_but_no_cache(tmp_path: Path) -> None:
    folder = lay_out(tmp_path)
    (folder / "codered" / "__pycache__").mkdir()
    (folder / "codered" / "__pycache__" / "a.pyc").write_text("")
    (folder / "codered" / "more.py").write_text("")
    (folder / "codered" / "room").symlink_to(tmp_path)
    (folder / "other").mkdir()
    (folder / "other" / "a.py").write_text("")
    assert list_code(folder) == {"codered/__init__.py", "codered/more.py", "codered/room"}
