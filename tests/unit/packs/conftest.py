"""A minimal valid pack that a test writes to disk and breaks in one place."""

from collections.abc import Callable
from pathlib import Path

import pytest

PACK = r"""format: 1
name: demo
version: 2026.11.1
title: Demo worm
kind: worm
summary: A worm that exists in tests only.
active:
  first_seen: '2001-07-12'
references:
  - id: source
    title: A source
    grade: primary
  - id: hearsay
    title: A rumour
    grade: unverified
cves: [CVE-2001-0500]
attack: [T1190]
vulnerability:
  name: A hole
  cves: [CVE-2001-0500]
  bulletins: [MS01-033]
  component: demo.dll
  conditions: It runs.
  platforms:
    - platform: nt4
      affected: true
      evidence:
        - says: patched
          file: '%SystemRoot%\system32\demo.dll'
          version: 5.0.1
          not_before: '2001-05-25'
          references: [source]
files:
  - id: dropped
    because: The worm drops this file.
    confidence: likely
    severity: high
    references: [source]
    platform: windows
    paths: ['?:\inetpub\scripts\demo.exe', 'C:\demo\*.exe']
    except_paths: ['C:\demo\good.exe']
content:
  - id: body
    because: The body of the worm.
    confidence: likely
    severity: high
    references: [source]
    rule: demo_body
    scope: binary
logs:
  - id: demo-request
    because: A request of the worm.
    confidence: confirmed
    severity: high
    references: [source]
    literals: [/demo.ida]
    pattern: '/demo\.ida\?N{20,}'
    answers:
      - status: ['404']
        means: not here
traffic:
  - id: demo-sent
    because: It sends the worm.
    confidence: likely
    severity: high
    references: [source]
    protocol: tcp
    ports: [80]
    direction: out
    pattern: '^GET /demo'
settings:
  - id: demo-value
    because: The worm sets it.
    confidence: likely
    severity: high
    references: [source]
    store: registry
    key: HKLM\SOFTWARE\Demo
    equals: ['1']
processes:
  - id: demo-process
    because: The worm runs.
    confidence: suspicious
    severity: high
    references: [hearsay]
    names: [demo.exe]
scan_behaviour:
  protocol: tcp
  ports: [80]
  references: [source]
  addresses:
    - share: 0.5
      within: same_8
    - share: 0.5
      within: any
probes:
  - id: demo-probe
    protocol: http
    ports: [80]
    method: GET
    path: /NULL.ida
    references: [source]
    answers:
      - says: exposed
        because: the mapping answers
        status: ['200']
        body: NULL\.ida
      - says: undetermined
        because: anything else tells nothing
containment:
  block:
    - direction: out
      protocol: tcp
      ports: [80]
      because: it spreads there
removal:
  steps:
    - action: quarantine_file
      indicators: [dropped]
      because: it is the worm
  must_not_touch:
    - path: C:\winnt\explorer.exe
      because: it is the shell
"""
RULES = r"""rule demo_body
{
    strings:
        $anchor_one = "DEMO-WORM-MARKER"
        $anchor_two = "DemoWormAgain" ascii wide
        $other = /demo[0-9]{2}worm/
    condition:
        any of ($anchor*) and ($other or filesize > 0)
}
"""
EXPECTED = """{
  "hit/requests.log": [
    {"indicator": "demo-request", "address": "192.0.2.1", "count": 2}
  ],
  "hit/volume.tree.yaml": [
    {"indicator": "dropped", "path": "C/inetpub/scripts/demo.exe", "confidence": "likely"}
  ]
}
"""
HIT_LOG = f"""192.0.2.1 - - [19/Jul/2001:00:00:01 +0000] "GET /demo.ida?{"N" * 30} HTTP/1.0" 404 10
192.0.2.1 - - [19/Jul/2001:00:00:02 +0000] "GET /DEMO.ida?{"N" * 30} HTTP/1.0" 404 10
"""
HIT_TREE = """about: an inert volume
system: windows
files:
  - path: C/inetpub/scripts/demo.exe
    text: inert marker
"""
CLEAN_LOG = """192.0.2.1 - - [19/Jul/2001:00:00:01 +0000] "GET / HTTP/1.0" 200 10
"""
FILES = {
    "pack.yaml": PACK,
    "rules.yar": RULES,
    "expected.json": EXPECTED,
    "README.md": "# Demo\n",
    "examples/hit/requests.log": HIT_LOG,
    "examples/hit/volume.tree.yaml": HIT_TREE,
    "examples/clean/ordinary.log": CLEAN_LOG,
}
Edit = tuple[str, str, str]
WritePack = Callable[..., Path]


@pytest.fixture
def write_pack(tmp_path: Path) -> WritePack:
    """Writes the pack `name` with edits (file, old text, new text; old "" = the whole file) and gives its folder."""

    def write(*edits: Edit, name: str = "demo") -> Path:
        files = dict(FILES)
        for file, old, new in edits:
            assert old in files.get(file, ""), f"{old!r} is not in {file}"
            files[file] = files[file].replace(old, new, 1) if old else new
        files["pack.yaml"] = files["pack.yaml"].replace("name: demo\n", f"name: {name}\n")
        for file, text in files.items():
            path = tmp_path / "packs" / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path / "packs" / name

    return write


@pytest.fixture
def line_of() -> Callable[[Path, str], int]:
    """The line of a file that holds a text."""

    def find(file: Path, text: str) -> int:
        return next(n for n, line in enumerate(file.read_text().split("\n"), 1) if text in line)

    return find
