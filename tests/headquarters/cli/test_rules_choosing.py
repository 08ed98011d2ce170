from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from codered.model.errors import Refused, WrongUse
from codered_hq.cli.rules_choosing import choose_rules
from codered_hq.rules.samples import read_sample
from codered_hq.rules.signing import sign_rules
from tests.fixtures.saying import Say


def test_a_file_signed_or_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain, signed = tmp_path / "rules.yaml", tmp_path / "rules.yaml.signed"
    plain.write_bytes(read_sample())
    signed.write_bytes(sign_rules(read_sample(), Ed25519PrivateKey.generate()))
    assert choose_rules(str(plain)) == choose_rules(str(signed))
    assert "signed by ed25519:" in capsys.readouterr().err
    body = signed.read_bytes()
    signed.write_bytes(body[:60] + (b"A" if body[60:61] != b"A" else b"B") + body[61:])
    with pytest.raises(Refused, match="changed since"):
        choose_rules(str(signed))


def test_what_is_no_rules_is_one_line(tmp_path: Path) -> None:
    link = tmp_path / "link.yaml"
    link.symlink_to(tmp_path / "rules.yaml")
    (tmp_path / "large.yaml").write_bytes(b"#" * (1 << 20) + b"#")
    (tmp_path / "junk.signed").write_bytes(b"{}")
    for name in ("link.yaml", "large.yaml", "junk.signed", "none.yaml", ""):
        with pytest.raises(WrongUse):
            choose_rules(str(tmp_path / name))


@pytest.mark.django_db
def test_without_rules_in_force_it_is_said_what_to_do(say: Say) -> None:
    told = say("rules", "show")
    assert told.code == 2
    assert "no rules are in force" in told.err
    assert "codered rules use" in told.err
