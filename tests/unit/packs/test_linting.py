"""A minimal valid pack, broken in one place at a time: each mistake gives its file, its line and what to do."""

from collections.abc import Callable
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.packs.linting import Problem, lint_pack, lint_packs
from codered.packs.loading import load_pack

WritePack = Callable[..., Path]
LineOf = Callable[[Path, str], int]


def test_the_minimal_pack_has_no_problem(write_pack: WritePack) -> None:
    assert lint_packs((load_pack(write_pack()),)) == ()


# file, old text, new text, the text in whose line the problem is, words of the problem, words of the advice
REFUSED_ON_LOADING = [
    ("pack.yaml", "kind: worm", "kind: wrom", "kind: wrom", "can't be 'wrom'", "did you mean `worm`"),
    ("pack.yaml", "title: Demo", "titel: Demo", "titel:", "unknown key `titel`", "did you mean `title`"),
    ("pack.yaml", "    because: The body", "    becuase: The body", "becuase", "`becuase`", "`because`"),
    (
        "pack.yaml",
        "    direction: out\n    pattern",
        "    pattern",
        "- id: demo-sent",
        "lacks the key `direction`",
        "out",
    ),
    ("pack.yaml", "format: 1", "format: 2", "format: 2", "`format` can't be '2'", "one of 1"),
    ("pack.yaml", "name: demo", "name: Demo Worm", "name: Demo", "`name` can't be", "small letters and digits"),
    ("pack.yaml", "version: 2026.11.1", "version: 1.0", "version: 1.0", "`version` can't be", "year.month.number"),
    ("pack.yaml", "'2001-07-12'", "'July 2001'", "July 2001", "`first_seen` can't be", "YYYY-MM-DD"),
    ("pack.yaml", "ports: [80]", "ports: [http]", "ports: [http]", "`ports` can't be 'http'", "whole number"),
    ("pack.yaml", "share: 0.5", "share: half", "share: half", "`share` can't be 'half'", "number"),
    ("pack.yaml", "method: GET", "method: POST", "method: POST", "`method` can't be 'POST'", "GET, HEAD, OPTIONS"),
    ("pack.yaml", "attack: [T1190]", "attack: T1190", "attack: T1190", "`attack` can't be 'T1190'", "a list"),
    ("pack.yaml", "title: Demo worm", "title: Demo\ntitle: worm", "title: worm", "a second time", "line"),
    ("pack.yaml", "title: Demo worm", "title: &a Demo", "title: &a", "an anchor", "write the value out"),
    ("pack.yaml", "title: Demo worm", "title:\tDemo", "title:\t", "a tab", "spaces"),
]

