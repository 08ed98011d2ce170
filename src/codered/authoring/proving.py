"""Whether a draft holds: it is linted and run on its own examples before anybody sees it. expected.json comes of it."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from codered.authoring.orders import Choice, DraftOrder
from codered.model.errors import WrongUse
from codered.model.finding import UNATTRIBUTED, Finding
from codered.model.pack import LoadedPack
from codered.model.ruleset import RuleSet
from codered.packs.anchors import MOST_ATOMS, binary_rules, find_flaws, list_atoms, memory_rules, place_rules
from codered.packs.compiling import compile_packs
from codered.packs.examples import Example, list_examples
from codered.packs.linting import lint_packs
from codered.packs.loading import load_pack
from codered.packs.rule_source import parse_rules
from codered.packs.testing import check_examples
from codered.scan.example_scan import scan_example


def prove(order: DraftOrder, files: dict[str, bytes], choices: list[Choice]) -> dict[str, bytes]:
    """The files with expected.json, without look-alikes that other packs take for a threat. Raises WrongUse with the
    first mistake if the pack does not lint or does not find its own examples.
    """
    with tempfile.TemporaryDirectory(prefix="codered-draft-") as folder:
        place = Path(folder) / order.name
        whole = {"README.md": b"-\n", "expected.json": b"{}\n", **files}
        write_files(place, whole)
        loaded = load_pack(place)
        rules = compile_packs((loaded, *order.neighbours), None)
        for name in _list_mistaken(loaded, rules, choices):
            del whole[name]
            os.unlink(place / name)
        whole["expected.json"] = _expect(loaded, rules, choices)
        (place / "expected.json").write_bytes(whole["expected.json"])
        loaded = load_pack(place)
        _check(order, loaded, rules)
    del whole["README.md"]
    return whole


def write_files(place: Path, files: dict[str, bytes]) -> None:
    """The files below the folder, which must not be there yet. Raises OSError."""
    place.mkdir(mode=0o755)
    for name, data in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "xb") as file:
            file.write(data)


def _list_mistaken(loaded: LoadedPack, rules: RuleSet, choices: list[Choice]) -> Iterator[str]:
    """The clean examples in which something is found, but for the last one there is."""
    clean = [example for example in list_examples(loaded) if example.kind == "clean"]
    for example in clean:
        found = scan_example(example, rules).findings
        if found and len(clean) > 1:
            why = f"the pack {found[0].pack} takes it for {found[0].indicator}"
            choices.append(Choice("examples", f"left out: {example.name}", why))
            yield f"examples/{example.name}"


def _expect(loaded: LoadedPack, rules: RuleSet, choices: list[Choice]) -> bytes:
    """What each hit example gives, as expected.json says it; a sign that none shows is noted. Raises WrongUse for
    one that gives nothing.
    """
    listed: dict[str, list[dict[str, Any]]] = {}
    for example in list_examples(loaded):
        if example.kind == "hit":
            report = scan_example(example, rules)
            listed[example.name] = [_describe(loaded, example, found) for found in report.findings]
            if not any(item.get("pack", loaded.pack.name) == loaded.pack.name for item in listed[example.name]):
                advice = "the drafted pack does not find its own example: give other samples, or write it by hand"
                raise WrongUse("nothing was found", where=f"{loaded.pack.name}/examples/{example.name}", advice=advice)
    shown = {item["indicator"] for items in listed.values() for item in items if "pack" not in item}
    for sign in loaded.pack.indicators():
        if sign.id not in shown and not getattr(sign, "sha256", ()):  # a hash can't be shown without the sample
            choices.append(Choice("examples", f"none shows {sign.id}", "add one that does, or take the sign out"))
    return msgspec.json.format(msgspec.json.encode(listed), indent=2) + b"\n"


def _describe(loaded: LoadedPack, example: Example, found: Finding) -> dict[str, Any]:
    item: dict[str, Any] = {"indicator": found.indicator}
    if example.form == "tree" and found.subject.path:
        inside = found.subject.path.partition("/srv/")[2]
        if inside:
            item["path"] = f"srv/{inside}"
    if found.subject.address and example.form in ("log", "traffic"):
        item["address"] = found.subject.address
    if example.form == "log":
        item["count"] = found.count
    if found.pack != loaded.pack.name:
        item["pack"] = found.shared_by[0] if found.pack == UNATTRIBUTED else found.pack
    return {**item, "confidence": found.confidence, "layer": found.layer}


def _check(order: DraftOrder, loaded: LoadedPack, rules: RuleSet) -> None:
    """Raises WrongUse for what the lint would say, anchors of all packs included, and an example judged otherwise."""
    problems = [problem for problem in lint_packs((loaded,)) if problem.level == "error"]
    failures = check_examples(loaded, lambda example: scan_example(example, rules))
    if problems or failures:
        what = f"{problems[0].what} ({problems[0].advice})" if problems else str(failures[0])
        raise WrongUse(f"the draft does not hold: {what}", where=order.name, advice="give other samples, or fewer")
    if count_atoms((loaded, *order.neighbours)) > MOST_ATOMS:
        what = f"with it the packs have more than {MOST_ATOMS} anchors"
        raise WrongUse(what, where=order.name, advice="take anchors out of other packs, or give text samples only")


def count_atoms(packs: tuple[LoadedPack, ...]) -> int:
    """The anchors of all packs together: those for binaries, or those for memory if these are more."""
    binary: set[bytes] = set()
    memory: set[bytes] = set()
    for loaded in packs:
        for_binaries, for_memory = binary_rules(loaded.pack) | place_rules(loaded.pack), memory_rules(loaded.pack)
        for rule in parse_rules(loaded.rules, loaded.folder) if loaded.rules.strip() else ():
            if rule.name in for_binaries and not any(find_flaws(rule)):
                binary.update(list_atoms(rule))
            if rule.name in for_memory:
                memory.update(list_atoms(rule))
    return max(len(binary), len(memory))
