"""The tool's own files against a signed release."""

import hashlib
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from codered.model.errors import WrongUse
from codered.model.release import Release, ReleasedFile
from codered.self_check.installation import Installation
from codered.self_check.releases import check_against_release
from codered.signing.keys import make_key
from codered.signing.releases import INSTALLED, MANIFEST, SIGNATURE, SUMS, render_sums, sign_sums

FILES = {"codered/scan.py": b"looks = 1\n", "codered/shipped_packs/one/pack.yaml": b"name: one\n"}


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


class Published:
    """A release of two files, the tool installed from it, and the publisher's key."""

    def __init__(self, folder: Path) -> None:
        self.packages = folder / "packages"
        self.manifest = folder / "release" / MANIFEST
        self.key = folder / "publisher"
        self._key = make_key(self.key)
        self.program = folder / "codered.exe"
        self.program.write_bytes(b"a program")
        for name, body in FILES.items():
            path = self.packages / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
        self.manifest.parent.mkdir()
        self.publish({"codered.exe": b"a program"})

    def carry(self, listed: dict[str, str], name: str = "manifest.json") -> None:
        """Publish a one file that carries these too."""
        path = self.manifest.with_name("codered.pyz")
        with zipfile.ZipFile(path, "w") as archive:
            files = {each: (sha256, 0) for each, sha256 in listed.items()}
            archive.writestr(name, msgspec.json.encode({"files": files}))
        self.publish({"codered.pyz": path.read_bytes()})

    def publish(self, files: dict[str, bytes]) -> None:
        installed = {name: digest(body) for name, body in FILES.items()} | {"codered_hq/gate.py": "0" * 64}
        released = tuple(
            ReleasedFile(name=name, sha256=digest(body), size=len(body), what="") for name, body in files.items()
        )
        when = datetime(2026, 1, 1, tzinfo=UTC)
        release = Release(
            format="codered/release/1", version="1.2.3", commit="c", time=when, python="3.11", files=released
        )
        folder = self.manifest.parent
        self.manifest.write_bytes(msgspec.json.encode(release))
        lines = "".join(f"{sha256}  {name}\n" for name, sha256 in installed.items())
        (folder / INSTALLED).write_text(lines)
        sums = render_sums("1.2.3", {MANIFEST: digest(self.manifest.read_bytes()), INSTALLED: digest(lines.encode())})
        (folder / SUMS).write_bytes(sums)
        (folder / SIGNATURE).write_bytes(sign_sums(self._key, sums))

    def check(self, kind: str = "debian", key: str = "publisher.pub") -> tuple[str, str]:
        program = self.program if kind == "program" else None
        private = kind == "debian"
        installed = Installation(kind, self.packages, program, private)  # type: ignore[arg-type]
        found = check_against_release(installed, self.manifest, self.key.with_name(key))
        return found.state, found.told


@pytest.fixture
def published(tmp_path: Path) -> Published:
    return Published(tmp_path)


def test_the_files_of_the_release_are_good_without_headquarters(published: Published) -> None:
    state, told = published.check()
    assert state == "good"
    assert told.startswith("2 files are as the signed release 1.2.3 says; ")


def test_a_changed_file_is_wrong(published: Published) -> None:
    (published.packages / "codered" / "scan.py").write_text("looks = 0\n")
    state, told = published.check()
    assert (state, told) == ("wrong", "not as the signed release 1.2.3 says: codered/scan.py was changed")


def test_headquarters_where_it_is_must_be_of_the_release_too(published: Published) -> None:
    (published.packages / "codered_hq" / "cli").mkdir(parents=True)
    assert "codered_hq/gate.py is missing" in published.check()[1]


def test_a_release_of_another_key_is_wrong(published: Published) -> None:
    make_key(published.key.with_name("other"))
    state, told = published.check(key="other.pub")
    assert state == "wrong"
    assert "is not signed by that key" in told


def test_a_changed_list_is_wrong(published: Published) -> None:
    """Who changes a file and the list of files is told by the signature."""
    folder = published.manifest.parent
    (folder / INSTALLED).write_text((folder / INSTALLED).read_text().replace("0" * 64, "1" * 64))
    state, told = published.check()
    assert state == "wrong"
    assert "is not the codered-files.sha256 that was signed" in told


def test_what_is_no_release_is_wrong_use(published: Published) -> None:
    published.manifest.with_name(SUMS).unlink()
    with pytest.raises(WrongUse, match="can't be read"):
        published.check()


def test_one_program_is_compared_whole(published: Published) -> None:
    assert published.check("program")[0] == "good"
    published.program.write_bytes(b"another program")
    assert published.check("program")[0] == "wrong"


def test_a_checkout_has_its_packs_beside_its_source(published: Published) -> None:
    packs = published.packages.parent / "packs"
    (published.packages / "codered" / "shipped_packs").rename(packs)
    assert published.check("checkout")[0] == "good"
    (packs / "planted").mkdir()
    (packs / "planted" / "pack.yaml").write_text("name: planted\n")
    assert "../packs/planted/pack.yaml is not in the list" in published.check("checkout")[1]


def test_a_checkout_has_nothing_more_that_python_would_run(published: Published) -> None:
    (published.packages / "codered" / "shipped_packs").rename(published.packages.parent / "packs")
    (published.packages / "msgspec.py").write_text("")
    assert "msgspec.py is not in the list" in published.check("checkout")[1]
    (published.packages / "msgspec.py").unlink()
    caches = published.packages / "codered" / "__pycache__"
    caches.mkdir()
    (caches / "scan.cpython-311.pyc").write_bytes(b"\xa7\r\r\n" + bytes(12))
    assert published.check("checkout")[0] == "good"
    (caches / "scan.cpython-311.pyc").write_bytes(b"\xa7\r\r\n" + b"\1\0\0\0" + bytes(8))
    assert "codered/__pycache__/scan.cpython-311.pyc is not in the list" in published.check("checkout")[1]


def test_with_the_one_file_beside_it_everything_is_compared(published: Published) -> None:
    """Libraries and compiled files too: Python runs these in place of their source."""
    listed = {name: digest((published.packages / name).read_bytes()) for name in FILES}
    published.carry({**listed, "library/a.so": digest(b"library")})
    (published.packages / "library").mkdir()
    (published.packages / "library" / "a.so").write_bytes(b"library")
    assert published.check()[0] == "good"
    (published.packages / "library" / "a.so").write_bytes(b"changed")
    assert "library/a.so was changed" in published.check()[1]
    (published.packages / "library" / "a.so").write_bytes(b"library")
    (published.packages / "sitecustomize.py").write_text("")
    assert "sitecustomize.py is not in the list" in published.check()[1]


def test_another_one_file_than_that_of_the_release_is_wrong(published: Published) -> None:
    published.carry({})
    published.manifest.with_name("codered.pyz").write_bytes(b"another")
    state, told = published.check()
    assert state == "wrong"
    assert "is not the one of the release" in told
    assert "—" not in told  # what to do is told once, behind it


def test_a_one_file_that_can_not_be_read_is_wrong_use(published: Published) -> None:
    published.carry({}, name="other.json")
    with pytest.raises(WrongUse, match="can't be read"):
        published.check()


def test_without_it_what_is_not_compared_is_told(published: Published) -> None:
    (published.packages / "sitecustomize.py").write_text("")
    state, told = published.check()
    assert state == "good"
    assert "libraries and compiled files are not compared: put codered.pyz of the release beside" in told
