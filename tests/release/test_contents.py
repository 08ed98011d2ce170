"""What is in the parts of a release: everything that git knows, nothing else, and the same each time."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from codered import __version__
from codered_hq.model.engine import Program
from scripts import build_release
from scripts.releasing import making
from scripts.releasing.checkout import Checkout, copy_tree, open_checkout
from tests.architecture.test_pins import read_pins
from tests.fixtures.host_files import build_shared, start_host_file
from tests.release.conftest import ROOT

WHERE = {"src/codered/": "codered/", "src/codered_hq/": "codered_hq/", "packs/": "codered/shipped_packs/"}


def open_shop(tmp_path: Path) -> making.Workshop:
    """This checkout, with changes or not."""
    checkout = open_checkout(ROOT, dirty=True)
    for name in ("work", "into"):
        (tmp_path / name).mkdir()
    return making.Workshop(checkout, copy_tree(checkout, tmp_path / "tree"), tmp_path / "work", tmp_path / "into")


def test_the_source_holds_what_git_knows_and_builds_the_same_wheel_elsewhere(tmp_path: Path) -> None:
    shop = open_shop(tmp_path)
    making.make_wheel(shop)
    making.make_sdist(shop)
    (wheel,), (source,) = shop.into.glob("*.whl"), shop.into.glob("*.tar.gz")
    known = {path.relative_to(shop.tree).as_posix() for path in shop.tree.rglob("*") if not path.is_dir()}
    with tarfile.open(source) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
        archive.extractall(tmp_path / "elsewhere", filter="data")
    assert names - {"PKG-INFO"} == known
    with zipfile.ZipFile(wheel) as packed:
        inside = {name for name in packed.namelist() if ".dist-info/" not in name}
    packaged = {new + name[len(old) :] for name in known for old, new in WHERE.items() if name.startswith(old)}
    assert inside == packaged
    (folder,) = (tmp_path / "elsewhere").iterdir()
    command = [sys.executable, "-P", "-m", "build", "--no-isolation", "--wheel", "--outdir", str(tmp_path), str(folder)]
    other = {"TZ": "Pacific/Chatham", "HOME": str(tmp_path), "SOURCE_DATE_EPOCH": str(shop.checkout.epoch)}
    subprocess.run(
        command, env=os.environ | other, umask=0o077, stdout=subprocess.DEVNULL, check=True, timeout=120, cwd=tmp_path
    )
    assert (tmp_path / wheel.name).read_bytes() == wheel.read_bytes()


def test_two_builds_are_the_same_and_a_difference_is_named(
    checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "scripts", checkout / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    words = ["--dirty", "--only", "wheel", "--only", "sdist"]
    assert build_release.main(["--check", *words], checkout) == 0
    said = capsys.readouterr()
    assert "two builds gave the same 5 files, byte for byte" in said.err
    assert f"  codered_detect-{__version__}+dirty.tar.gz" in said.out
    monkeypatch.setattr("scripts.releasing.comparing._build", lambda _root, _words, _work, how: {"a": how["folder"]})
    assert build_release.main(["--check", *words], checkout) == 1
    assert "a DIFFERS: a and b/of another length" in capsys.readouterr().err


def test_the_one_file_is_what_headquarters_brings_to_hosts(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    program = build_shared(tmp_path_factory)
    shop = making.Workshop(
        Checkout(ROOT, "", 0, __version__, changed=False), ROOT, tmp_path / "work", tmp_path / "into"
    )
    shop.work.mkdir()
    shop.into.mkdir()
    made_before = copy_made(program, shop.work)
    making.make_pyz(shop)
    made = shop.into / "codered.pyz"
    assert made.stat().st_mtime_ns == made_before  # its parts are the same: it was not made anew
    assert making.describe_file(made)[1].startswith(f"CPython {sys.version_info.major}.{sys.version_info.minor} on ")
    for name in ("www", "alone"):
        (tmp_path / name).mkdir()
    (tmp_path / "www/index.html").write_text("<p>good day</p>")
    alone = Path(shutil.move(made, tmp_path / "alone"))
    before = list_all(tmp_path)
    told = start_host_file(alone, tmp_path / "state", "scan", tmp_path / "www", CODERED_CACHE="", HOME=str(tmp_path))
    assert (told.code, told.out.partition(":")[0]) == (0, "CLEAN"), told
    left = {path.relative_to(tmp_path).parts[0] for path in list_all(tmp_path) - before}
    assert left == {"state"}  # nothing beside it, nothing in a home


def list_all(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


def copy_made(program: Program, into: Path) -> int:
    """Time of the copy, in ns."""
    for path in Path(program.path).parent.glob("codered-host.*"):
        shutil.copy2(path, into / path.name)
    return (into / "codered-host.pyz").stat().st_mtime_ns


def test_the_bills_of_materials_hold_every_pin_with_its_hashes(tmp_path: Path) -> None:
    for name in ("work", "into"):
        (tmp_path / name).mkdir()
    checkout = Checkout(ROOT, "", 1_700_000_000, __version__, changed=False)
    making.make_sboms(making.Workshop(checkout, ROOT, tmp_path / "work", tmp_path / "into"))
    for which, name in (("host", "codered"), ("hq", "codered-hq")):
        raw = (tmp_path / "into" / f"{name}.cdx.json").read_text("utf-8")
        if which == "hq":  # it holds the other's parts too, and validating takes seconds
            assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(raw) is None
        told = json.loads(raw)
        own = told["metadata"]["component"]
        assert (own["name"], own["version"]) == ("codered-detect", __version__)
        assert own["licenses"][0]["license"]["id"] == "Apache-2.0"
        assert (told["metadata"]["timestamp"], "serialNumber" in told) == ("2023-11-14T22:13:20+00:00", False)
        pins = {name: pin.partition(" ")[0] for name, pin in read_pins(which).items()}
        assert {part["name"]: part["version"] for part in told["components"]} == pins
        for part in told["components"]:
            assert any(place.get("hashes") for place in part["externalReferences"]), part["name"]


def test_the_debian_package_is_made_of_the_releases_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what git knows: a compiled file that lies about in the checkout is in neither."""
    started: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.setattr(making, "run_tool", lambda _shop, command, **more: started.append((command, more)))
    checkout = Checkout(ROOT, "c", 1_700_000_000, "1.2.3", changed=False)
    shop = making.Workshop(checkout, tmp_path / "tree", tmp_path / "work", tmp_path / "into")
    shop.into.mkdir()
    (shop.into / making.PYZ).write_bytes(b"the one file")
    making.make_deb(shop)
    ((command, more),) = started
    assert command[-3:] == [
        "scripts.releasing.debian_package",
        str(shop.into / "codered_1.2.3_amd64.deb"),
        str(shop.into / "codered.pyz"),
    ]
    assert more == {"PYTHONPATH": f"{shop.tree}:{shop.tree}/src"}
    (shop.into / making.PYZ).unlink()
    making.make_deb(shop)
    assert started[1][0][-1] == str(shop.work)  # made first, as codered.pyz is
    assert started[2][0][-1] == str(shop.work / "codered-host.pyz")
