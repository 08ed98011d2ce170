"""What is seen of a published folder, a program or a setting of a web server, in the words of its rules."""

from collections import Counter
from collections.abc import Callable

from codered.detect.iis_rules import Exposure, is_named, lies_in, read_iis_rules
from codered.model.windows import IisItem, IisSeen, VirtualDirectory

Canonical = Callable[[str], str]
_WRITE, _RUN = 2, 4 | 512
_LOADED = ("filter", "module")
_ENDS = (".exe", ".dll", ".com", ".cmd", ".bat")


class DirectoryFacts:
    """The facts about virtual directories, seen beside each other. `canonical` is the form of a path that all its
    names share, in lower case.
    """

    def __init__(self, seen: IisSeen, canonical: Canonical) -> None:
        self._canonical = canonical
        paths = {(item.site, item.place.path.text, canonical(item.physical)) for item in seen.directories}
        self._siblings = Counter((site, file, _parent(path)) for site, file, path in paths)

    def find(self, item: VirtualDirectory) -> frozenset[str]:
        """All that holds for one."""
        path = self._canonical(item.physical)
        facts = set(place_facts(path))
        facts |= _name_facts(item.url.lower().rstrip("/") or "/", path)
        flags = item.access_flags or 0
        if flags & _WRITE and flags & _RUN:
            facts.add("write-execute")
        if item.present is False:
            facts.add("missing")
        if self._siblings[(item.site, item.place.path.text, _parent(path))] > 1:
            facts.add("siblings")
        return frozenset(facts)


def program_facts(item: IisItem, canonical: Canonical) -> frozenset[str]:
    """All that holds for a handler, mapping, filter, module or allowed extension."""
    table, program = read_iis_rules(), canonical(find_program(item.program))
    name = program.rpartition("\\")[2]
    facts = set(place_facts(program)) if program else set()
    if item.kind in _LOADED:
        facts.add("loaded")
    if name and is_named(name, table.shells):
        facts.add("shell")
    if name and is_named(name, table.interpreters):
        facts.add("interpreter")
    extension = item.name.lower().rpartition(".")[2] if item.name[:2] in ("*.",) or item.name[:1] == "." else ""
    if extension in table.media_extensions or item.name.lower().endswith("web.config"):
        facts.add("media")
    elif extension in table.text_extensions:
        facts.add("text")
    if is_named(name, table.code_programs) or _runs_code(item.attributes.get("type", "")):
        facts.add("runs-code")
    elif is_named(name, table.aspnet_programs):
        facts.add("aspnet")
    if find_exposure(item) is not None:
        facts.add("exposed")
    return frozenset(facts)


def property_facts(item: IisItem) -> frozenset[str]:
    """All that holds for a setting."""
    value = item.attributes.get("value", item.program).lower()
    words = set(value.replace("|", ",").replace(" ", ",").split(","))
    name = item.name.lower()
    if name in ("accesspolicy", "accessflags"):
        can_write = words & {"write", "accesswrite"}
        return frozenset(["write-execute"]) if can_write and words & _RUN_WORDS else frozenset()
    if name.startswith("notlisted"):
        return frozenset(["unlisted-allowed"]) if value == "true" else frozenset()
    if name == "authoring":
        return frozenset(["webdav-on"]) if value == "true" else frozenset()
    if name == "logpluginclsid":
        known = value.strip() in read_iis_rules().log_plugins
        return frozenset() if known else frozenset(["unknown-log-plugin"])
    return frozenset()


_RUN_WORDS = {"execute", "script", "accessexecute", "accessscript"}


def find_exposure(item: IisItem) -> Exposure | None:
    """The exposure that a script mapping is: only with the program that has the hole."""
    name = find_program(item.program).lower().rpartition("\\")[2]
    extension = item.name.lower().removeprefix("*")
    for exposure in read_iis_rules().exposures:
        if exposure.extension == extension and name in exposure.programs:
            return exposure
    return None


def find_program(command: str) -> str:
    """The program of a command as IIS writes it: quoted, with arguments after `|` or a space."""
    text = command.strip()
    if text.startswith('"'):
        return text[1:].partition('"')[0]
    text = text.partition("|")[0]
    low = text.lower()
    ends = [at + len(end) for end in _ENDS if (at := low.find(end + " ")) >= 0]
    return text[: min(ends)] if ends else text.strip()


def place_facts(path: str) -> frozenset[str]:
    """What a path in lower case says by itself."""
    table = read_iis_rules()
    if path.startswith("\\\\"):
        return frozenset() if path.startswith("\\\\.\\") else frozenset(["unc"])
    if path[1:2] != ":":
        return frozenset()
    if len(path) <= 3:
        return frozenset(["drive-root"])
    named = {
        "never-place": table.never_places, "odd-place": table.odd_places, "com-place": table.com_places,
        "windows-place": table.windows_places, "program-place": table.program_places,
        "native-place": table.native_places,
    }  # fmt: skip
    facts = {fact for fact, places in named.items() if lies_in(path, places)}
    return frozenset(facts or {"elsewhere"})


def _name_facts(url: str, path: str) -> set[str]:
    facts = set()
    if path[1:2] == ":" and len(path) <= 3 and url == f"/{path[0]}":
        facts.add("letter-url")
    for known in read_iis_rules().known_directories:
        if url in known.urls:
            if lies_in(path, known.places):
                return {"known"}
            if known.own:
                facts.add("known-elsewhere")
    return facts


def _runs_code(kind: str) -> bool:
    return kind.lower().partition(",")[0].strip() in read_iis_rules().code_types


def _parent(path: str) -> str:
    return path.rpartition("\\")[0]
