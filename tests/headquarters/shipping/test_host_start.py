"""The start of the one file, on small files made of a few lines; the whole one is in test_host_file.py."""

import ast
import errno
import hashlib
import json
import os
import platform
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from codered_hq.shipping import host_start
from codered_hq.shipping.host_start import Stopped
from tests.architecture.source_tree import ROOT

FILES = {"codered/__init__.py": b"", "codered/__main__.py": b"print('run')\n", "x/data.json": b"{}"}


def make_manifest(**more: Any) -> dict[str, Any]:
    here = {"python": list(sys.version_info[:2]), "machine": platform.machine(), "glibc": [2, 17]}
    listed = {name: [hashlib.sha256(body).hexdigest(), len(body)] for name, body in FILES.items()}
    return {**here, "files": listed, **more}


def make_file(path: Path, manifest: dict[str, Any], **bodies: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
        for name, body in (FILES | bodies).items():
            archive.writestr(f"files/{name}", body)
    return path


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What would have been run."""
    found: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _program, command: found.append(command))
    monkeypatch.setattr(os, "execve", lambda _program, command, _environment: found.append(command))
    return found


def refuse(path: Path, code: int, match: str) -> None:
    with pytest.raises(Stopped, match=match) as stopped:
        host_start.start(str(path), [])
    assert stopped.value.code == code


def test_an_old_python_can_read_it_and_say_what_is_missing() -> None:
    source = (ROOT / "src/codered_hq/shipping/host_start.py").read_text()
    tree = ast.parse(source, feature_version=(3, 6))
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert imported <= sys.stdlib_module_names
    assert not any(isinstance(node, ast.NamedExpr | ast.Match | ast.AnnAssign) for node in ast.walk(tree))
    plain = [
        node.annotation
        for node in ast.walk(tree)
        if isinstance(node, ast.arg) and isinstance(node.annotation, ast.Subscript)
    ]
    assert plain == []  # `list[str]` must stand in quotes there


def test_it_is_unpacked_once_and_run_from_there(
    tmp_path: Path, state: Path, runs: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_file(tmp_path / "a.pyz", make_manifest())
    host_start.start(str(path), ["scan", "/x"])
    (folder,) = (state / "host-tool").iterdir()
    packages = folder / f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    assert {str(each.relative_to(packages)) for each in packages.rglob("*") if each.is_file()} == set(FILES)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert os.path.realpath(folder / "bin/python") == os.path.realpath(sys.executable)
    monkeypatch.setattr(host_start, "unpack", None)  # the second start has no use for it
    host_start.start(str(path), ["status"])
    assert runs == [[f"{folder}/bin/python", "-I", "-m", "codered", *words] for words in (["scan", "/x"], ["status"])]


def test_its_cache_is_in_the_state_folder_unless_it_was_put_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODERED_CACHE", "")
    environment = host_start.make_environment("/srv/state/host-tool/abc")
    assert environment == {**os.environ, "CODERED_CACHE": "/srv/state/cache"}
    monkeypatch.setenv("CODERED_CACHE", "/srv/cache")
    assert host_start.make_environment("/srv/state/host-tool/abc") == dict(os.environ)


@pytest.mark.parametrize(
    ("harm", "because"),
    [
        ("echo 1 >> $P/codered/__main__.py", "codered/__main__.py was changed"),
        ("printf 'print(0x9)\\n' > $P/codered/__main__.py", "codered/__main__.py was changed"),  # of the same size
        ("rm $P/x/data.json", "x/data.json is missing"),
        ("mkdir $P/codered/__pycache__; touch $P/codered/__pycache__/x.pyc", "x.pyc was not shipped"),
        ("touch $P/sitecustomize.py", "sitecustomize.py was not shipped"),
        ("mv $P/x $P/../x; ln -s ../x $P/x", "a folder in it is a link"),
        ("mv $P/x/data.json $F.json; ln -s $F.json $P/x/data.json", "x/data.json was changed"),
        ("rm $P/x/data.json; mkfifo $P/x/data.json", "x/data.json was changed"),
        ("ln -sf /bin/true $F/bin/python", "it is set up for another Python"),
        ("echo include-system-site-packages = true >> $F/pyvenv.cfg", "it is set up for another Python"),
        ("chmod 777 $F", "others may have written in it"),
    ],
)
def test_what_was_changed_is_not_run(
    tmp_path: Path, state: Path, runs: list[list[str]], capsys: pytest.CaptureFixture[str], harm: str, because: str
) -> None:
    import subprocess

    path = make_file(tmp_path / "a.pyz", make_manifest())
    host_start.start(str(path), [])
    (folder,) = (state / "host-tool").iterdir()
    packages = f"{folder}/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    subprocess.run(["/bin/sh", "-c", harm], env={"F": str(folder), "P": packages, "PATH": "/bin"}, check=True)
    host_start.start(str(path), [])
    err = capsys.readouterr().err
    assert because in err
    assert "it is not run; moved to" in err
    assert host_start.find_harm(str(folder), make_manifest()) == ""
    assert (folder.parent / (folder.name + ".not-as-shipped")).is_dir()
    assert runs[0] == runs[1]


def test_a_damaged_file_is_not_unpacked(tmp_path: Path, state: Path, runs: list[list[str]]) -> None:
    refuse(make_file(tmp_path / "a.pyz", make_manifest(), **{"x/data.json": b"[]"}), 2, "damaged at 'x/data.json'")
    out = make_manifest(files={"../out": ["0" * 64, 1]})
    refuse(make_file(tmp_path / "b.pyz", out, **{"../out": b"1"}), 4, "leads out of its folder")
    assert runs == []
    assert list((state / "host-tool").iterdir()) == []


def test_one_changed_byte_is_told_in_one_line(
    tmp_path: Path, state: Path, runs: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    whole = make_file(tmp_path / "a.pyz", make_manifest()).read_bytes()
    advice = "copy it again, and verify it as VERIFY.md of the release says\n"
    told = set()
    for place in range(0, len(whole), 11):  # each kind of field of the format, in a second or two
        (tmp_path / "b.pyz").write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        code = host_start.run([str(tmp_path / "b.pyz"), "status"])
        err = capsys.readouterr().err
        told.add(code)
        if code:
            assert (code, err.startswith("codered: this file is damaged at "), err.count("\n")) == (2, True, 1), place
            assert err.endswith(advice)
        shutil.rmtree(state, ignore_errors=True)
    assert told == {0, 2}  # 0: a time or a right that nobody reads
    assert runs


def test_the_advice_is_about_what_failed(
    tmp_path: Path, state: Path, runs: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_file(tmp_path / "a.pyz", make_manifest())
    monkeypatch.setattr(os, "makedirs", lambda place, *_more, **_so: fail(errno.EACCES, place))
    refuse(path, 2, "Permission denied: '.*state': set CODERED_STATE to a folder that you can write to$")
    monkeypatch.setattr(os, "makedirs", lambda place, *_more, **_so: fail(errno.ENOSPC, place))
    refuse(path, 2, "No space left on device: '.*state': make room there, or set CODERED_STATE")
    for name in ("CODERED_STATE", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # as for a user that the system doesn't know
    refuse(path, 2, "no home folder: set CODERED_STATE")
    assert runs == []


def fail(number: int, place: str) -> None:
    raise OSError(number, os.strerror(number), place)


def test_a_folder_of_others_is_not_used(
    tmp_path: Path, state: Path, runs: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_file(tmp_path / "a.pyz", make_manifest())
    (state / "host-tool").mkdir(parents=True)
    (state / "host-tool").chmod(0o777)
    refuse(path, 4, "others may write in this folder")
    (state / "host-tool").rmdir()
    (state / "host-tool").symlink_to(tmp_path)
    refuse(path, 4, "or it is a link")
    monkeypatch.setenv("CODERED_STATE", str(path))
    refuse(path, 2, "can't be unpacked: .*set CODERED_STATE")
    assert runs == []


@pytest.mark.parametrize(
    ("more", "needs"),
    [
        ({"python": [3, 99]}, "needs CPython 3.99 on"),
        ({"machine": "sparc64"}, "on sparc64 Linux"),
        ({"glibc": [9, 1]}, "with glibc 9.1 or newer; here is cpython"),
    ],
)
def test_a_system_that_it_is_not_for_is_told(
    tmp_path: Path,
    state: Path,
    runs: list[list[str]],
    capsys: pytest.CaptureFixture[str],
    more: dict[str, Any],
    needs: str,
) -> None:
    refuse(make_file(tmp_path / "a.pyz", make_manifest(**more)), 3, needs)
    told = json.loads(capsys.readouterr().out)
    assert told["format"] == "codered/unsupported/1"
    assert (runs, state.exists()) == ([], False)


def test_another_python_of_this_system_takes_over(
    tmp_path: Path, state: Path, runs: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "python3.99"
    other.write_text("")
    other.chmod(0o755)
    monkeypatch.setattr(host_start, "OTHERS", (str(tmp_path / "none"), str(tmp_path / "python{}.{}")))
    path = make_file(tmp_path / "a.pyz", make_manifest(python=[3, 99]))
    with pytest.raises(Stopped):  # it would be another process by then
        host_start.start(str(path), ["status"])
    assert runs == [[str(other), "-I", str(path), "status"]]
