"""Trying one file on packs, sign by sign: what of each was found, and what was missing. For authors, who want to know
why a rule did not match; what a scan comes to is said by the scan.
"""

import os
import stat
from collections.abc import Iterator
from typing import NamedTuple

from codered.collect.contents import TEXT_HEAD, is_text
from codered.detect.places import Places
from codered.detect.scripts.facts import load_vocabulary
from codered.detect.scripts.languages import find_script
from codered.detect.scripts.reading import read_facts
from codered.engine import Matcher, RuleSource, compile_sources
from codered.model.errors import WrongUse
from codered.model.indicators import RULE_FACT, LogIndicator
from codered.model.pack import LoadedPack
from codered.model.rule import ParsedPack, Rule, RuleString
from codered.packs.generating import write_label
from codered.system.descriptors import READ_FILE, read_at
from codered.targets.windows_names import canonical_windows_path

MOST_BYTES = 64 << 20
SECONDS = 30
MOST_LINES = 200_000  # of a text are tried as lines of a log


class Tried(NamedTuple):
    """One sign on the file: `found` says whether all of it was there, `told` what of it was and was not."""

    pack: str
    layer: str
    sign: str
    found: bool
    told: tuple[str, ...]


class Sample(NamedTuple):
    """A file to try: its path, its first bytes (at most 64 MiB), its whole size, and whether it is a text."""

    path: str
    data: bytes
    size: int
    text: bool


def read_sample(path: str) -> Sample:
    """The file's first 64 MiB. Raises WrongUse for what is no regular file or can't be read."""
    try:
        descriptor = os.open(path, READ_FILE)
    except OSError as error:
        what = f"can't be read ({error.strerror})"
        raise WrongUse(what, where=path, advice="give a file, not a link to one") from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise WrongUse("is no file", where=path, advice="give one file")
        data = read_at(descriptor, min(status.st_size, MOST_BYTES), 0)
    finally:
        os.close(descriptor)
    if not data:
        raise WrongUse("is empty", where=path, advice="give a file with something in it")
    return Sample(path, data, status.st_size, is_text(data[:TEXT_HEAD]))


def try_sample(sample: Sample, packs: tuple[ParsedPack, ...]) -> Iterator[Tried]:
    """Every sign of the packs that a file can show, on this one; those of processes, settings and traffic are not."""
    for parsed in packs:
        yield from _try_places(sample, parsed.loaded)
        yield from _try_content(sample, parsed)
        yield from _try_scripts(sample, parsed)
        if sample.text:
            yield from _try_logs(sample, parsed.loaded)


def _try_places(sample: Sample, loaded: LoadedPack) -> Iterator[Tried]:
    places = Places((loaded,), canonical_windows_path)
    fitting = {hit.indicator.id for hit in places.inspect(sample.path, windows=False, size=sample.size)}
    for sign in loaded.pack.files:
        named = ", ".join((*sign.paths, *sign.names)) or "any place"
        told = f"the file's place and name fit: {named}" if sign.id in fitting else f"lies elsewhere than {named}"
        yield Tried(loaded.pack.name, "files", sign.id, sign.id in fitting, (told,))


def _try_content(sample: Sample, parsed: ParsedPack) -> Iterator[Tried]:
    pack = parsed.loaded.pack
    if not pack.content:
        return
    matched = _match(parsed.loaded.rules, pack.name, sample.data)
    by_name = {rule.name: rule for rule in parsed.rules}
    for sign in pack.content:
        rule = by_name[sign.rule]
        found = sign.rule in matched
        told = [*_tell_strings(rule, sample.data)]
        if found and sign.scope != "any" and (sign.scope == "text") != sample.text:
            told.append(f"matches, but the sign is for {sign.scope} files, and this is {_kind(sample)}")
            found = False
        if not found and all(" not found" not in one for one in told):
            told.append(f"all strings are there, but the condition does not hold: {' '.join(rule.condition)}")
        yield Tried(pack.name, "content", sign.id, found, tuple(told))


