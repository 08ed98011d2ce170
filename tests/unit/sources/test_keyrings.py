from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.sources.keyrings import Keyrings, NotSigned, check_signature
from tests.fixtures.signed_repository import Repository

DEB822 = """Types: deb
URIs: https://packages.example.org/debian/
Suites: x
Signed-By: /keys/one.gpg

Types: deb
URIs: http://deb.example.org/debian
Suites: y
"""
ONE_LINE = "deb [arch=amd64 signed-by=/keys/two.gpg] http://apt.example.org stable main\n# deb [x] http://no\n"


def test_which_keys_count(tmp_path: Path) -> None:
    for name in ("etc/apt/trusted.gpg.d/a.asc", "usr/share/keyrings/debian-archive-keyring.gpg",
                 "usr/share/keyrings/other.gpg", "usr/share/keyrings/debian-archive-removed-keys.gpg"):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "etc/apt/sources.list.d").mkdir()
    (tmp_path / "etc/apt/sources.list.d/x.sources").write_text(DEB822)
    (tmp_path / "etc/apt/sources.list").write_text(ONE_LINE)
    keyrings = Keyrings(root=tmp_path)
    assert keyrings.trusted_for("packages.example.org_debian_dists_x_") == [Path("/keys/one.gpg")]
    assert keyrings.trusted_for("apt.example.org_dists_stable_") == [Path("/keys/two.gpg")]
    general = ["a.asc", "debian-archive-keyring.gpg"]
    assert [path.name for path in keyrings.trusted_for("deb.example.org_debian_dists_y_")] == general
    named = tmp_path / "etc/apt/trusted.gpg.d/a.asc"
    assert Keyrings(named, tmp_path).trusted_for("apt.example.org_dists_stable_") == [named]


def test_a_repository_of_an_invented_name_gets_nothing_that_is_bound(tmp_path: Path) -> None:
    """An index file's name comes from the target."""
    bound = ("etc/apt/trusted.gpg.d/bound.gpg", "usr/share/keyrings/vendor-archive-keyring.gpg")
    free = ("etc/apt/trusted.gpg.d/free.gpg", "usr/share/keyrings/ubuntu-archive-keyring.gpg")
    unnamed = "usr/share/keyrings/gone-vendor-archive-keyring.gpg"  # whose repository is no longer there
    for name in (*bound, *free, unnamed):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    keys = ",".join(str(tmp_path / name) for name in (*bound, free[1]))
    (tmp_path / "etc/apt/sources.list").write_text(f"deb [signed-by={keys}] https://vendor.example.org stable main\n")
    keyrings = Keyrings(root=tmp_path)
    assert len(keyrings.trusted_for("vendor.example.org_dists_stable_")) == 3
    assert keyrings.trusted_for("x_dists_stable_") == [tmp_path / name for name in free]


def test_a_keyring_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="no such keyring"):
        Keyrings(tmp_path / "none")


def test_signatures(repository: Repository, tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    body = (repository.lists / "test_inert_InRelease").read_bytes()
    signed = check_signature(b"not signed\n" + body, None, [repository.keyring], work)
    assert signed.body.startswith(b"Origin: Test\n")
    assert b"not signed" not in signed.body
    assert len(signed.keys) == 1
    text = tmp_path / "keys.asc"
    text.write_bytes(repository.armored_keyring())
    assert check_signature(body, None, [text], work) == signed._replace(body=signed.body)
    repository.sign((repository.deb,), apart=True)
    release = (repository.lists / "test_inert_Release").read_bytes()
    apart = (repository.lists / "test_inert_Release.gpg").read_bytes()
    assert check_signature(release, apart, [repository.keyring], work) == signed._replace(body=release)
    for keyrings, signature, story in (
        ([], apart, "no keyring"),
        ([repository.keyring], b"", "does not verify"),
        ([tmp_path / "none.asc"], apart, "can't be read"),
    ):
        with pytest.raises(NotSigned, match=story):
            check_signature(release, signature, keyrings, work)
    with pytest.raises(NotSigned, match="does not verify"):
        check_signature(release + b"x", apart, [repository.keyring], work)
    text.write_bytes(b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n!\n-----END PGP PUBLIC KEY BLOCK-----\n")
    with pytest.raises(NotSigned):
        check_signature(release, apart, [text], work)
