"""What `codered packs list` and `show` print, as text and as JSON. A pack comes from anybody: its words are shown, not
obeyed, by the terminal.
"""

import textwrap
from collections import Counter
from collections.abc import Iterator

import msgspec

from codered.export.writing.escaping import printable
from codered.model.pack import LoadedPack, ThreatPack

WIDTH = 100


def list_as_text(packs: tuple[LoadedPack, ...]) -> str:
    """A line a pack."""
    wide = max((len(loaded.pack.name) for loaded in packs), default=14) + 2
    lines = [f"{'pack':<{wide}}{'version':<12}{'first seen':<12}{'signs':>6}  title"]
    for loaded in packs:
        pack = loaded.pack
        seen = pack.active.first_seen.isoformat()
        lines.append(
            f"{pack.name:<{wide}}{pack.version:<12}{seen:<12}{len(pack.indicators()):>6}  {printable(pack.title)}"[
                :WIDTH
            ]
        )
    return "\n".join(lines)


def list_as_json(packs: tuple[LoadedPack, ...]) -> str:
    """Name, version, title, digest and number of indicators of every pack."""
    rows = [
        {
            "name": loaded.pack.name,
            "version": loaded.pack.version,
            "title": loaded.pack.title,
            "indicators": len(loaded.pack.indicators()),
            "digest": loaded.digest,
        }
        for loaded in packs
    ]
    return msgspec.json.format(msgspec.json.encode(rows)).decode()


def show_as_json(loaded: LoadedPack) -> str:
    """The whole pack."""
    return msgspec.json.format(msgspec.json.encode(loaded.pack)).decode()


def show_as_text(loaded: LoadedPack) -> str:
    """A page about the pack."""
    pack = loaded.pack
    lines = [*_identity(pack), *_signs(pack), *_measures(pack), *_sources(pack), f"digest {loaded.digest}"]
    return "\n".join(map(printable, lines))


def _identity(pack: ThreatPack) -> Iterator[str]:
    yield f"{pack.title} ({pack.name} {pack.version}, {pack.kind}, first seen {pack.active.first_seen})"
    yield from _wrapped("", pack.summary)
    for label, values in (
        ("also called", pack.aliases),
        ("CVE", pack.cves),
        ("ATT&CK", pack.attack),
        ("servers", pack.server_roles),
    ):
        if values:
            yield from _wrapped(f"{label}: ", ", ".join(values))


def _signs(pack: ThreatPack) -> Iterator[str]:
    layers = ("files", "content", "logs", "traffic", "settings", "autostart", "processes", "scripts")
    for layer in layers:
        indicators = getattr(pack, layer)
        if indicators:
            yield ""
            yield f"{layer}:"
        for indicator in indicators:
            shared = f" [shared by {', '.join(indicator.shared_by)}]" if indicator.shared_by else ""
            yield from _wrapped(f"  {indicator.id} ({indicator.confidence}): ", indicator.because + shared)


def _measures(pack: ThreatPack) -> Iterator[str]:
    if pack.removal:
        yield ""
        yield "removal, in this order:"
        for number, step in enumerate(pack.removal.steps, 1):
            yield from _wrapped(f"  {number}. {step.action} ({', '.join(step.indicators)}): ", step.because)
        for item in pack.removal.must_not_touch:
            yield from _wrapped(f"  never touch {item.path}: ", item.because)
        if pack.removal.rebuild_because:
            yield from _wrapped("  rebuild advised: ", pack.removal.rebuild_because)
    if pack.vulnerability:
        yield ""
        yield from _wrapped("vulnerability: ", f"{pack.vulnerability.name} ({', '.join(pack.vulnerability.bulletins)})")


def _sources(pack: ThreatPack) -> Iterator[str]:
    grades = Counter(reference.grade for reference in pack.references)
    yield ""
    yield "sources: " + ", ".join(f"{count} {grade}" for grade, count in grades.items())


def _wrapped(start: str, text: str) -> list[str]:
    return textwrap.wrap(start + text, WIDTH, subsequent_indent="    ", break_on_hyphens=False) or [""]
