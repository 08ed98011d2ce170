"""Planning for the configuration of a web server: virtual directories, mappings, handlers, filters and modules that go,
rights that are set back. The file stays well-formed, or nothing is planned.
"""

from functools import cache
from importlib import resources

import msgspec
from msgspec.structs import replace

from codered.engine.xml_elements import Element
from codered.model.finding import Finding
from codered.model.indicators import SettingIndicator
from codered.model.pack import LoadedPack
from codered.model.plan import Edit, LineChange
from codered.remediate.byte_cuts import Cut, make_line_changes
from codered.remediate.drafts import LINES, Draft, Ground, LeftOut, Order
from codered.remediate.file_state import ChangeFailed
from codered.remediate.iis_elements import (
    Document,
    attribute_cut,
    entry_cut,
    find_element,
    find_name,
    read_document,
)
from codered.remediate.lines import change_lines
from codered.remediate.plan_lines import draft_edit, locate_line, start_edit
from codered.remediate.proposals import Proposal

BINARY = (
    "the metabase of IIS 4 and 5 is never edited from outside: run the script for this system, or adsutil.vbs, when it "
    "runs again"
)
_SECTIONS = ("handlers", "httpHandlers", "buildProviders", "fastCgi", "globalModules", "modules", "isapiFilters",
             "isapiCgiRestriction")  # fmt: skip


def is_about_iis(finding: Finding) -> bool:
    """Whether it is about the configuration of a web server in a file."""
    subject = finding.subject
    return subject.kind == "setting" and subject.registry is None and any(e.source == "iis" for e in finding.evidence)


def plan_iis(proposal: Proposal, ground: Ground, packs: tuple[LoadedPack, ...]) -> list[Draft]:
    """What the finding is about goes, or is set back. Raises LeftOut, OSError, ChangeFailed, Refused."""
    finding = proposal.finding
    path = finding.subject.file_path()
    if path.text.lower().endswith(".bin"):
        raise LeftOut(BINARY)
    content, lines = ground.read_lines(path)
    number = locate_line(proposal, lines)
    start = sum(map(len, lines[: number - 1]))
    document = read_document(content.data)
    element = find_element(document, finding, start, start + len(lines[number - 1]))
    cuts = _choose_cuts(proposal, document, element, _find_indicator(proposal, packs))
    action = start_edit(proposal, ground, ground.find_below(path), "reset_setting")
    changes = make_line_changes(lines, cuts)
    read_document(change_lines(content.data, changes))
    draft = draft_edit(proposal, ground, action, changes, Order(LINES, *proposal.rank))
    return [replace(draft, cuts=tuple(cuts))]


def join_cuts(drafts: list[Draft], ground: Ground) -> list[Draft]:
    """Drafts of one file, the first with the changes of all their cuts. Raises OSError, ChangeFailed."""
    cutting = [draft for draft in drafts if draft.cuts]
    if len(cutting) < 2:
        return drafts
    content, lines = ground.read_lines(cutting[0].action.path)
    try:
        changes = make_line_changes(lines, [cut for draft in cutting for cut in draft.cuts])
        read_document(change_lines(content.data, changes))
    except (ValueError, LeftOut) as error:
        raise ChangeFailed(f"what is to be changed in it does not go together ({error}): plan less at once") from None
    return [_with_changes(draft, changes if draft is cutting[0] else ()) if draft.cuts else draft for draft in drafts]


def _with_changes(draft: Draft, changes: tuple[LineChange, ...]) -> Draft:
    edit = draft.action.edit
    outcome = edit.outcome if edit is not None else draft.action.file_state()
    return replace(draft, action=replace(draft.action, edit=Edit(outcome=outcome, lines=changes)))


