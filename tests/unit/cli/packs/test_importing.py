import json
from pathlib import Path

import pytest

from codered.cli.packs.importing import KINDS
from codered.packs.importing import pack_writing
from tests.fixtures.saying import Say

RULES = """rule good { strings: $a = "INERT-IMPORTED" condition: $a }
rule bad { condition: filename == "x" }
"""


def test_rules_become_a_pack_that_scans(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "packs").mkdir()
    monkeypatch.setenv("CODERED_PACKS", str(tmp_path / "packs"))  # the shipped packs would be tried along
    (tmp_path / "set.yar").write_text(RULES)
    (tmp_path / "files").mkdir()
    (tmp_path / "files/text.php").write_text("an INERT-IMPORTED text")
    (tmp_path / "files/binary").write_bytes(bytes(100) + b"INERT-IMPORTED" + bytes(100))
    (tmp_path / "files/clean").write_text("nothing")
    pack = tmp_path / "packs/mine"
    answer = say("packs", "import", tmp_path / "set.yar", "--name", "mine", "--into", pack, "--kind", "web-shell")
    assert (answer.code, answer.out.splitlines()[0]) == (0, "yara: 2 rules read, 1 signs made, 1 refused")
    assert "set.yar:2: bad: needs the external variable `filename`" in answer.out
    assert say("packs", "lint", pack).code == 0
    assert say("packs", "test", pack).code == 0
    answer = say("scan", tmp_path / "files", "--packs", pack, "--json")
    findings = json.loads(answer.out)["findings"]
    assert answer.code == 1
    assert sorted((Path(item["subject"]["path"]).name, item["pack"], item["indicator"]) for item in findings) == [
        ("binary", "mine", "good"), ("text.php", "mine", "good"),
    ]  # fmt: skip


def test_an_existing_folder_and_useless_rules_are_wrong_use(say: Say, tmp_path: Path) -> None:
    (tmp_path / "set.yar").write_text(RULES)
    (tmp_path / "mine").mkdir()
    answer = say("packs", "import", tmp_path / "set.yar", "--name", "mine", "--into", tmp_path / "mine")
    assert (answer.code, "is there already" in answer.err) == (2, True)
    (tmp_path / "set.yar").write_text("rule bad { condition: nothing }")
    answer = say("packs", "import", tmp_path / "set.yar", "--name", "new", "--into", tmp_path / "new", "--json")
    assert (answer.code, "no rule can be used" in answer.err, (tmp_path / "new").exists()) == (2, True, False)
    (tmp_path / "set.yar").write_text(RULES)
    answer = say("packs", "import", tmp_path / "set.yar", "--name", "new", "--into", tmp_path / "new", "--json")
    document = json.loads(answer.out)
    assert (document["read"], document["content"], document["left"][0]["rule"]) == (2, 1, "bad")
    assert KINDS == pack_writing.KINDS
