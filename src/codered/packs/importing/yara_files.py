"""Which YARA files are read, and in which order: an include comes before what includes it, and never from elsewhere."""

import os
from pathlib import Path

import msgspec

from codered.model.errors import WrongUse
from codered.packs.importing.imported import MOST_BYTES, MOST_RULES, Left
from codered.packs.rule_texts import RuleText, Told, split_rules
from codered.packs.strict_yaml import read_bytes, show_path

MOST_INCLUDES = 16  # inside one another
_BOM = "\ufeff"


class FoundRule(msgspec.Struct, frozen=True):
    """A rule, the file it stands in, and its unit: the file that was named, and what it includes."""

    where: str
    unit: str
    text: RuleText


class FoundRules(msgspec.Struct):
    """All rules in an order in which each stands behind those that it may use."""

    rules: list[FoundRule] = []
    modules: list[tuple[str, str]] = []
    left: list[Left] = []


class YaraReader:
    """Reads YARA files, each once; `found` is what stands in them, `count` how many rules."""

    def __init__(self) -> None:
        self.found = FoundRules()
        self.count = 0
        self._read: set[Path] = set()
        self._bytes = 0
        self._folder = Path()

    def read(self, files: tuple[Path, ...], folder: Path) -> None:
        """Read these files and what they include, which must lie below `folder`. Raises WrongUse for more than can be
        handled, and for a file that can't be read.
        """
        self._folder = folder
        for file in files:
            if file not in self._read:
                self._read_file(file, show_path(file), 0)

    def _read_file(self, file: Path, unit: str, depth: int) -> None:
        self._read.add(file)
        where = show_path(file)
        text = self._read_text(file)
        if not text.strip() or "\0" in text:
            why = "is no text" if text.strip() else "is empty"
            self.found.left.append(Left(where, "", why, is_rule=False))
            return
        for item in split_rules(text):
            if isinstance(item, RuleText):
                self._count_rule()
                self.found.rules.append(FoundRule(where, unit, item))
            elif item.kind == "import":
                self.found.modules.append((f"{where}:{item.line}", item.value))
            elif item.kind == "include":
                self._include(file, item, unit, depth)
            else:
                self._count_rule()
                self.found.left.append(Left(f"{where}:{item.line}", item.value, f"can't be read: {item.why}"))

    def _count_rule(self) -> None:
        self.count += 1
        if self.count > MOST_RULES:
            advice = "import the files that you need"
            raise WrongUse(f"more than {MOST_RULES:,} rules", where=show_path(self._folder), advice=advice)

    def _read_text(self, file: Path) -> str:
        data = read_bytes(file, MOST_BYTES)
        self._bytes += len(data)
        if self._bytes > MOST_BYTES:
            advice = "import the files that you need"
            raise WrongUse(f"more than {MOST_BYTES >> 20} MiB", where=show_path(self._folder), advice=advice)
        return data.decode(errors="surrogateescape").removeprefix(_BOM)

    def _include(self, file: Path, told: Told, unit: str, depth: int) -> None:
        place = f"{show_path(file)}:{told.line}"
        name = f'include "{told.value}"'
        wanted = Path(os.path.normpath(file.parent / told.value.replace("\\", "/")))
        if not wanted.is_relative_to(self._folder) or os.path.realpath(wanted) != str(wanted):
            self.found.left.append(
                Left(place, name, f"leads out of {show_path(self._folder)}, or through a link", is_rule=False)
            )
        elif depth == MOST_INCLUDES:
            self.found.left.append(
                Left(place, name, f"more than {MOST_INCLUDES} includes inside one another", is_rule=False)
            )
        elif wanted not in self._read:
            try:
                self._read_file(wanted, unit, depth + 1)
            except WrongUse as error:
                if not str(error.what).startswith("can't be read"):
                    raise
                self.found.left.append(Left(place, name, error.what, is_rule=False))