def _choose_cuts(proposal: Proposal, document: Document, element: Element, sign: SettingIndicator | None) -> list[Cut]:
    """Raises LeftOut."""
    if proposal.step.action == "remove_virtual_directory":
        return _cut_directory(document, element)
    if sign is not None and sign.value == "AccessFlags" and sign.clean_is == "value":
        return [attribute_cut(document, element, "AccessFlags", _name_flags(sign.clean))]
    if sign is not None and sign.clean_is == "absent" and element.name != "virtualDirectory":
        return _cut_entry(document, element, proposal.finding)
    if sign is not None:
        raise LeftOut("what it was before is not known: set it by hand")
    return _cut_entry(document, element, proposal.finding)


def _cut_directory(document: Document, element: Element) -> list[Cut]:
    """A virtual directory; with its application if it is the root of one; with the keys below it in a metabase."""
    location = element.attributes.get("Location")
    if location is not None:
        if len(location.strip("/").split("/")) < 5:
            raise LeftOut("it is the root of the site itself: decide yourself where it should lead")
        below = location.lower().rstrip("/") + "/"
        keys = [each for each in document.elements if each.attributes.get("Location", "").lower().startswith(below)]
        return [Cut(each.start, each.end) for each in (element, *keys)]
    application = element.parent
    if application is None or application.name != "application" or element.attributes.get("path", "/") != "/":
        return [Cut(element.start, element.end)]
    if application.attributes.get("path", "/") == "/":
        raise LeftOut("it is the root of the site itself: decide yourself where it should lead")
    others = [each for each in document.elements if each.parent is application and each.name == "virtualDirectory"]
    if len(others) > 1:
        raise LeftOut("other directories are published below it: decide yourself")
    return [Cut(application.start, application.end)]


def _cut_entry(document: Document, element: Element, finding: Finding) -> list[Cut]:
    """A handler, module, filter or mapping. Raises LeftOut."""
    section = element.parent.name if element.parent is not None else ""
    name = find_name(finding)
    if "ScriptMaps" in element.attributes and name[:1] in (".", "*"):
        return [entry_cut(document, element, "ScriptMaps", name)]
    if "FilterPath" in element.attributes:
        return [Cut(element.start, element.end), *_cut_load_order(document, element)]
    if section not in _SECTIONS:
        raise LeftOut("what it should be is not known: decide yourself")
    cuts = [Cut(element.start, element.end)]
    if section == "globalModules":  # IIS does not start with a module that is switched on and not there
        called = element.attributes.get("name", "")
        cuts += [
            Cut(each.start, each.end)
            for each in document.elements
            if each.parent is not None and each.parent.name == "modules" and each.attributes.get("name") == called
        ]
    return cuts


def _cut_load_order(document: Document, element: Element) -> list[Cut]:
    """The filter's name out of the list of those that are loaded."""
    folder, _, name = element.attributes.get("Location", "").rpartition("/")
    cuts = []
    for each in document.elements:
        order = each.attributes.get("FilterLoadOrder")
        if order is not None and each.attributes.get("Location", "").lower() == folder.lower():
            names = order.split(",")
            kept = [part for part in names if part.strip().lower() != name.lower()]
            if len(kept) < len(names):
                cuts.append(attribute_cut(document, each, "FilterLoadOrder", ",".join(kept)))
    return cuts


def _name_flags(number: str) -> str:
    """As the metabase writes them: `AccessRead | AccessScript`."""
    wanted = int(number) if number.isdecimal() else 0
    names = [name for name, flag in _read_flags().items() if wanted & flag]
    if not names:
        raise LeftOut("the pack names no rights to set: decide yourself")
    return " | ".join(names)


@cache
def _read_flags() -> dict[str, int]:
    raw = resources.files("codered.remediate").joinpath("iis_access_flags.json").read_bytes()
    return msgspec.json.decode(raw, type=dict[str, int])


def _find_indicator(proposal: Proposal, packs: tuple[LoadedPack, ...]) -> SettingIndicator | None:
    """The setting of the pack that found it."""
    signs = (sign for item in packs if item.pack.name == proposal.pack for sign in item.pack.settings)
    return next((sign for sign in signs if sign.id == proposal.finding.indicator), None)