FOUND_BY_CHECKS = [
    ("rules.yar", "$other or", "$missing or", "$missing or", "unknown pattern", "correct"),
    ("rules.yar", "/demo[0-9]{2}worm/", "/[a-z]+[0-9]+/", "$other =", "slow pattern", "literal of 4 bytes"),
    ("rules.yar", "any of ($anchor*) and (", "any of ($anchor*) or (", "rule demo_body",
     "any of ($anchor*)", "and (…)"),
    ("rules.yar", '"DEMO-WORM-MARKER"', '"ab"', '"ab"', "shorter than 4 bytes", "longer literal"),
    ("rules.yar", '"DEMO-WORM-MARKER"', '"DEMO" nocase', '"DEMO" nocase', "modifier nocase", "case-sensitive"),
    ("rules.yar", "rule demo_body", "global rule demo_body", "global rule", "is global", "silence"),
    ("pack.yaml", "rule: demo_body", "rule: demo_bdy", "rule: demo_bdy", "no rule `demo_bdy`", "`demo_body`"),
    ("pack.yaml", "version: 2026.11.1", "version: 2026.13.1", "version:", "no such month", "YEAR.MONTH"),
    ("pack.yaml", "attack: [T1190]", "attack: [T119]", "attack:", "no ATT&CK id", "T1190"),
    ("pack.yaml", "cves: [CVE-2001-0500]\nattack", "cves: [2001-0500]\nattack", "cves: [2001", "no CVE", "CVE-2001"),
    ("pack.yaml", "id: hearsay", "id: source", "id: source", "a second time", "own id"),
    ("pack.yaml", "id: demo-value", "id: demo-sent", "id: demo-sent", "a second indicator", "another id"),
    ("pack.yaml", "id: demo-process", "id: Demo Process", "id: Demo Process", "can't be an id", "lower-case"),
    ("pack.yaml", "because: The worm runs.", "because: ' '", "because: ' '", "gives no reason", "sentence"),
    ("pack.yaml", "references: [hearsay]", "references: [rumour]", "[rumour]", "no reference `rumour`", "source"),
    ("pack.yaml", "references: [hearsay]", "references: []", "references: []", "rests on no reference", "name"),
    ("pack.yaml", "confidence: suspicious", "confidence: likely", "NOT-USED",
     "unverified references only", "suspicious"),
    ("pack.yaml", r"paths: ['?:\inetpub", r"paths: ['inetpub", "paths: ['inetpub", "no absolute path", "any drive"),
    ("pack.yaml", r"'C:\demo\*.exe'", r"'C:\demo\..\x'", r"'C:\demo\..\x'", "no absolute path", "any drive"),
    ("pack.yaml", r"'C:\demo\*.exe'", "/demo/x", "/demo/x", "no path on windows", "platform"),
    ("pack.yaml", "names: [demo.exe]", "listens: [70000]", "listens: [70000]", "no port", "65535"),
    ("pack.yaml", "    equals: ['1']\n", "", "- id: demo-value", "hits no data", "`equals` or `pattern`"),
    ("pack.yaml", "    pattern: '^GET /demo'\n", "", "- id: demo-sent", "either a pattern or a rule", "exactly one"),
    ("pack.yaml", "'^GET /demo'", "'^GET (/demo'", "'^GET (", "not a pattern", "correct"),
    ("pack.yaml", "literals: [/demo.ida]", "literals: [ida]", "literals: [ida]", "shorter than 4", "longer text"),
    ("pack.yaml", "literals: [/demo.ida]", "literals: []", "literals: []", "no literal", "every matching line"),
    ("pack.yaml", "literals: [/demo.ida]", "literals: [/demo.idq]", "literals:", "only 0 hold", "every matching line"),
    ("pack.yaml", r"'/demo\.ida\?N{20,}'", "'/demo[a'", "'/demo[a'", "not a pattern", "correct"),
    ("pack.yaml", "status: ['404']", "status: ['4o4']", "status: ['4o4']", "no HTTP status", "404"),
    ("pack.yaml", "          version: 5.0.1\n", "", "- says: patched", "a file without a version", "version_at_least"),
    ("pack.yaml", "          not_before: '2001-05-25'\n", "", "version: 5.0.1", "without a date", "not_before"),
    ("pack.yaml", "'2001-05-25'", "'2001-25-05'", "'2001-25-05'", "no date", "YYYY-MM-DD"),
    ("pack.yaml", "version: 5.0.1", "version: SP5", "version: SP5", "no version", "dots"),
    ("pack.yaml", "        - says: patched\n", "        - says: patched\n          package: x\n",
     "- says", "file and package", "one of"),
    ("pack.yaml", "share: 0.5", "share: 0.6", "addresses:", "add up to 1.1", "at most 1"),
    ("pack.yaml", "share: 0.5", "share: nan", "- share: nan", "no share", "0 to 1"),
    ("pack.yaml", "  ports: [80]\n  references: [source]\n  addresses",
     "  ports: [0]\n  references: [source]\n  addresses", "ports: [0]", "0 is no port", "65535"),
    ("pack.yaml", "path: /NULL.ida", "path: /scripts/root.exe?/c+dir", "path: /scripts", "the probe holds", "harmless"),
    ("pack.yaml", "path: /NULL.ida", "path: /a/%2e%2e/b", "path: /a", "a way out", "harmless"),
    ("pack.yaml", "status: ['200']", "status: [ok]", "- says: exposed", "no HTTP status", "404"),
    ("pack.yaml", r"body: NULL\.ida", "body: 'a(b'", "- says: exposed", "not a pattern", "body"),
    ("pack.yaml", "indicators: [dropped]", "indicators: [droped]", "[droped]", "no indicator `droped`", "`dropped`"),
    ("pack.yaml", r"path: C:\winnt\explorer.exe", r"path: C:\DEMO\x.exe", r"path: C:\DEMO",
     "must not be touched", "narrow"),
    ("expected.json", '"indicator": "dropped"', '"indicator": "droped"', "droped",
     "no indicator `droped`", "`dropped`"),
    ("expected.json", '"hit/requests.log"', '"hit/request.log"', "request.log", "no hit example", "`hit/requests.log`"),
    ("expected.json", '"count": 2', '"count": 3', "NOT-USED", "only 2 hold", "every matching line"),
    ("examples/hit/volume.tree.yaml", "C/inetpub", "../inetpub", "NOT-USED", "leads out", "relative"),
    ("examples/hit/volume.tree.yaml", "text:", "txet:", "txet:", "unknown key `txet`", "`text`"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "line", "what", "advice"), REFUSED_ON_LOADING)
