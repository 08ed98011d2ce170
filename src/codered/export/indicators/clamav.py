"""Packs as ClamAV signatures: logical ones from the rules, plain ones from a single string, hashes from files."""

from collections import ChainMap
from collections.abc import Iterator

from codered.export.indicators.clamav_logic import write_signature
from codered.export.indicators.clamav_strings import write_bytes
from codered.export.indicators.conditions import Here, UnsayableError, read_condition
from codered.export.indicators.exported import Export, ExportFile, list_header
from codered.export.indicators.leaving_out import leave_layers, leave_sign
from codered.model.indicators import ContentIndicator, FileIndicator
from codered.model.pack import ThreatPack
from codered.model.rule import ParsedPack, Rule, RuleString

CHECKED_WITH = "ClamAV 1.4.6"
PAGES = (
    "Load with `clamscan --normalize=no` (clamd: ScanHTML no). ClamAV also looks into a copy of a page, rewritten, and",
    "there a page about a threat looks like one that has it.",
)
HASH_LEVEL = 73  # the first engine that takes a hash without a size


def make_clamav(packs: tuple[ParsedPack, ...]) -> Export:
    """`codered.ldb`, `.ndb`, `.hsb` and, for texts, `codered-pages.ldb`; those of them that have a signature."""
    left = list(leave_layers(packs, ("content", "files"), "ClamAV sees what is in a file, and nothing around it"))
    lines: dict[str, list[str]] = {"codered.ldb": [], "codered-pages.ldb": [], "codered.ndb": [], "codered.hsb": []}
    for one in packs:
        pack = one.loaded.pack
        rules = {rule.name: rule for rule in one.rules}
        inner = {f"{rule.name}/{string.name}": string for rule in one.rules for string in rule.strings}
        for sign in pack.content:
            try:
                name, line = _write_sign(pack, sign, rules, inner)
                lines[name].append(line)
            except UnsayableError as error:
                left.append(leave_sign(pack, sign, f"content: {error}"))
        for file in pack.files:
            hashes = list(_list_hashes(pack, file))
            lines["codered.hsb"] += hashes
            if not hashes:
                left.append(leave_sign(pack, file, "files: ClamAV knows no places and names of files"))
    files = (ExportFile(name, _write_file(name, made, packs)) for name, made in lines.items() if made)
    return Export(tuple(files), tuple(left))


def _write_file(name: str, lines: list[str], packs: tuple[ParsedPack, ...]) -> bytes:
    head = [*list_header("ClamAV signatures", CHECKED_WITH, packs), *(PAGES if "pages" in name else ())]
    return "".join([*(f"# {line}\n" for line in head), *(f"{line}\n" for line in lines)]).encode()


def _write_sign(
    pack: ThreatPack, sign: ContentIndicator, rules: dict[str, Rule], inner: dict[str, RuleString]
) -> tuple[str, str]:
    """The file that the signature belongs to, and its line. Raises UnsayableError."""
    if "files" not in sign.where:
        raise UnsayableError("it is looked for in memory or on the wire only")
    if sign.rule not in rules:
        raise UnsayableError("its rule is missing")
    rule = rules[sign.rule]
    name = f"CodeRed.{sign.confidence}.{pack.name}.{sign.id}"
    tree = read_condition(rule, rules)
    strings = ChainMap({string.name: string for string in rule.strings}, inner)
    if sign.scope == "any" and isinstance(tree, Here) and tree.first is None and _is_plain(strings[tree.name]):
        return "codered.ndb", f"{name}:0:*:{write_bytes(strings[tree.name].literal())}"
    kind = "codered-pages.ldb" if sign.scope == "text" else "codered.ldb"
    return kind, write_signature(name, tree, strings, sign.scope)


def _is_plain(string: RuleString) -> bool:
    return string.kind == "text" and not set(string.modifiers) - {"ascii", "private"}


def _list_hashes(pack: ThreatPack, file: FileIndicator) -> Iterator[str]:
    """A file known by its hash is known without its place; with a rule or a twin beside it, it is not."""
    if file.content or file.same_as:
        return
    for digest in file.sha256:
        for size in file.sizes or ("*",):
            ending = f":{HASH_LEVEL}" if size == "*" else ""
            yield f"{digest.lower()}:{size}:CodeRed.{file.confidence}.{pack.name}.{file.id}{ending}"
