"""The files that findings on a Windows system point to: they are looked at before all else."""

import re
from collections.abc import Iterable

from codered.model.finding import Finding
from codered.model.persistence import Autostart
from codered.model.target import Target
from codered.scan.tasks import Lead

MOST = 200
_PATH = re.compile(
    r"[a-z]:\\[^\"<>|?*,;\x00-\x1f]{1,250}?\.(?:exe|dll|com|bat|cmd|vbs|js|ps1|scr|sys|asp|aspx)\b", re.I
)
_TEXT = 2048  # characters of one finding's evidence


def find_leads(findings: Iterable[Finding], target: Target, entries: Iterable[Autostart] = ()) -> list[Lead]:
    """The absolute paths of what likely findings name: in their data, and what their entries run."""
    likely = [item for item in findings if item.confidence != "suspicious"]
    names = [name for item in likely for name in _name_files(item)]
    wanted = {(item.subject.registry, item.subject.value, item.subject.path) for item in likely}
    for entry in entries:
        if (entry.registry or None, entry.value, entry.path.text) in wanted:
            names += [name for name in entry.runs if ":\\" in name]
    own = [item.subject.file_path().to_bytes() for item in likely if _is_file(item)]
    return list(dict.fromkeys((*own, *find_files(names, target))))[:MOST]


def find_files(names: Iterable[str], target: Target) -> list[Lead]:
    """The absolute paths of what the examined system calls so, as far as it is there."""
    found = [rel for name in dict.fromkeys(names) for rel in target.find(name)]
    return [target.absolute(rel) for rel in found][:MOST]


def _is_file(finding: Finding) -> bool:
    """Whether the finding is about a file of its own and not a value in a hive or a line in a configuration."""
    subject = finding.subject
    return subject.path is not None and subject.registry is None and not subject.line


def _name_files(finding: Finding) -> list[str]:
    texts = [_decode(item.data) for item in finding.evidence if item.data]
    return [name for text in texts for name in _PATH.findall(text[:_TEXT])]


def _decode(data: bytes) -> str:
    """The text of a value (UTF-16) or of a line."""
    if data[1::2].count(0) * 4 > len(data):
        return data[: len(data) & ~1].decode("utf-16-le", "replace")
    return data.decode("utf-8", "replace")
