"""Whether a pack recognises its own hit examples, and its clean ones give nothing at all. Scanning is the caller's."""

from collections.abc import Callable, Iterable

import msgspec

from codered.model.finding import UNATTRIBUTED, Finding
from codered.model.pack import LoadedPack
from codered.model.report import Report
from codered.packs.examples import Example, Expected, list_examples, read_expected


class Failure(msgspec.Struct, frozen=True):
    """An example that was not judged as it must be, in a sentence."""

    example: str
    what: str

    def __str__(self) -> str:
        return f"{self.example}: {self.what}"


def check_clean_examples(loaded: LoadedPack, scan_example: Callable[[Example], Report]) -> tuple[Failure, ...]:
    """Scan the clean examples of the pack only. Raises WrongUse for what can't be read."""
    return tuple(
        Failure(example.name, f"is clean, but gave {_tell(found)}")
        for example in list_examples(loaded)
        if example.kind == "clean"
        for found in scan_example(example).findings
    )


def check_examples(loaded: LoadedPack, scan_example: Callable[[Example], Report]) -> tuple[Failure, ...]:
    """Scan every example of the pack and compare; what is expected in a layer that the scan says it can't offer is not
    asked for. Raises WrongUse for what can't be read.
    """
    expected = read_expected(loaded)
    failures: list[Failure] = []
    for example in list_examples(loaded):
        report = scan_example(example)
        failures += [
            Failure(example.name, f"was not looked at: {look.where}: {look.why}")
            for look in report.looks
            if look.state == "failed"
        ]
        if example.kind == "clean":
            failures += [Failure(example.name, f"is clean, but gave {_tell(found)}") for found in report.findings]
            continue
        listed = expected.get(example.name, ())
        beyond = {look.layer for look in report.looks if look.state == "unsupported"}
        wanted = tuple(item for item in listed if item.layer not in beyond)
        if not listed:
            failures.append(Failure(example.name, "has no entry in expected.json that says what it must give"))
        failures += [Failure(example.name, what) for what in compare(loaded, wanted, report.findings)]
    known = {example.name for example in list_examples(loaded) if example.kind == "hit"}
    failures += [
        Failure(name, "is expected, but there is no such hit example") for name in expected if name not in known
    ]
    return tuple(failures)


def compare(loaded: LoadedPack, wanted: Iterable[Expected], findings: Iterable[Finding]) -> list[str]:
    """What is missing, different or too much, a sentence each. A finding serves one expectation only."""
    left = list(findings)
    failures: list[str] = []
    unmet: list[Expected] = []
    for item in sorted(wanted, key=_count_blanks):
        if found := next((found for found in left if _is_it(loaded, item, found) and not _differs(item, found)), None):
            left.remove(found)
        else:
            unmet.append(item)
    for item in unmet:
        if near := next((found for found in left if _is_it(loaded, item, found)), None):
            left.remove(near)
            failures.append(f"gave {_tell(near)}, but {_differs(item, near)}")
        else:
            failures.append(f"did not give {_tell_expected(item)}")
    return failures + [f"gave {_tell(found)}, which expected.json does not list" for found in left]


def _count_blanks(item: Expected) -> int:
    """How much an expectation leaves open: the most exact ones choose first."""
    return sum(not getattr(item, name) for name in ("path", "address", "count", "confidence", "layer"))


def _is_it(loaded: LoadedPack, item: Expected, found: Finding) -> bool:
    """Whether the finding is about the expected sign and subject. A shared sign may go by another pack's indicator."""
    pack = item.pack or loaded.pack.name
    if found.pack == UNATTRIBUTED:
        shared = {sign.id for sign in loaded.pack.indicators() if set(sign.shared_by) & set(found.shared_by)}
        if pack not in found.shared_by or not (found.indicator == item.indicator or item.indicator in shared):
            return False
    elif (found.pack, found.indicator) != (pack, item.indicator):
        return False
    return _ends_with(found.subject.path, item.path) and item.address in ("", found.subject.address)


def _ends_with(path: str | None, ending: str) -> bool:
    return not ending or (path is not None and (path == ending or path.endswith(f"/{ending}")))


def _differs(item: Expected, found: Finding) -> str:
    """In what the finding is not as expected; "" if in nothing."""
    if item.confidence and found.confidence != item.confidence:
        return f"{item.confidence} was expected"
    if item.layer and found.layer != item.layer:
        return f"the layer {item.layer} was expected, not {found.layer}"
    if item.count and found.count != item.count:
        return f"{item.count} requests were expected, not {found.count}"
    return ""


def _tell(found: Finding) -> str:
    pack = f"{found.pack} ({' or '.join(found.shared_by)})" if found.shared_by else found.pack
    return f"{found.confidence} {pack}/{found.indicator} at {found.subject.name()}"


def _tell_expected(item: Expected) -> str:
    sign = f"{item.pack}/{item.indicator}" if item.pack else item.indicator
    place = item.path or item.address
    return f"{sign} at {place}" if place else sign
