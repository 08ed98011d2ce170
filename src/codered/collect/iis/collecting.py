"""Reading the configuration of whatever IIS a Windows system has."""

from codered.collect.iis.config_sections import read_sections
from codered.collect.iis.gathering import ConfigText, Gathering, cut
from codered.collect.iis.metabase_bin import read_metabase_bin
from codered.collect.iis.metabase_xml import read_metabase_xml
from codered.collect.iis.site_folders import look_at_folders
from codered.collect.iis.virtual_roots import read_version, read_virtual_roots
from codered.collect.iis.words import Configuration, folders_of, read_words
from codered.engine.xml_elements import Element, read_elements
from codered.model.registry import Registry
from codered.model.target import Target
from codered.model.windows import IisSeen

_CONFIG_FILES = ("applicationHost.config", "administration.config")


def collect_iis(target: Target, registry: Registry) -> IisSeen:
    """The configuration of IIS on a Windows system, whatever its version; nothing where there is none. What can't be
    read is in `unread`, what can't be judged in `undetermined`.
    """
    gathering = Gathering(target)
    version = ""
    for configuration in read_words().configurations:
        for rel in target.find(configuration.path):
            if _read(configuration, rel, gathering):
                version = version or configuration.version
    read_virtual_roots(registry, gathering)
    look_at_folders(gathering)
    gathering.version = read_version(registry) or version
    return gathering.finish()


def _read(configuration: Configuration, rel: bytes, gathering: Gathering) -> bool:
    """Whether there was something to read."""
    gathering.folders = folders_of(gathering.target.shown(rel) or "")
    text = gathering.open_text(rel)
    if text is None:
        return False
    match configuration.form:
        case "metabase":
            read_metabase_xml(text, gathering)
        case "binary":
            read_metabase_bin(text, gathering)
        case "redirection":
            _follow_redirection(text, gathering)
        case "sections":
            read_sections(text, gathering)
    logs = read_words().default_logs.get(configuration.form) if configuration.version else None
    if logs is not None:
        gathering.add_logs(gathering.folders.fill(logs))
    return True


def _follow_redirection(text: ConfigText, gathering: Gathering) -> None:
    """The configuration may be kept elsewhere: it is read there if that is part of what is looked at."""
    places: list[str] = []

    def take(element: Element) -> None:
        values = element.attributes
        if element.name == "configurationRedirection" and values.get("enabled", "").lower() == "true":
            places.append(gathering.folders.expand(cut(values.get("path", ""))))

    why = read_elements(text.data, take)
    if why:
        gathering.add_unread(text.shown, why)
    for folder in places[:1]:
        found = [rel for name in _CONFIG_FILES for rel in gathering.target.find(f"{folder}\\{name}")]
        if not found:
            where = f"{text.shown} says that the configuration lies in {folder}"
            gathering.add_unread(where, "that is no part of what is looked at")
        for rel in found:
            inner = gathering.open_text(rel)
            if inner is not None:
                read_sections(inner, gathering)
