"""applicationHost.config and web.config, the configuration of IIS 7 and later: sections, some for a `location` only."""

import ntpath
from typing import NamedTuple

from codered.collect.iis.gathering import ConfigText, Gathering, cut
from codered.collect.iis.words import plain_path
from codered.engine.xml_elements import Element, read_elements
from codered.model.windows import IisItem, IisItemKind, VirtualDirectory

MOST_SOURCES = 50  # files that sections of one configuration are kept in
_LOG_ELEMENTS = ("logFile", "centralW3CLogFile")


class _Kind(NamedTuple):
    """What an entry of a section is: the attributes that hold its name and its program."""

    kind: IisItemKind
    name: str
    program: str


_ENTRIES: dict[tuple[str, str], _Kind] = {
    ("handlers", "add"): _Kind("handler", "path", "scriptProcessor"),
    ("httpHandlers", "add"): _Kind("handler", "path", ""),
    ("buildProviders", "add"): _Kind("handler", "extension", ""),
    ("fastCgi", "application"): _Kind("handler", "fullPath", "fullPath"),
    ("globalModules", "add"): _Kind("module", "name", "image"),
    ("modules", "add"): _Kind("module", "name", ""),
    ("isapiFilters", "filter"): _Kind("filter", "name", "path"),
    ("isapiCgiRestriction", "add"): _Kind("isapi_restriction", "path", "path"),
}
_KEPT = ("name", "type", "modules", "verb", "allowed", "arguments", "requireAccess", "allowPathInfo", "preCondition")


def read_sections(text: ConfigText, gathering: Gathering, scope: str = "") -> None:
    """Take what it says for `scope` (the folder of a web.config; "" = the server), with the files that its sections are
    kept in; what can't be parsed is said.
    """
    reader = _SectionReader(text, gathering, scope)
    why = read_elements(text.data, reader.take)
    if why:
        gathering.add_unread(text.shown, why)
    for source in tuple(reader.sources)[:MOST_SOURCES]:
        _read_source(source, text, gathering, scope)


def _read_source(source: str, text: ConfigText, gathering: Gathering, scope: str) -> None:
    """A section's file of its own. It must lie with the configuration, as IIS asks too."""
    folder = ntpath.dirname(text.shown)
    path = ntpath.normpath(ntpath.join(folder, source.replace("/", "\\")))
    if not path.lower().startswith(folder.lower() + "\\") or path[1:3] != ":\\":
        gathering.add_unread(text.shown, "a section is kept in a file outside this folder: it is not read")
        return
    found = gathering.target.find(path)
    if not found:
        gathering.add_unread(path, f"a section of {text.name} is kept in it, and it is not there")
    for rel in found:
        inner = gathering.open_text(rel)
        if inner is not None:
            why = read_elements(inner.data, _SectionReader(inner, gathering, scope).take)
            if why:
                gathering.add_unread(inner.shown, why)


class _SectionReader:
    """Takes the elements of one file."""

    def __init__(self, text: ConfigText, gathering: Gathering, scope: str) -> None:
        self._text = text
        self._gathering = gathering
        self._scope = scope
        self.sources: dict[str, None] = {}

    def take(self, element: Element) -> None:
        """One element."""
        above = element.parent.name if element.parent is not None else ""
        known = _ENTRIES.get((above, element.name))
        if known is not None:
            self._add(element, known)
        elif element.name == "virtualDirectory" and above == "application":
            self._take_directory(element)
        elif element.name in _LOG_ELEMENTS:
            self._take_logs(element)
        elif element.name == "EncryptedData":
            where = f"the section {above} is encrypted"
            self._gathering.add_undetermined(self._text.shown, f"{where}: look at it on the system itself")
        else:
            self._take_properties(element, above)
        source = element.attributes.get("configSource")
        if source:
            self.sources[cut(source)] = None

    def _take_properties(self, element: Element, above: str) -> None:
        values, name = element.attributes, element.name
        if name == "handlers" and "accessPolicy" in values:
            self._add_property(element, "property", "accessPolicy", values["accessPolicy"])
        elif name == "isapiCgiRestriction":
            for which in ("notListedIsapisAllowed", "notListedCgisAllowed"):
                if which in values:
                    self._add_property(element, "isapi_restriction", which, values[which])
        elif name == "authoring" and above == "webdav" and "enabled" in values:
            self._add_property(element, "webdav", "authoring", values["enabled"])

    def _add(self, element: Element, known: _Kind) -> None:
        values = element.attributes
        kept = {name: cut(values[name]) for name in _KEPT if values.get(name)}
        kept["section"] = element.parent.name if element.parent is not None else ""
        item = IisItem(
            kind=known.kind,
            name=cut(values.get(known.name, "")),
            place=self._text.place(element),
            program=self._gathering.folders.expand(cut(values.get(known.program, ""))) if known.program else "",
            scope=self._find_scope(element),
            attributes=kept,
        )
        self._gathering.add_item(item)

    def _add_property(self, element: Element, kind: IisItemKind, name: str, value: str) -> None:
        place, scope = self._text.place(element), self._find_scope(element)
        item = IisItem(kind=kind, name=name, place=place, scope=scope, attributes={"value": cut(value)})
        self._gathering.add_item(item)

    def _find_scope(self, element: Element) -> str:
        location = element.above("location")
        path = cut(location.attributes.get("path", "")) if location is not None else ""
        path = "" if path == "." else path
        return "\\".join(part for part in (self._scope, path) if part) if self._scope else path

    def _take_directory(self, element: Element) -> None:
        application, site = element.parent, element.above("site")
        if application is None or site is None:
            return  # the defaults of all of them: they have no path
        path = cut(application.attributes.get("path", "/"))
        url = _join_url(path, cut(element.attributes.get("path", "/")))
        name = cut(site.attributes.get("name", ""))
        directory = VirtualDirectory(
            site=cut(site.attributes.get("id", "")) or name,
            url=url,
            physical=plain_path(self._gathering.folders.expand(cut(element.attributes.get("physicalPath", "")))),
            place=self._text.place(element),
            key=f"{name}{url}",
        )
        self._gathering.add_directory(directory)

    def _take_logs(self, element: Element) -> None:
        folder = element.attributes.get("directory", "")
        site = element.above("site")
        number = site.attributes.get("id", "") if site is not None else ""
        if folder and number.isdigit() and element.name == "logFile":
            folder = f"{folder.rstrip(chr(92))}\\W3SVC{number}"
        if folder:
            self._gathering.add_logs(folder)


def _join_url(application: str, directory: str) -> str:
    parts = [part for part in (*application.split("/"), *directory.split("/")) if part]
    return "/" + "/".join(parts)
