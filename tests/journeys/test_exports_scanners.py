"""All packs in the forms of scanners and packet engines, each loaded by the real engine where there is one: what the
packs' own examples show is found, and the clean ones give nothing.
"""

import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import suricataparser  # type: ignore[import-untyped]
import yara  # type: ignore[import-not-found]
import yara_x

from codered.export.indicators.forms import FORMS
from codered.model.rule import ParsedPack
from codered.packs.example_memory import read_memory
from codered.packs.examples import list_examples, read_expected
from tests.fixtures.asked_requests import list_asked
from tests.fixtures.exported_packs import lay_out_examples, parse_shipped, write_export


@pytest.fixture(scope="module")
def packs() -> tuple[ParsedPack, ...]:
    return parse_shipped()


@pytest.fixture(scope="module")
def trees(packs: tuple[ParsedPack, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_out_examples(packs, tmp_path_factory.mktemp("trees"))


@pytest.fixture(scope="module")
def exports(packs: tuple[ParsedPack, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports")
    for name in ("yara", "clamav", "suricata", "snort", "nmap"):
        write_export(FORMS[name].make(packs), folder / name)
    return folder


def list_wanted(packs: tuple[ParsedPack, ...], trees: Path) -> set[tuple[str, Path]]:
    """`pack/sign` and the file, for every content sign that an example of a tree must show."""
    wanted = set()
    for one in packs:
        for example, expected in read_expected(one.loaded).items():
            if not example.endswith(".tree.yaml"):
                continue
            for item in expected:
                pack = item.pack or one.loaded.pack.name
                of = next(other.loaded.pack for other in packs if other.loaded.pack.name == pack)
                if item.path and item.layer in (None, "files") and any(s.id == item.indicator for s in of.content):
                    wanted.add((f"{pack}/{item.indicator}", trees / one.loaded.pack.name / example / item.path))
    return wanted


def judge(found: set[tuple[str, Path]], packs: tuple[ParsedPack, ...], trees: Path) -> None:
    """Every sign wanted is found, and whatever is found lies in an example that is a hit."""
    assert len(list_wanted(packs, trees)) >= 12
    assert list_wanted(packs, trees) <= found
    assert [str(path) for _, path in found if path.relative_to(trees).parts[1] != "hit"] == []


def test_yara_and_yara_x(packs: tuple[ParsedPack, ...], trees: Path, exports: Path) -> None:
    index = exports / "yara" / "files.yar"
    done = subprocess.run(
        ["yara", "-w", "-m", "-r", index, trees], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr == ""
    old, new = yara.compile(str(index)), yara_x.Compiler()
    for path in sorted((exports / "yara" / "files").iterdir()):
        new.add_source(path.read_text())
    newer = yara_x.Scanner(new.build())
    found, found_by_x = set(), set()
    for path in (path for path in trees.rglob("*") if path.is_file()):
        for match in old.match(str(path)):
            found.add((f"{match.meta['pack']}/{match.meta['indicator']}", path))
        for rule in newer.scan(path.read_bytes()).matching_rules:
            meta = dict(rule.metadata)
            found_by_x.add((f"{meta['pack']}/{meta['indicator']}", path))
    judge(found, packs, trees)
    assert found_by_x == found
    assert len(done.stdout.splitlines()) == len(found)


def test_yara_on_memory(packs: tuple[ParsedPack, ...], exports: Path) -> None:
    rules = yara.compile(str(exports / "yara" / "memory.yar"))
    seen = 0
    for one in packs:
        for example in list_examples(one.loaded):
            if example.form == "memory":
                names = {
                    match.meta["pack"]
                    for piece in read_memory(example.path)[1]
                    for match in rules.match(data=piece.data)
                }
                assert bool(names) == (example.kind == "hit"), example.name
                seen += 1
    assert seen >= 8


def test_clamav(packs: tuple[ParsedPack, ...], trees: Path, exports: Path) -> None:
    words = ["clamscan", "-r", "-i", "--no-summary", "--normalize=no", "-d", str(exports / "clamav"), str(trees)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1, done.stderr
    found = set()
    for line in done.stdout.splitlines():
        path, name = line.removesuffix(".UNOFFICIAL FOUND").split(": ")
        found.add(("/".join(name.split(".")[2:]), Path(path)))
    judge(found, packs, trees)
    main = subprocess.run(
        ["clamscan", "-r", "-i", "--no-summary", "-d", str(exports / "clamav" / "codered.ldb"), str(trees)],
        capture_output=True, text=True, check=False, timeout=60)  # fmt: skip
    assert main.returncode == 1, main.stderr
    assert "/clean/" not in main.stdout


def test_packet_rules_are_read_and_differ(packs: tuple[ParsedPack, ...], exports: Path) -> None:
    carried = {sign.id for one in packs for sign in one.loaded.pack.logs if sign.part != "error"}
    for name in ("suricata", "snort"):
        rules = suricataparser.parse_file(str(exports / name / "codered.rules"))
        assert len({rule.sid for rule in rules}) == len(rules) >= len(carried)
        text = (exports / name / "codered.rules").read_text()
        assert "NOT VALIDATED" in text
        assert all(f"indicator {sign}," in text for sign in carried)


def test_nmap_loads_every_script(packs: tuple[ParsedPack, ...], exports: Path) -> None:
    scripts = sorted((exports / "nmap").iterdir())
    assert len(scripts) == sum(len(one.loaded.pack.probes) for one in packs) >= 8
    words = ["nmap", "--script-help", ",".join(map(str, scripts))]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
    for script in scripts:
        assert f"\n{script.stem}\nCategories: safe discovery" in done.stdout


def test_packet_rules_say_what_the_packs_say(exports: Path) -> None:
    """No engine can be had: the rules' own words are carried out here, on every request of the packs' example logs."""
    text = (exports / "suricata" / "codered.rules").read_text()
    rules = [rule for rule in suricataparser.parse_rules(text) if "http any any ->" in rule.header]
    told = 0
    for one in (one for one in list_asked() if not one.errors):
        method, _, uri = one.hit.request.partition(" ")
        buffers = {
            "http.method": method, "http.uri.raw": uri, "http.uri": unquote(uri, "latin-1"),
            "http.user_agent": one.hit.agent, "http.referer": one.hit.referer,
        }  # fmt: skip
        found = {name for rule in rules if fits(rule.options, buffers) for name in name_signs(rule.metadata)}
        assert found <= set(one.signs), one.line
        told += len(found)
        assert found == set(one.signs) or "%25" in one.hit.request, one.line  # encoded twice: an engine decodes once
    assert told > 60


def fits(options: list[Any], buffers: dict[str, str]) -> bool:
    """Whether all that a rule looks for is there."""
    here = ""
    for option in options:
        if option.name in buffers:
            here = buffers[option.name]
        elif option.name == "content":
            wanted = re.sub(r"\|([0-9a-f]{2})\|", lambda code: chr(int(code[1], 16)), option.value.strip('"'))
            if wanted.lower() not in here.lower():
                return False
        elif option.name == "pcre":
            pattern, _, flags = option.value.strip('"')[1:].rpartition("/")
            if not re.search(pattern, here, re.IGNORECASE if "i" in flags else 0):
                return False
    return True


def name_signs(metadata: list[str]) -> list[str]:
    """`pack/sign` for each pack that a rule names."""
    said = [each.split(" ", 1) for each in metadata]
    sign = next(value for key, value in said if key == "indicator")
    return [f"{value}/{sign}" for key, value in said if key == "pack"]
