from pathlib import Path

from codered.engine import Matcher, RuleSource, compile_sources
from codered.packs.importing.imported import Imported
from codered.packs.importing.yara_rules import import_yara

SOURCE = r"""import "pe"
import "nosuchmodule"
import "cuckoo"
private rule helper { strings: $a = "INERT-HELPER" condition: $a }
private rule lonely { condition: filesize == 1 }
rule good { meta: author = "A" license = "MIT" strings: $a = "INERT-GOOD" condition: $a and helper }
rule relaxed { strings: $a = /INERT\-RELAXED\R{}/ condition: $a }
rule modular { condition: nosuchmodule.x == 1 }
rule external { strings: $a = "INERT" condition: $a and filename == "x" }
rule slow { strings: $a = /[0-9]+/ condition: $a }
rule looks { strings: $a = /INERT(?=x)/ condition: $a }
rule back { strings: $a = /(INERT)x\1/ condition: $a }
rule misread { strings: $a = /INERT[",' ]/ condition: $a }
rule wrong { strings: $a = "INERT" condition: $a and $nothing }
rule wild { condition: any of (good*) }
rule dependant { condition: wrong or external }
rule anything { condition: true }
rule size { strings: $a = "INERT" condition: filesize < 9MB or $a }
rule loops { strings: $a = "INERT" condition: $a and for any i in (0..filesize) : (uint8(i) == 1) }
rule sandbox { condition: cuckoo.network.http_request(/INERT/) }
rule unread { strings: $a = "
"""


def bring(folder: Path, text: str | bytes) -> Imported:
    file = folder / "set.yar"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return import_yara(((folder, (file,)),), "likely")


def test_good_rules_come_over_and_each_other_is_named_with_the_reason(tmp_path: Path) -> None:
    made = bring(tmp_path, SOURCE)
    assert [sign.rule for sign in made.content] == ["good", "relaxed"]
    assert (made.read, made.authors, made.licences) == (18, ("A",), ("MIT",))
    why = {item.rule: item.why for item in made.left}
    expected = {
        'import "nosuchmodule"': "no such module", "modular": "needs the module nosuchmodule",
        "external": "external variable `filename`", "slow": "slow", "looks": "looks around", "back": "refers back",
        "misread": "misreads the class", "wrong": "the engine does not take it", "wild": "names rules by a pattern",
        "dependant": "which is refused", "unread": "can't be read", "lonely": "private",
        "anything": "can match without any string", "size": "can match without any string",
        "loops": "loops over every byte", "sandbox": "needs a sandbox report",
    }  # fmt: skip
    assert {name for name in expected if expected[name] not in why.get(name, "")} == set()
    assert set(why) == set(expected)
    assert [item.rule for item in made.left if not item.is_rule] == ['import "nosuchmodule"']
    assert all(f"set.yar:{line}" in {item.rule: item.where for item in made.left}[name]
               for name, line in (("modular", 8), ("wrong", 14)))  # fmt: skip
    matcher = Matcher(compile_sources([RuleSource("n", made.rules, "")], relaxed=True))
    found = [match.rule for match in matcher.match(b"INERT-GOOD INERT-HELPER INERT-RELAXEDR{}")]
    assert found == ["good", "relaxed"]


def test_other_encodings_and_nothing_at_all(tmp_path: Path) -> None:
    marked = b'strings: $a = "INERT" condition: $a }\n'
    latin = b'rule a { meta: author = "\xe9" ' + marked + b"rule b { " + marked
    made = bring(tmp_path, latin)
    assert ([sign.rule for sign in made.content], made.left[0].rule) == (["b"], "a")
    assert "not UTF-8" in made.left[0].why
    assert bring(tmp_path, b"\xef\xbb\xbf").content == ()
    assert bring(tmp_path, "// nothing").rules.strip() == ""
