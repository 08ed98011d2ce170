"""From a judged process to a finding: who it is, and what proves it."""

import hashlib

from codered.detect.heuristics import Judgement, Read
from codered.detect.process_indicators import ProcessHit
from codered.detect.process_text import MOST_PARTS, MOST_TEXT, is_cut, read_text
from codered.model.finding import Evidence, Finding, Subject
from codered.model.heuristics import HEURISTICS
from codered.model.process import Executable, HiddenProcess, ProcessSeen

MOST_DATA = 256  # bytes of an evidence
MOST_CONNECTIONS = 8  # told of one process
MOST_FILES = 8


def make_finding(process: ProcessSeen, judgement: Judgement, read: Read, sha256: str, note: str = "") -> Finding:
    """The finding of a process that the heuristics speak against; `note` goes behind the reason."""
    return Finding(
        id=_identify(HEURISTICS, judgement.indicator, process),
        pack=HEURISTICS,
        indicator=judgement.indicator,
        layer="processes",
        subject=describe_subject(process),
        confidence=judgement.confidence,
        severity=judgement.severity,
        because=judgement.because + note,
        evidence=(*_texts(process, read), *_tell_cut(process), *collect_evidence(process, sha256)),
        attack=judgement.attack(),
        first_seen=process.started,
        remedy=judgement.remedy,
    )


def make_pack_finding(hit: ProcessHit, sha256: str) -> Finding:
    """The finding of a process that a pack names."""
    indicator, process = hit.indicator, hit.process
    return Finding(
        id=_identify(hit.pack, indicator.id, process),
        pack=hit.pack,
        indicator=indicator.id,
        layer="processes",
        subject=describe_subject(process),
        confidence=indicator.confidence,
        severity=indicator.severity,
        because=indicator.because,
        evidence=(Evidence(what="; ".join(hit.reasons)), *collect_evidence(process, sha256)),
        attack=indicator.attack,
        shared_by=indicator.shared_by,
        first_seen=process.started,
    )


def make_hidden_finding(hidden: HiddenProcess, judgement: Judgement) -> Finding:
    """The finding of a pid that is hidden so well that nothing else of it can be read."""
    return Finding(
        id=hashlib.sha256(f"{HEURISTICS}\0{judgement.indicator}\0{hidden.pid}".encode()).hexdigest()[:12],
        pack=HEURISTICS,
        indicator=judgement.indicator,
        layer="processes",
        subject=Subject(kind="process", pid=hidden.pid),
        confidence=judgement.confidence,
        severity=judgement.severity,
        because=judgement.because,
        evidence=(tell_views(hidden),),
        attack=judgement.attack(),
    )


def tell_views(hidden: HiddenProcess) -> Evidence:
    """Which views of the system show the process and which do not."""
    return Evidence(what=f"seen by {' and '.join(hidden.seen_by)}, missing from {' and '.join(hidden.missing_from)}")


def describe_subject(process: ProcessSeen) -> Subject:
    """The process as the subject of a finding."""
    path = process.exe.path if process.exe else None
    return Subject(
        kind="process",
        pid=process.id.pid,
        start=process.id.start,
        key=process.name,
        path=path.text if path else None,
        path_raw=path.raw if path else None,
    )


def collect_evidence(process: ProcessSeen, sha256: str) -> tuple[Evidence, ...]:
    """Its command line, program, user, parent, libraries forced into it, connections and deleted files."""
    command = process.arguments()
    found = [Evidence(what="the command line", data=command[:MOST_DATA], size=len(command), source="command")]
    if process.exe is not None:
        found.append(Evidence(what=_tell_program(process.exe), sha256=sha256 or None, source="program"))
    user = process.user or f"uid {process.uid}"
    place = f", in {process.cwd}" if process.cwd else ""
    found.append(Evidence(what=f"runs as {user}, started by process {process.parent}{place}", source="process"))
    for name, value in sorted(process.environment.items()):
        found.append(Evidence(what=f"environment: {name}", data=_cut(value), source="environment"))
    told = [one for one in process.connections if one.remote or one.state == "LISTEN"][:MOST_CONNECTIONS]
    for one in told:
        remote = f" to {one.remote} port {one.remote_port}" if one.remote else ""
        what = f"{one.protocol} {one.local} port {one.local_port}{remote} ({one.state})"
        found.append(Evidence(what=what, source="socket"))
    for path in process.deleted_files[:MOST_FILES]:
        found.append(Evidence(what="a deleted file it holds", data=_cut(path), source="open file"))
    return tuple(found)


def _texts(process: ProcessSeen, read: Read) -> tuple[Evidence, ...]:
    """The places that patterns found; an offset is told where the text that was read is the command line itself."""
    text = read_text(process)
    same = process.arguments().startswith(text)
    return tuple(
        Evidence(
            what=f"fits {fact.removeprefix('text:')}",
            data=text[at : at + length][:MOST_DATA],
            offset=at if same else None,
        )
        for fact, (at, length) in sorted(read.places.items())
    )


def _tell_cut(process: ProcessSeen) -> tuple[Evidence, ...]:
    if not is_cut(process):
        return ()
    what = f"its command line is longer than the {MOST_TEXT} bytes or {MOST_PARTS} arguments that were read"
    return (Evidence(what=what, source="command"),)


def _tell_program(exe: Executable) -> str:
    states = {"in memory only": exe.memfd, "deleted": exe.deleted and not exe.replaced,
              "replaced by another file": exe.replaced, "in a container": exe.foreign}  # fmt: skip
    told = ", ".join(name for name, holds in states.items() if holds)
    return f"its program: {told}" if told else "its program"


def _cut(text: str) -> bytes:
    return text.encode(errors="backslashreplace")[:MOST_DATA]


def _identify(pack: str, indicator: str, process: ProcessSeen) -> str:
    subject = f"{process.id.pid}\0{process.id.start}\0{process.name}"
    return hashlib.sha256(f"{pack}\0{indicator}\0{subject}".encode()).hexdigest()[:12]