def _kind(sample: Sample) -> str:
    return "text" if sample.text else "binary"


def _match(rules: str, name: str, data: bytes) -> set[str]:
    compiled = compile_sources([RuleSource(name, rules, name)])
    return {match.rule for match in Matcher(compiled, seconds=SECONDS, most=100).match(data)}


def _tell_strings(rule: Rule, data: bytes) -> Iterator[str]:
    """Each string of a rule, by itself: where it is first, and how often (counted up to 100)."""
    if not rule.strings:
        return
    text = "\n".join(_write_alone(number, string) for number, string in enumerate(rule.strings))
    matcher = Matcher(compile_sources([RuleSource("alone", text, "generated")]), seconds=SECONDS, most=100)
    found = {match.rule: match.patterns for match in matcher.match(data)}
    for number, string in enumerate(rule.strings):
        places = found.get(f"s{number}", ())
        if places:
            yield f"{string.name} at byte {places[0].offset:,}" + (f", {len(places)} times" if len(places) > 1 else "")
        else:
            yield f"{string.name} not found"


def _write_alone(number: int, string: RuleString) -> str:
    body = f'"{string.source}"' if string.kind == "text" else string.source
    modifiers = " ".join(word for word in string.modifiers if word != "private")
    return f"rule s{number} {{ strings: $a = {body} {modifiers} condition: $a }}"


def _try_scripts(sample: Sample, parsed: ParsedPack) -> Iterator[Tried]:
    pack = parsed.loaded.pack
    if not pack.scripts or not pack.script_gate:
        return
    matched = _match(parsed.loaded.rules, pack.name, sample.data)
    gate = pack.script_gate.text if sample.text else pack.script_gate.binary
    opened = sorted(matched & set(gate))
    script = find_script(sample.data, sample.path)
    language = script.language if script else "no language it knows"
    yield Tried(pack.name, "scripts", "script_gate", bool(opened), (f"{', '.join(opened) or 'no gate'}; {language}",))
    facts = set(read_facts(script)) if script and opened else set()
    facts |= {RULE_FACT + rule for rule in matched}
    says = load_vocabulary()
    for sign in pack.scripts:
        lacking = [name for name in sign.when if name not in facts]
        against = [name for name in sign.unless if name in facts]
        wrong_language = bool(sign.languages) and language not in sign.languages
        told = [f"{name}: {says.get(name, 'a rule')}" for name in sign.when if name in facts]
        told += [f"{name} not found" for name in lacking] + [f"{name} speaks against it" for name in against]
        if wrong_language:
            told.append(f"it is for {', '.join(sign.languages)}")
        yield Tried(pack.name, "scripts", sign.id, not (lacking or against or wrong_language), tuple(told))


def _try_logs(sample: Sample, loaded: LoadedPack) -> Iterator[Tried]:
    """Each log sign over the lines as they stand: a scan takes them apart first, and decodes them."""
    lines = sample.data.split(b"\n")[:MOST_LINES]
    for sign in loaded.pack.logs:
        yield Tried(loaded.pack.name, "logs", sign.id, *_try_log_sign(sign, lines))


def _try_log_sign(sign: LogIndicator, lines: list[bytes]) -> tuple[bool, tuple[str, ...]]:
    wanted = [literal.lower().encode() for literal in sign.literals]
    held = [line for line in lines if any(literal in line.lower() for literal in wanted)]
    if not held:
        return False, (f"no line holds {' or '.join(sign.literals)}",)
    source = write_label(sign.id, sign.pattern.replace("(^| )", "").removeprefix("^"))
    matcher = Matcher(compile_sources([RuleSource("label", source, "generated")]), seconds=SECONDS, most=1)
    matching = sum(matcher.hits(line) for line in held)
    lines_held = "1 line holds" if len(held) == 1 else f"{len(held)} lines hold"
    told = f"{lines_held} a literal of it, its pattern matches {matching} as they stand"
    return bool(matching), (told,)
