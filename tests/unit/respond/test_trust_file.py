import os
from pathlib import Path

import pytest

from codered.model.errors import Refused
from codered.respond import trust_file
from codered.signing.keys import public_bytes
from tests.fixtures.jobs import Headquarters


@pytest.fixture
def hq(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Headquarters:
    made = Headquarters(tmp_path / "hq")
    monkeypatch.setenv("CODERED_TRUST", str(made.write_trust("baseline")))
    return made


def refuse(match: str) -> None:
    with pytest.raises(Refused, match=match):
        trust_file.read_trust()


def test_it_names_who_is_obeyed_and_what_root_may_still_do(hq: Headquarters) -> None:
    trusted = trust_file.read_trust()
    assert trusted is not None
    assert (trusted.trust.host, trusted.trust.local) == ("web-1", ("baseline",))
    assert trusted.keys == {public_bytes(hq.key)}
    assert trusted.name_keys().startswith("ed25519:")


def test_a_host_without_one_obeys_its_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CODERED_TRUST", raising=False)
    assert trust_file.read_trust() is None


def test_no_variable_leads_past_the_one_that_is_there(
    hq: Headquarters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trust_file, "TRUST_FILE", hq.folder / "trust.toml")
    other = Headquarters(tmp_path / "other")
    monkeypatch.setenv("CODERED_TRUST", str(other.write_trust(host="another")))
    trusted = trust_file.read_trust()
    assert trusted is not None
    assert trusted.trust.host == "web-1"


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("", "missing required field"),
        ("host = [", "Invalid value"),
        ('format = "codered/trust/1"\nhost = "a"\nkey_files = []\n', "1 to 64 `key_files`"),
        ('format = "codered/trust/1"\nhost = ""\nkey_files = ["headquarters.key.pub"]\n', "it must name `host`"),
        ('format = "codered/trust/1"\nhost = "a"\nkey_files = ["k.pub"]\n', r"k\.pub: .* it can't be read: No such"),
        ('format = "codered/trust/1"\nhost = "a"\nkey_files = ["trust.toml"]\n', "is no public key"),
        ('format = "codered/trust/1"\nhost = "a"\nkey_files = ["/dev/zero"]\n', "is no regular file"),
        ('format = "codered/trust/1"\nhost = "a"\nkey_files = ["a"]\nlocals = ["apply"]\n', "unknown field"),
        ('format = "codered/trust/1"\nhost = "a"\nkey_files = ["a"]\nlocal = ["everything"]\n', "Invalid enum value"),
        ("#" * 70_000, "larger than 64 KiB"),
    ],
)
def test_a_broken_one_lets_nothing_through(hq: Headquarters, text: str, because: str) -> None:
    (hq.folder / "trust.toml").write_text(text)
    refuse(because)


def test_one_that_others_may_have_written_lets_nothing_through(hq: Headquarters) -> None:
    path = hq.folder / "trust.toml"
    path.chmod(0o664)
    refuse("others may write it")
    path.chmod(0o644)
    hq.public.chmod(0o666)
    refuse("pub: .*others may write it")
    hq.public.chmod(0o644)
    hq.folder.chmod(0o777)
    refuse("others may write in its folder")
    hq.folder.chmod(0o755)
    if os.geteuid() == 0:
        os.chown(path, 1234, -1)
        refuse("belongs to user 1234")
        os.chown(path, 0, -1)
    path.rename(hq.folder / "real.toml")
    path.symlink_to("real.toml")
    refuse("it can't be read: Too many levels of symbolic links")
    path.unlink()
    refuse("it is not there, and CODERED_TRUST names it")
    os.mkfifo(path)
    refuse("is no regular file")
