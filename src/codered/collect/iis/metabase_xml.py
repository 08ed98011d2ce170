"""MetaBase.xml, the configuration of IIS 6: elements are keys of the metabase, attributes their values."""

from codered.collect.iis.gathering import ConfigText, Gathering, cut
from codered.collect.iis.words import parse_access_flags, plain_path, rights_of
from codered.engine.xml_elements import Element, read_elements
from codered.model.windows import IisItem, IisItemKind, VirtualDirectory

_SERVICES = {"w3svc": "", "msftpsvc": "ftp "}
MOST_ENTRIES = 2000  # script mappings or extensions in one value


def read_metabase_xml(text: ConfigText, gathering: Gathering) -> None:
    """Take what it says; what can't be parsed is said."""
    reader = _MetabaseReader(text, gathering)
    why = read_elements(text.data, reader.take)
    reader.finish()
    if why:
        gathering.add_unread(text.shown, why)


def split_mappings(value: str) -> list[str]:
    """The entries of a ScriptMaps value. XML makes spaces of the line ends between them, and paths hold spaces too: an
    entry starts at a word that begins with a dot or is the wildcard.
    """
    entries: list[list[str]] = []
    for word in value.split():
        if word[0] == "." or word[:2] == "*," or not entries:
            if len(entries) == MOST_ENTRIES:
                break
            entries.append([])
        entries[-1].append(word)
    return [" ".join(words) for words in entries]


def split_extensions(value: str) -> list[str]:
    """The entries of a WebSvcExtRestrictionList value: each starts with `0,` or `1,`."""
    entries: list[list[str]] = []
    for word in value.split():
        if word[:2] in ("0,", "1,") or not entries:
            if len(entries) == MOST_ENTRIES:
                break
            entries.append([])
        entries[-1].append(word)
    return [" ".join(words) for words in entries]


class _MetabaseReader:
    """Takes the elements of one file."""

    def __init__(self, text: ConfigText, gathering: Gathering) -> None:
        self._text = text
        self._gathering = gathering
        self._sites: dict[str, None] = {}
        self._logs: list[str] = []

    def take(self, element: Element) -> None:
        """One key."""
        values, location = element.attributes, cut(element.attributes.get("Location", ""))
        parts = location.strip("/").split("/")
        if len(parts) < 2 or parts[0].lower() != "lm" or parts[1].lower() not in _SERVICES:
            return
        if len(parts) == 3 and parts[2].isdigit():
            self._sites[parts[2]] = None
        if "Path" in values:
            self._take_directory(element, parts, location)
        elif "AccessFlags" in values:
            self._add(element, "property", "AccessFlags", cut(values["AccessFlags"]))
        for entry in split_mappings(values.get("ScriptMaps", "")):
            fields = entry.split(",")
            if len(fields) >= 2:
                more = {"flags": fields[2]} if len(fields) > 2 else {}
                self._add(element, "mapping", cut(fields[0]), cut(fields[1]), more)
        for entry in split_extensions(values.get("WebSvcExtRestrictionList", "")):
            fields = entry.split(",")
            if len(fields) >= 2:
                allowed = {"allowed": "true" if fields[0] == "1" else "false"}
                self._add(element, "isapi_restriction", cut(fields[1]), cut(fields[1]), allowed)
        if "FilterPath" in values:
            self._add(element, "filter", parts[-1], cut(values["FilterPath"]))
        if "LogPluginClsid" in values:
            self._add(element, "property", "LogPluginClsid", cut(values["LogPluginClsid"]))
        if values.get("LogFileDirectory"):
            self._logs.append(cut(values["LogFileDirectory"]))

    def finish(self) -> None:
        """The folders of logs, once the sites are known."""
        for folder in self._logs:
            for site in self._sites or ("1",):
                self._gathering.add_logs(f"{folder.rstrip(chr(92))}\\W3SVC{site}")

    def _take_directory(self, element: Element, parts: list[str], location: str) -> None:
        flags = parse_access_flags(element.attributes.get("AccessFlags", ""))
        below = parts[4:] if len(parts) > 3 and parts[3].lower() == "root" else parts[3:]
        physical = plain_path(self._gathering.folders.expand(cut(element.attributes["Path"])))
        directory = VirtualDirectory(
            site=_SERVICES[parts[1].lower()] + (parts[2] if len(parts) > 2 else ""),
            url="/" + "/".join(below),
            physical=physical,
            place=self._text.place(element),
            rights=rights_of(flags),
            access_flags=flags,
            key=location,
        )
        self._gathering.add_directory(directory)

    def _add(
        self, element: Element, kind: IisItemKind, name: str, program: str, more: dict[str, str] | None = None
    ) -> None:
        item = IisItem(
            kind=kind, name=name, place=self._text.place(element), program=self._gathering.folders.expand(program),
            scope=cut(element.attributes["Location"]), attributes=more or {},
        )  # fmt: skip
        self._gathering.add_item(item)
