"""Sigma rules of web servers and proxies as log signs: what a log sign can say just so, or a little wider."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from codered.model.errors import WrongUse
from codered.model.finding import Confidence
from codered.model.indicators import LogIndicator
from codered.packs.importing.imported import (
    MOST_RULES,
    Ids,
    Imported,
    Left,
    Sources,
    distinct,
    find_attack,
    lower_to,
    tidy,
)
from codered.packs.importing.patterns import refuse_pattern
from codered.packs.importing.sigma_conditions import read_detection
from codered.packs.importing.sigma_patterns import Inexpressible, LogPattern, make_patterns
from codered.packs.strict_yaml import Document, Plain, read_document, show_path

WEB = ("webserver", "webproxy", "proxy")
NO_LICENCE = "not stated"
_LIKELY = ("high", "critical")


def import_sigma(files: tuple[Path, ...], most: Confidence) -> Imported:
    """The rules of these files as log signs of at most this confidence. Raises WrongUse for too many."""
    if len(files) > MOST_RULES:
        raise WrongUse(f"more than {MOST_RULES:,} Sigma files", advice="import the files that you need")
    made = _Signs(most)
    for file in files:
        made.read_file(file)
    return Imported(
        read=len(files),
        logs=tuple(made.logs),
        references=made.sources.listed(),
        authors=distinct(made.authors),
        licences=distinct(made.licences),
        left=tuple(made.left),
    )


class _Signs:
    def __init__(self, most: Confidence) -> None:
        self.logs: list[LogIndicator] = []
        self.left: list[Left] = []
        self.authors: list[str] = []
        self.licences: list[str] = []
        self.sources = Sources("s")
        self._most = most
        self._ids = Ids()

    def read_file(self, file: Path) -> None:
        """One file, which holds one rule."""
        try:
            document = read_document(file)
        except WrongUse as error:
            self.left.append(Left(error.where or show_path(file), "", tidy(error.what)))
            return
        title = tidy(_text(document, "title")) or file.stem
        where = document.place_of("detection")
        try:
            _check_source(document)
            patterns = make_patterns(read_detection(document))
            for pattern in patterns:
                if why := refuse_pattern(pattern.pattern):
                    raise Inexpressible(why)
        except Inexpressible as error:
            self.left.append(Left(where, title, str(error)))
            return
        self._add(document, title, patterns)
        notes = dict.fromkeys(note for pattern in patterns for note in pattern.notes)
        self.left += [Left(where, title, note, "note") for note in notes]

    def _add(self, document: Document, title: str, patterns: tuple[LogPattern, ...]) -> None:
        author = tidy(_text(document, "author"))
        self.authors.append(author)
        licence = tidy(_text(document, "license")) or NO_LICENCE
        self.licences.append(licence)
        identity = tidy(_text(document, "id"), 60)
        named = (
            f"Sigma rule {title!r}"
            + (f" by {author}" if author else "")
            + f", id {identity or 'none'} (licence: {licence})"
        )
        references = [self.sources.name(named)]
        references += [self.sources.name(text) for text in _texts(document, "references")[:3]]
        tags = _texts(document, "tags")
        level = _text(document, "level")
        for pattern in patterns:
            is_likely = level in _LIKELY and not pattern.notes
            self.logs.append(
                LogIndicator(
                    id=self._ids.make(f"{title}-{pattern.part}" if len(patterns) > 1 else title),
                    because=tidy(_text(document, "description")) or title,
                    confidence=lower_to("likely" if is_likely else "suspicious", self._most),
                    severity="high" if level in _LIKELY else "low" if level in ("low", "informational") else "medium",
                    references=tuple(references),
                    attack=find_attack(tags),
                    literals=pattern.literals,
                    pattern=pattern.pattern,
                    part=pattern.part,
                    vector=_find_vector(tags),
                )
            )


def _check_source(document: Document) -> None:
    source = document.value.get("logsource") if isinstance(document.value, dict) else None
    category = source.get("category") if isinstance(source, dict) else None
    if category not in WEB:
        raise Inexpressible(f"its logsource is {tidy(str(category or 'of no category'), 60)}, not webserver or proxy")


def _find_vector(tags: tuple[str, ...]) -> Literal["exploit", "backdoor", "probe"]:
    told = " ".join(tags).lower()
    if "t1505.003" in told or "command-and-control" in told or "command_and_control" in told:
        return "backdoor"
    return "probe" if "reconnaissance" in told or "discovery" in told else "exploit"


def _text(document: Document, key: str) -> str:
    value = document.value.get(key, "") if isinstance(document.value, dict) else ""
    return value if isinstance(value, str) else ""


def _texts(document: Document, key: str) -> tuple[str, ...]:
    value = document.value.get(key, ()) if isinstance(document.value, dict) else ()
    return tuple(_each_text(value))


def _each_text(value: Plain | tuple[()]) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (item for item in value if isinstance(item, str) and item)