def test_a_pack_that_is_not_in_the_format_is_refused(
    write_pack: WritePack, line_of: LineOf, file: str, old: str, new: str, line: str, what: str, advice: str
) -> None:
    folder = write_pack((file, old, new))
    with pytest.raises(WrongUse) as caught:
        load_pack(folder)
    assert caught.value.where == f"{folder / file}:{line_of(folder / file, line)}"
    assert what in caught.value.what
    assert advice in caught.value.advice


@pytest.mark.parametrize(("file", "old", "new", "line", "what", "advice"), FOUND_BY_CHECKS)
def test_a_mistake_in_a_pack_is_found_with_its_line(
    write_pack: WritePack, line_of: LineOf, file: str, old: str, new: str, line: str, what: str, advice: str
) -> None:
    folder = write_pack((file, old, new))
    problems = lint_pack(load_pack(folder))
    found = [problem for problem in problems if what in problem.what]
    assert found, problems
    assert advice in found[0].advice
    assert found[0].level == "error"
    if line != "NOT-USED":
        *_, last = (n for n, text in enumerate((folder / file).read_text().split("\n"), 1) if line in text)
        assert found[0].where in {f"{folder / file}:{n}" for n in (line_of(folder / file, line), last)}


@pytest.mark.parametrize(
    ("file", "what"),
    [
        ("examples/clean/ordinary.log", "no clean example"),
        ("expected.json", "missing"),
        ("README.md", "no README.md"),
    ],
)
def test_a_file_that_is_missing(write_pack: WritePack, file: str, what: str) -> None:
    folder = write_pack()
    (folder / file).unlink()
    assert what in [problem.what for problem in lint_pack(load_pack(folder))]


def test_broken_rules_do_not_bury_the_other_problems(write_pack: WritePack) -> None:
    folder = write_pack(("rules.yar", "$other or", "$missing or"), ("pack.yaml", "attack: [T1190]", "attack: [x]"))
    assert [problem.what for problem in lint_pack(load_pack(folder))] == [
        "unknown pattern `$missing`",
        "`x` is no ATT&CK id",
    ]


def test_a_problem_between_packs_is_found_by_all_packs_only(write_pack: WritePack) -> None:
    folder = write_pack(("pack.yaml", "platform: windows\n", "platform: windows\n    shared_by: [other]\n"))
    loaded = load_pack(folder)
    assert lint_pack(loaded) == ()
    (problem,) = lint_packs((loaded,))
    assert isinstance(problem, Problem)
    assert problem.what == "there is no pack `other`"
