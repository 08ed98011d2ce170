import re
import xml.etree.ElementTree as ElementTree

from codered.export.indicators.wazuh import FIRST_ID, IDS, make_wazuh
from tests.fixtures.asked_requests import list_asked, shipped
from tests.fixtures.exported_packs import make_log, with_signs

# What Wazuh's decoder `web-accesslog` takes from a line: method and address.
_ACCESS = re.compile(r'^\S+ \S+ \S+ .*\[\S+ \S\d+\] "(\w+) (\S+) HTTP\S+" (\d+) ')
Rule = ElementTree.Element


def read_rules(text: bytes) -> list[Rule]:
    return list(ElementTree.fromstring(text[text.index(b"<group") :]))


def judge(rule: Rule, line: str) -> bool:
    """What the rule would say of a line of an access log."""
    options = {option.tag: option.text or "" for option in rule}
    seen = _ACCESS.match(line)
    if options.get("if_sid") != "31100" or not seen:
        return False
    texts = {"protocol": seen[1], "url": seen[2], "regex": line}
    return all(re.search(options[name], text) for name, text in texts.items() if name in options)


def test_it_is_xml_with_ids_of_its_own_and_says_that_no_engine_has_seen_it() -> None:
    made = make_wazuh(shipped())
    text = made.files[0].data
    assert b"NOT VALIDATED" in text[: text.index(b"<group")]
    rules = read_rules(text)
    ids = [int(rule.attrib["id"]) for rule in rules]
    assert len(set(ids)) == len(ids) > 40
    assert all(FIRST_ID <= number < FIRST_ID + IDS for number in ids)
    assert {rule.attrib["level"] for rule in rules} == {"6", "10", "12"}
    assert {left.sign for left in made.left_out} >= {"sadmind-iis/tool-folder", "nimda/readme-exe", "kinsing/body"}


def test_lines_of_access_logs_are_judged_as_the_packs_judge_them() -> None:
    rules = read_rules(make_wazuh(shipped()).files[0].data)
    for one in (each for each in list_asked() if each.form == "access"):
        hit = any(judge(rule, one.line) for rule in rules)
        assert not hit or one.signs, one.line
        assert hit or not one.plain or not _ACCESS.match(one.line), one.line


def test_files_and_error_logs_have_rules_too() -> None:
    rules = read_rules(make_wazuh(shipped()).files[0].data)
    files = [rule for rule in rules if rule.findtext("if_group") == "syscheck"]
    fits = [r for r in files if re.search(r.findtext("field") or "", r"d:\inetpub\scripts\ROOT.EXE")]
    assert [r.findtext("description", "").split(":")[0] for r in fits] == ["codered2/root-exe"]
    errors = [rule for rule in rules if rule.findtext("decoded_as")]
    for one in (each for each in list_asked() if each.form == "apache_error"):
        assert any(re.search(r.findtext("regex") or "", one.line) for r in errors) == bool(one.errors), one.line


def test_hostile_words_stay_words() -> None:
    made = make_wazuh((with_signs(make_log(pattern="a&c", because="</rule> -- ]]> & <x>\x0b")),))
    (rule,) = read_rules(made.files[0].data)
    assert rule.findtext("url") == "(?i)a&c"
    assert rule.findtext("description") == "inert/request: </rule> -- ]]> & <x> "
    assert make_wazuh(()).files == ()
