"""From samples, log lines, captures and memory to a working pack, with the reason of each choice."""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator

import msgspec

from codered.authoring.body_parts import draft_body, draft_memory
from codered.authoring.choosing import StringJudge, find_in_clean, pick
from codered.authoring.code_patterns import find_code
from codered.authoring.file_parts import draft_files
from codered.authoring.goodware import name_file
from codered.authoring.intake import gather, read_clean, read_lines
from codered.authoring.log_parts import draft_logs
from codered.authoring.orders import Choice, Draft, DraftOrder, Mark, Material, Sample, Tell, ignore
from codered.authoring.parts import Part
from codered.authoring.proving import prove
from codered.authoring.shared_strings import Group, group_samples
from codered.authoring.traffic_parts import draft_traffic
from codered.authoring.words import hide_secrets
from codered.authoring.writing import name_samples, write_pack, write_readme
from codered.model.errors import WrongUse

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_MOST_NAME = 40
_ROUNDS = 5  # of choosing anew after a clean file turned out to hold what was chosen
_MOST_CLEAN_STRINGS = 64 << 20  # bytes of clean files whose strings are listed; the rest is only searched


class _Clean(msgspec.Struct, frozen=True):
    """The clean files by their paths, and the requests of those that are logs."""

    files: tuple[tuple[str, Sample], ...]
    requests: tuple[str, ...]


def draft_pack(order: DraftOrder, tell: Tell = ignore) -> Draft:
    """A pack that lints, finds its own examples, and says why it is as it is; nothing is written. Raises WrongUse when
    the order is not what it must be, and when nothing tells the threat from what is clean.
    """
    check_name(order)
    material = gather(order.sources, tell)
    choices = [*material.notes, Choice("goodware", order.goodware.describe(), "strings it knows are never chosen")]
    _refuse_packaged(order, material)
    tell("reading what is clean")
    clean = _read_clean(order, material, choices)
    tell("choosing what tells the threat from what is clean")
    parts = [
        *_StringWork(order, clean, choices).draft(material),
        *draft_files(order.name, material.samples, order.goodware),
    ]
    logs, notes = draft_logs(material.lines, clean.requests) if material.lines else ((), ())
    traffic = draft_traffic(material.captures)
    choices += [*notes, *traffic.choices]
    everything = (*parts, *logs, *traffic.parts)
    if all(part.layer == "files" for part in everything):  # a hash and a name find nothing but these very files
        raise _explain_nothing(choices)
    choices += [choice for part in everything for choice in part.choices]
    seen = f"Own evidence, author to be named: {_tell_material(material)}"
    tell("checking the draft with all packs")
    files = prove(order, write_pack(order, everything, traffic.behaviour, seen), choices)
    choices = [Choice(item.part, hide_secrets(item.what), hide_secrets(item.why)) for item in choices]
    files["README.md"] = write_readme(order, choices)
    return Draft(order.name, dict(sorted(files.items())), tuple(choices))


def check_name(order: DraftOrder) -> None:
    """Raises WrongUse for a name that no pack can have, or that one has already."""
    if not _NAME.fullmatch(order.name) or len(order.name) > _MOST_NAME:
        advice = f"use small letters, digits and dashes, at most {_MOST_NAME}"
        raise WrongUse("no name for a pack", where=ascii(order.name)[1:-1][:60], advice=advice)
    if any(order.name == loaded.pack.name for loaded in order.neighbours):
        raise WrongUse("a pack has this name already", where=order.name, advice="choose another one")


def _refuse_packaged(order: DraftOrder, material: Material) -> None:
    """Raises WrongUse if a sample is a file of an installed package."""
    for sample in material.samples:
        md5 = hashlib.md5(sample.data, usedforsecurity=False).hexdigest()  # as dpkg has it on record
        known = name_file("md5", md5), name_file("sha256", sample.sha256)
        if not sample.cut and any(map(order.goodware.knows, known)):
            advice = "leave it out; or --no-goodware, if the packages of this host can't be trusted"
            raise WrongUse("is a file of an installed package", where=ascii(sample.name)[1:-1], advice=advice)


def _read_clean(order: DraftOrder, material: Material, choices: list[Choice]) -> _Clean:
    """Raises WrongUse if a clean file is a sample."""
    mine = {sample.sha256: sample.name for sample in (*material.samples, *material.memory) if sample.sha256}
    files = []
    requests: list[str] = []
    for path, sample in read_clean(order.clean, choices):
        if sample.sha256 in mine:
            what = f"is the same as the sample {mine[sample.sha256]}"
            raise WrongUse(what, where=ascii(path)[1:-1], advice="a file can't be both: take it out of one of the two")
        files.append((path, sample))
        if sample.text and material.lines:
            requests += [line.request for line in read_lines(path)]
    if order.clean:
        choices.append(Choice("clean", f"{len(files)} files", "nothing that stands in one of them was chosen"))
    return _Clean(tuple(files), tuple(requests))


