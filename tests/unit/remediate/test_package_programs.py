"""Apt, asked by way of a real repository in test_upgrade_package.py; here what it answers is read. dnf: its words."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from codered.model.plan import PackageState
from codered.remediate import package_programs
from codered.remediate.file_state import ChangeFailed
from codered.remediate.package_programs import Apt, Candidate, Dnf, choose_program, is_plain, list_fetched

PACKAGE = PackageState(manager="dpkg", name="idq", architecture="amd64", version="1.0")
HTTPD = PackageState(manager="rpm", name="httpd", architecture="x86_64", version="2.4.57-8.el9")
SIMULATED = """NOTE: This is only a simulation!
Inst libidq1 [1.0] (2.0 Debian:12/stable [amd64])
Inst idq [1.0] (2.0 Debian:12/stable [amd64]) []
Inst idq-data (2.0 Debian:12/stable [all])
Conf idq (2.0 Debian:12/stable [amd64])
"""


class Told:
    """Gives set answers, and remembers what was asked and done."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.words: list[tuple[str, ...]] = []

    def ask(self, words: Sequence[str], folder: str | None = None, seconds: int = 0) -> str:
        self.words.append(tuple(words))
        if not self.answers:
            raise ChangeFailed("no answer")
        return self.answers.pop(0)

    def do(self, words: Sequence[str], log: int, locks: tuple[str, ...] = ()) -> None:
        self.words.append(tuple(words))


def tell(monkeypatch: pytest.MonkeyPatch, *answers: str) -> Told:
    told = Told(*answers)
    monkeypatch.setattr(package_programs, "ask", told.ask)
    monkeypatch.setattr(package_programs, "carry_out", told.do)
    monkeypatch.setattr(package_programs, "wait_for_locks", lambda _: None)
    return told


def test_versions_of_this_very_host() -> None:
    if not shutil.which("dpkg-query"):
        pytest.skip("no dpkg here")
    version, whole = Apt().read_version(PackageState(manager="dpkg", name="dpkg", architecture="", version=""))
    assert version
    assert whole
    assert Apt().read_version(PackageState(manager="dpkg", name="no-such-package", architecture="all")) == ("", True)


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("installed 1:1.0-2\n", ("1:1.0-2", True)),
        ("half-configured 2.0\n", ("2.0", False)),
        ("unpacked 2.0", ("2.0", False)),
        ("config-files 1.0", ("", True)),
        ("not-installed ", ("", True)),
    ],
)
def test_half_way_is_told(monkeypatch: pytest.MonkeyPatch, said: str, wanted: tuple[str, bool]) -> None:
    tell(monkeypatch, said)
    assert Apt().read_version(PACKAGE) == wanted


def test_the_candidate_and_its_source(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = "idq:\n  Installed: 1.0\n  Candidate: 2.0+b1\n  Version table:\n"
    told = tell(monkeypatch, policy, "Package: idq\nSource: idq-src (2.0)\n")
    assert Apt().find_candidate(PACKAGE) == Candidate("2.0+b1", "2.0")
    assert told.words[0] == ("apt-cache", "policy", "idq:amd64")
    tell(monkeypatch, policy, "Package: idq\nSource: idq-src\n")
    assert Apt().find_candidate(PACKAGE) == Candidate("2.0+b1", "2.0+b1")
    tell(monkeypatch, "  Candidate: (none)\n")
    assert Apt().find_candidate(PACKAGE) == Candidate("", "")


def test_everything_that_changes_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    tell(monkeypatch, SIMULATED)
    changes = Apt().list_changes(PACKAGE)
    assert [(one.name, one.architecture, one.version) for one in changes] == [
        ("libidq1", "amd64", "1.0"), ("idq", "amd64", "1.0"), ("idq-data", "all", ""),
    ]  # fmt: skip
    tell(monkeypatch, SIMULATED + "Remv other [3.0]\n")
    with pytest.raises(ChangeFailed, match="would remove other"):
        Apt().list_changes(PACKAGE)


def test_what_apt_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told = tell(monkeypatch)
    Apt().upgrade(PACKAGE, 1)
    first, second = told.words
    assert first[0] == "dpkg"
    assert first[-2:] == ("--configure", "-a")
    assert second[:2] == ("apt-get", "-y")
    assert second[-4:] == ("--no-remove", "--only-upgrade", "install", "idq:amd64=1.0")
    assert Apt().can_fetch(PACKAGE) is False
    Apt().reinstall(("/x/1.deb",), 1)
    assert told.words[-1][-2:] == ("--install", "/x/1.deb")


def test_what_dnf_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told = tell(monkeypatch, "0:2.4.57-5.el9\n", "0:2.4.57-8.el9\n", "x.rpm\n")
    dnf = choose_program("rpm")
    assert isinstance(dnf, Dnf)
    assert dnf.read_version(HTTPD) == ("2.4.57-5.el9", True)
    assert dnf.find_candidate(HTTPD).version == "2.4.57-8.el9"
    assert dnf.can_fetch(HTTPD)
    dnf.upgrade(HTTPD, 1)
    assert told.words[-1:] == [("dnf", "-y", "upgrade", "httpd-2.4.57-8.el9.x86_64")]
    dnf.reinstall(("/x/1.rpm",), 1)
    assert told.words[-1:] == [("rpm", "-U", "--oldpackage", "--replacepkgs", "/x/1.rpm")]
    assert dnf.read_version(HTTPD) == ("", True)


def test_only_packages_count_in_a_folder(tmp_path: Path) -> None:
    for name in ("b.rpm", "a.deb", "notes"):
        (tmp_path / name).touch()
    assert list_fetched(str(tmp_path)) == (str(tmp_path / "a.deb"), str(tmp_path / "b.rpm"))


@pytest.mark.parametrize(
    ("name", "version", "architecture", "wanted"),
    [
        ("g++", "4:12.2.0-3", "", True),
        ("python3.11-minimal", "1.0~rc1+b2", "amd64", True),
        ("kernel-core", "5.14.0-70.el9_0", "x86_64", True),
        ("idq-", "1.0", "all", False),  # to apt: remove it
        ("idq", "1.0-", "all", False),
        ("-y", "1.0", "all", False),
        ("idq", "1.0", "all;x", False),
        ("idq\n", "1.0", "all", False),
        ("idq", "", "all", False),
    ],
)
def test_words_that_are_a_package(name: str, version: str, architecture: str, wanted: bool) -> None:
    package = PackageState(manager="dpkg", name=name, version=version, architecture=architecture)
    assert is_plain(package) is wanted
