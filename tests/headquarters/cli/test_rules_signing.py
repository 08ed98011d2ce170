from pathlib import Path

import pytest

from codered.signing.keys import make_key
from codered_hq.rules.samples import PLACEHOLDER, read_sample
from tests.fixtures.rules_of_engagement import FIRST_RULES
from tests.fixtures.saying import Say


def write_sample(folder: Path, version: int = 8) -> Path:
    path = folder / f"rules-{version}.yaml"
    path.write_bytes(read_named().replace(b"version: 8", f"version: {version}".encode()))
    return path


def read_named() -> bytes:
    """The sample, with somebody who answers for it."""
    return read_sample().replace(PLACEHOLDER.encode(), b"Erika Example")


@pytest.mark.django_db
def test_from_a_file_to_rules_in_force(say: Say, headquarters: Path, tmp_path: Path) -> None:
    path, key = write_sample(tmp_path), tmp_path / "erika.key"
    assert say("rules", "sign", path, "--key", key).code == 2
    told = say("rules", "sign", path, "--key", key, "--make-key")
    assert told.code == 0
    assert "made the key" in told.err
    assert f"trusts this key yet: put {key}.pub into {headquarters / 'keys' / 'approvers'}" in told.err
    signed = tmp_path / "rules-8.yaml.signed"
    told = say("rules", "use", signed)
    assert told.code == 4
    assert "no approver is known" in told.err
    approvers = headquarters / "keys" / "approvers"
    approvers.mkdir()
    (approvers / "erika.pub").write_bytes((tmp_path / "erika.key.pub").read_bytes())
    assert "trusts this key yet" not in say("rules", "sign", path, "--key", key).err
    told = say("rules", "use", signed)
    assert told.code == 0
    assert "is in force" in told.err
    assert say("rules", "show").out.encode() == path.read_bytes()
    assert "Version                           8" in say("rules", "card").out
    assert say("rules", "explain", "shut_vlan", "--tag", "never_touch", "--at", "2026-11-24").code == 4
    other = tmp_path / "max.key"
    assert say("rules", "sign", write_sample(tmp_path, 9), "--key", other, "--make-key").code == 0
    told = say("rules", "use", tmp_path / "rules-9.yaml.signed")
    assert told.code == 4
    assert "not trusted here" in told.err
    make_key(tmp_path / "cora")
    join = ("incident", "roster", "add", "Cora", "--role", "incident_commander")
    assert say(*join, "--public-key", tmp_path / "cora.pub").code == 0
    told = say("rules", "use", signed)  # now it takes somebody who may
    assert (told.code, "is neither incident_commander nor executive" in told.err) == (4, True)
    assert say("rules", "use", signed, "--as", "Cora", "--key", tmp_path / "cora").code == 0


def test_rules_that_break_a_promise_or_an_example_are_not_signed(say: Say, tmp_path: Path) -> None:
    path, key = tmp_path / "rules.yaml", tmp_path / "erika.key"
    path.write_bytes(FIRST_RULES)
    told = say("rules", "sign", path, "--key", key, "--make-key")
    assert told.code == 4
    assert "approved_by is still NAME OF THE APPROVER" in told.err
    assert "ATTENTION: approved_by" in say("rules", "check", path).err
    path.write_bytes(FIRST_RULES.replace(PLACEHOLDER.encode(), b"Erika Example"))
    told = say("rules", "sign", path, "--key", key, "--make-key")
    assert told.code == 4
    assert "a promise is broken: a vital host is cut off by two people only" in told.err
    path.write_bytes(read_named().replace(b"needs: [executive]\n", b"needs: [business]\n"))
    told = say("rules", "sign", path, "--key", key, "--make-key")
    assert told.code == 4
    assert "the examples do not hold" in told.err
    path.write_bytes(b"title: x")
    assert say("rules", "sign", path, "--key", key, "--make-key").code == 2
    path.write_bytes(read_sample())
    assert say("rules", "sign", path, "--key", key, "--make-key", "-o", tmp_path / "rules.txt").code == 2
    assert sorted(entry.name for entry in tmp_path.iterdir() if entry.is_file()) == ["rules.yaml"]