class _StringWork:
    """The choice of strings and code, for content and for memory; the reasons go to `choices`."""

    def __init__(self, order: DraftOrder, clean: _Clean, choices: list[Choice]) -> None:
        self._order = order
        self._clean = [(path, sample.data) for path, sample in clean.files]
        self._choices = choices
        self._judge = StringJudge(order.goodware, _take_first(data for _, data in self._clean))

    def draft(self, material: Material) -> list[Part]:
        """The signs of content, and of memory if there are strings for one."""
        samples = material.samples
        parts: list[Part] = []
        ended: tuple[Mark, ...] = ()
        groups = group_samples(samples, self._judge.is_useful)
        _tell_groups(samples, groups, self._choices)
        for group in groups or ((Group(samples, {}),) if samples else ()):
            marks = pick(self._keep_unseen(group))
            code = find_code(group.samples, [data for _, data in self._clean]) if len(marks) < 3 else ()
            code = () if any(sample.text for sample in group.samples) else code
            if marks or code:
                parts.append(draft_body(self._order.name, len(parts) + 1, group.samples, marks, code))
            ended = ended or tuple(mark for mark in marks if mark.ended)
        memory = self._draft_memory(material.memory, ended)
        self._choices += self._judge.list_left_out()
        return [*parts, *([memory] if memory else ())]

    def _draft_memory(self, memory: tuple[Sample, ...], of_samples: tuple[Mark, ...]) -> Part | None:
        """From the memory given, else from strings of the samples that have a NUL behind them."""
        if not memory:
            source = "the samples: run one in a sandbox and give a dump of it to be sure"
            return draft_memory(self._order.name, of_samples, source)
        found = group_samples(memory, self._judge.is_useful)
        marks = self._keep_unseen(found[0]) if found else []
        return draft_memory(self._order.name, pick([mark for mark in marks if mark.ended]), "the memory given")

    def _keep_unseen(self, group: Group) -> list[Mark]:
        """The group's strings, the best first, of which no clean file holds any."""
        strings = dict(group.strings)
        if all(sample.text for sample in group.samples):
            strings = {key: ended for key, ended in strings.items() if not key[1]}
        for _ in range(_ROUNDS):
            ranked = self._judge.rank(strings)
            seen = find_in_clean(ranked, self._clean)
            for mark, path in list(seen.items())[:5]:
                what = f"not {mark.text.decode('ascii')}"
                self._choices.append(Choice("strings", what, f"{os.path.basename(path)} holds it and is clean"))
            if len(seen) < len(ranked) or not ranked:
                return [mark for mark in ranked if mark not in seen]
            gone = {(mark.text, mark.wide) for mark in seen}
            strings = {key: ended for key, ended in strings.items() if key not in gone}
        return []


def _take_first(contents: Iterable[bytes]) -> Iterator[bytes]:
    """The contents up to _MOST_CLEAN_STRINGS bytes."""
    left = _MOST_CLEAN_STRINGS
    for data in contents:
        left -= len(data)
        if left < 0:
            return
        yield data


def _tell_groups(samples: tuple[Sample, ...], groups: tuple[Group, ...], choices: list[Choice]) -> None:
    if len(groups) > 1:
        why = f"no strings are common to all {len(samples)} samples, so each group has a rule of its own"
        choices.append(Choice("strings", f"{len(groups)} groups", why))
    if len(samples) == 1:
        choices.append(Choice("strings", "one sample", "strings can't be compared: some may be in this one only"))
    covered = {sample.sha256 for group in groups for sample in group.samples}
    for sample in samples:
        if groups and sample.sha256 not in covered:
            choices.append(Choice("strings", f"{sample.name} is found by its hash only", "it shares no strings"))


def _explain_nothing(choices: list[Choice]) -> WrongUse:
    reasons = "; ".join(f"{item.what}: {item.why}" for item in choices if item.part in ("strings", "logs"))[:400]
    cut = [f"of {item.what} {item.why}" for item in choices if item.part == "input" and item.why.startswith("only ")]
    reasons = "; ".join([*cut[:3], *([reasons] if reasons else [])])
    what = "nothing tells the threat from what is clean" + (f" ({reasons})" if reasons else "")
    advice = "give more or other samples, log lines or a capture; fewer clean files; or write the pack by hand"
    return WrongUse(ascii(what)[1:-1], advice=advice)


def _tell_material(material: Material) -> str:
    told = [f"samples with SHA-256 {name_samples(material.samples)}"] if material.samples else []
    told += [f"memory with SHA-256 {name_samples(material.memory)}"] if material.memory else []
    told += [f"{len(material.lines)} lines of logs"] if material.lines else []
    told += [f"{len(material.captures)} captures"] if material.captures else []
    return "; ".join(told)
