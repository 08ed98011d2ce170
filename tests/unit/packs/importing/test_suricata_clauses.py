import pytest

from codered.packs.importing.sigma_fields import Clause, Inexpressible
from codered.packs.importing.suricata_clauses import ClauseReader
from codered.packs.importing.suricata_options import read_rule


def read(options: str) -> tuple[tuple[Clause, ...], list[str]]:
    reader = ClauseReader()
    return reader.read(read_rule(f"alert http any any -> any any ({options})")), reader.notes


def told(options: str) -> list[tuple[str, str, bool]]:
    return [(clause.part, clause.ways[0].pattern, clause.ways[0].at_start) for clause in read(options)[0]]


def test_new_and_old_buffers_and_chains() -> None:
    assert told('http.method; content:"GET"; http.uri; content:"/a.php"; startswith; content:"id="; distance:0;') == [
        ("method", "GET", False),
        ("request", r"\/a\.php.*id=", True),
    ]
    assert told('content:"/a.php"; http_uri; nocase; content:"bot"; http_user_agent; uricontent:"x"; depth:1;') == [
        ("request", r"\/a\.php", False),
        ("agent", "bot", False),
        ("request", "x", True),
    ]
    assert told(r'http.uri; content:"/x"; pcre:"/^[0-9]{3}\.php/R"; content:"z"; endswith;') == [
        ("request", r"\/x.*[0-9]{3}\.php", False),
        ("request", "z$", False),
    ]
    assert told(r'pcre:"/^\/x\d+$/Ui";') == [("request", r"\/x\d+$", True)]
    assert read('http.uri; content:"<script";')[0][0].ways[0].literals == ("script",)


def test_what_makes_it_wider_is_noted() -> None:
    _, notes = read(
        'http.uri; content:"abcd"; offset:4; within:9; content:!"x"; pcre:!"/y/"; urilen:>9; flowbits:set,x;'
    )
    assert len(notes) == 6
    assert read('http.uri; content:"abcd"; offset:0; distance:0;')[1] == []


@pytest.mark.parametrize(
    ("places", "at_start", "notes"),
    [
        ("depth:4;", True, 0),
        ("offset:0; depth:4;", True, 0),
        ("depth:4; offset:0;", True, 0),
        ("offset:5; depth:4;", False, 2),
        ("depth:4; offset:5;", False, 2),
        ("depth:9;", False, 1),
        ("offset:somewhere; depth:4;", False, 2),
        ("startswith;", True, 0),
    ],
)
def test_what_is_counted_from_an_offset_is_not_the_start(places: str, at_start: bool, notes: int) -> None:
    clauses, told_notes = read(f'http.uri; content:"abcd"; {places}')
    assert clauses[0].ways[0].at_start is at_start
    assert len(told_notes) == notes
    assert all("finds more" in note for note in told_notes)


def test_a_distance_below_zero_asks_for_no_order() -> None:
    both = 'http.uri; content:"abcd"; content:"cdef"; distance:-2; within:4;'
    assert [pattern for _, pattern, _ in told(both)] == ["abcd", "cdef"]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ('http.request_body; content:"x";', "http.request_body"),
        ('content:"x";', "raw payload"),
        ("sid:1;", "no content"),
        ('tls.sni; content:"x";', "tls.sni"),
        ('flow:to_client; http.uri; content:"x";', "answers"),
        ("http_uri;", "before any"),
        ('http.uri; content:"x"; byte_test:1,>,2,3;', "byte_test"),
        ("nocase; depth:1;", "before any"),
        ('http.uri; pcre:"/a(?=b)/";', "linear"),
        ('http.uri; pcre:"/a/x";', "flags"),
        ('http.uri; pcre:"a";', "can't be read"),
        ('http.uri; pcre:"/^a|b/";', "not for all of it"),
        ('flowbits:isset,x; http.uri; content:"x";', "flowbits"),
        ('http.uri; content:"x"; content:"y"; distance:0; startswith;', "can't be together"),
    ],
)
def test_what_no_log_has_is_told(options: str, why: str) -> None:
    with pytest.raises(Inexpressible, match=why):
        read(options)
