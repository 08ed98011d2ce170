import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codered.model.errors import WrongUse
from codered_hq.rules.book import BreakGlass
from codered_hq.rules.reading import read_rules
from tests.fixtures.rules_of_engagement import ALLOW, FIRST_RULES, HEAD, read_sample_book, write_rules

LINES = (HEAD + ALLOW).splitlines()


def test_the_sample_is_read_whole() -> None:
    book = read_sample_book()
    assert (book.title, book.version, book.approved_role) == ("Rules of engagement - worm outbreak", 8, "executive")
    assert book.review_by.isoformat() == "2027-01-01"
    assert book.may_commandeer_staff
    assert book.tell_within_30_min == ("executive", "communications", "helpdesk")
    assert book.break_glass == BreakGlass("incident_commander", 86_400)
    assert book.groups["cut_off"] == ("isolate_host", "disable_port", "move_vlan", "block_address")
    assert [rule.id for rule in book.never][:3] == ["drill", "never-touch", "roe-expired"]
    assert len(book.examples) >= 40
    assert len(book.digest) == 64


def test_the_first_rules_are_read_as_they_were_written() -> None:
    book = read_rules(FIRST_RULES, "first.yaml")
    assert len(book.never) + len(book.allow) == 14
    assert (book.break_glass, book.examples, book.timezone) == (None, (), "UTC")


def test_own_tags_and_time_zones() -> None:
    book = write_rules("timezone: Europe/Berlin\ntags: {plc: Controls a machine.}\n" + ALLOW + "    if: {tag: plc}\n")
    assert book.tags == {"plc": "Controls a machine."}
    assert book.allow[0].condition.tags == {"plc"}


@pytest.mark.parametrize(
    ("line", "text", "what"),
    [
        (1, "titel: x", "unknown key `titel`"),
        (1, "title: ''", "`title` is empty"),
        (1, "title: [x]", "`title` is no text"),
        (1, "title: " + "x" * 301, "longer than 300"),
        (2, "version: 0", "`version` can't be '0'"),
        (2, "version: 1.5", "`version` can't be '1.5'"),
        (2, "version: 99999999999999", "`version` can't be"),
        (2, "title: x", "the key `title` a second time"),
        (3, "approved_by: {name: E, role: boss, on: 2026-01-01}", "no role is called 'boss'"),
        (3, "approved_by: {name: E, role: legal}", "lacks the key `on`"),
        (3, "approved_by: E", "is no block"),
        (4, "review_by: soon", "`review_by` can't be 'soon'"),
        (4, "review_by: 2026-02-30", "`review_by` can't be"),
        (4, "review_by: 2025-12-31", "before the approval"),
        (4, "review_by: &a 2026-12-31", "an anchor"),
        (4, "review_by: !!str 2026-12-31", "a tag"),
        (5, "business_hours: always", "it is not like"),
        (5, "business_hours: Mon-Fri 19:00-07:00", "it ends before it begins"),
        (5, "business_hours: Mon-Fri 07:00-25:00", "there is no such time"),
        (5, "business_hours: Fri-Mon 07:00-19:00", "its days run backwards"),
        (5, "timezone: Mars/Olympus", "no time zone"),
        (5, "timezone: Europe", "no time zone"),
        (5, "timezone: ../../etc/passwd", "no time zone"),
        (5, "may_commandeer_staff: true", "`may_commandeer_staff` can't be 'true'"),
        (5, "contacts: {tell_within_30_min: []}", "is an empty list"),
        (5, "contacts: {tell_within_30_min: [nobody]}", "no role is called"),
        (5, "contacts: {tell_within_5_min: [legal]}", "unknown key"),
        (5, "tags: {vital: mine}", "the tag `vital` is built in"),
        (5, "tags: {Big: mine}", "can't be called 'Big'"),
        (5, "tags: {}", "no tag"),
        (5, "groups: {scan: [scan]}", "called like a kind of action"),
        (5, "groups: {looks: [scna]}", "no kind of action is called 'scna'"),
        (5, "groups: {looks: [scan, scan]}", "holds a kind twice"),
        (5, "groups: {looks: []}", "is an empty list"),
        (5, "break_glass: {role: legal}", "lacks the key `review_within`"),
        (5, "break_glass: {role: legal, review_within: 4 hours}", "`review_within` can't be '4 hours'"),
        (6, "allow: []", "is an empty list"),
        (6, "<<: {allow: x}", "unknown key"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line(line: int, text: str, what: str) -> None:
    lines = LINES[: line - 1] + [text] + ([] if line == 6 else LINES[line:])
    with pytest.raises(WrongUse, match=f"^rules.yaml:{line}: ") as refused:
        read_rules("\n".join(lines).encode(), "rules.yaml")
    assert what in str(refused.value)
    assert refused.value.advice


@pytest.mark.parametrize("key", ["title", "version", "approved_by", "review_by", "allow"])
def test_what_is_missing_is_named(key: str) -> None:
    kept = HEAD + ALLOW if key != "allow" else HEAD
    lines = [line for line in kept.splitlines() if not line.startswith(key + ":")]
    with pytest.raises(WrongUse, match=f"the file lacks the key `{key}`"):
        read_rules("\n".join(lines).encode(), "rules.yaml")


@pytest.mark.parametrize(
    "raw",
    [
        b"", b" \n# only words\n", b"\x00\x01\xff", b"[1, 2]", b"word", b"--- 1\n--- 2\n", b"[" * 60, b"{a: " * 60,
        (HEAD + ALLOW).encode("utf-16"), codecs.BOM_UTF8 + HEAD.encode(), b"\t", b"a: *b\n", b"%YAML 1.1\n---\na: b\n",
        b"# " + b"x" * (1 << 20),
    ],
)  # fmt: skip
def test_what_is_no_rules_is_one_line(raw: bytes) -> None:
    with pytest.raises(WrongUse) as refused:
        read_rules(raw, "rules.yaml")
    assert "\n" not in str(refused.value)
    assert "pack-format" not in str(refused.value)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.integers(0, len(HEAD + ALLOW)), st.integers(0, 12))
def test_only_wrong_use_is_ever_raised(text: str, place: int, cut: int) -> None:
    whole = HEAD + ALLOW
    for raw in (
        text.encode(errors="surrogatepass"),
        (whole[:place] + text + whole[place + cut :]).encode(errors="replace"),
    ):
        try:
            read_rules(raw, "rules.yaml")
        except WrongUse as refused:
            told = str(refused)
        else:
            told = ""
        assert "\n" not in told
