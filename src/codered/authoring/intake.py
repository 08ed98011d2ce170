"""Everything that shows the threat, and everything that is clean, read and told apart by content."""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import closing

import msgspec

from codered.authoring.orders import Capture, Choice, LogLine, Material, Sample, Source, SourceKind, Tell, ignore
from codered.authoring.pieces import read_sample
from codered.collect.captures.opening import is_capture
from codered.collect.log_opening import open_log
from codered.collect.traffic_files import open_traffic
from codered.model.errors import WrongUse
from codered.model.traffic import Attempt, Sent
from codered.system.descriptors import READ_FILE

MOST_SAMPLES = 64
MOST_SAMPLE_BYTES = 256 << 20  # of all samples together
MOST_CLEAN_BYTES = 256 << 20
MOST_CLEAN = 20_000
MOST_LINES = 200_000
MOST_EVENTS = 500_000
_MOST_SENT = 20_000
_MOST_DEPTH = 16
_DUMP_HEADS = (b"EMiL", b"PAGEDUMP", b"PAGEDU64")
_ELF_CORE = b"\x04\x00"
_DUMP_ENDINGS = (".vmem", ".raw", ".lime", ".dmp", ".core", ".mem")


class _Gathered(msgspec.Struct):
    samples: list[Sample]
    lines: list[LogLine]
    captures: list[Capture]
    memory: list[Sample]
    notes: list[Choice]


def gather(sources: Iterable[Source], tell: Tell = ignore) -> Material:
    """Read every file and folder given. Raises WrongUse for one that can't be read, and if there are too many."""
    found = _Gathered([], [], [], [], [])
    for source in sources:
        for path in list_files(source.path):
            tell(f"reading {os.path.basename(path)}")
            _take(path, source.kind, found)
            if len(found.samples) > MOST_SAMPLES or _size(found.samples) + _size(found.memory) > MOST_SAMPLE_BYTES:
                advice = f"at most {MOST_SAMPLES} samples and {MOST_SAMPLE_BYTES >> 20} MiB: choose typical ones"
                raise WrongUse("more than can be compared", where=ascii(source.path)[1:-1], advice=advice)
    return Material(
        samples=_drop_twins(found.samples, found.notes),
        lines=tuple(found.lines),
        captures=tuple(found.captures),
        memory=_drop_twins(found.memory, found.notes),
        notes=tuple(found.notes),
    )


def read_clean(places: Iterable[str], notes: list[Choice]) -> Iterator[tuple[str, Sample]]:
    """The clean files with their paths, one after the other; what is too much, empty or can't be read is noted."""
    left = MOST_CLEAN_BYTES
    for place in places:
        for number, path in enumerate(list_files(place)):
            if left <= 0 or number >= MOST_CLEAN:
                why = f"at most {MOST_CLEAN:,} files and {MOST_CLEAN_BYTES >> 20} MiB are compared"
                notes.append(Choice("clean", f"not all of {os.path.basename(place)}", why))
                return
            try:
                sample = read_sample(path)
            except WrongUse as error:
                notes.append(Choice("clean", f"passed over {os.path.basename(path)}", error.what))
                continue
            left -= len(sample.data)
            yield path, sample


def list_files(path: str) -> Iterator[str]:
    """The file, or every plain file in the folder and below, sorted; links are passed over. Raises WrongUse."""
    try:
        mode = os.lstat(path).st_mode
    except (OSError, ValueError):
        advice = "give a sample, a log, a capture, a memory dump, or a folder of these"
        raise WrongUse("no such file or folder", where=ascii(path)[1:-1], advice=advice) from None
    if not stat.S_ISDIR(mode):
        yield path
        return
    top = path.rstrip("/").count("/")
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(folders) if folder.count("/") - top < _MOST_DEPTH else []
        for name in sorted(names):
            file = os.path.join(folder, name)
            try:
                mode = os.lstat(file).st_mode
            except OSError:
                continue  # it went away since the folder was listed
            if stat.S_ISREG(mode):
                yield file


def read_lines(path: str) -> tuple[LogLine, ...]:
    """The requests of a web log, MOST_LINES at most; none for what is no web log. Raises OSError."""
    found: list[LogLine] = []
    descriptor = os.open(path, READ_FILE)
    try:
        log = open_log(descriptor, path)
        if log.format is None:
            return ()
        for chunk in log.chunks():
            start = 0
            for raw in chunk.data.split(b"\n"):
                hit = chunk.read(start, start + len(raw))
                start += len(raw) + 1
                if hit is not None and hit.request:
                    found.append(LogLine(hit.request, hit.agent, raw))
                if len(found) == MOST_LINES:
                    return tuple(found)
    finally:
        os.close(descriptor)
    return tuple(found)


def _take(path: str, kind: SourceKind, found: _Gathered) -> None:
    sample = read_sample(path)
    told = _tell(path, sample) if kind == "auto" else kind
    if kind == "auto":
        found.notes.append(
            Choice("input", sample.name, f"taken for a {told}, by its content; --{told} and others override")
        )
    if sample.cut and told in ("sample", "memory"):
        found.notes.append(
            Choice("input", sample.name, f"only {len(sample.data) >> 20} MiB of {sample.size >> 20} were read")
        )
    if told == "log":
        lines = read_lines(path)
        if not lines:
            advice = "give it as --sample, or lines of an access log as the server wrote them"
            raise WrongUse("no request in it that could be read", where=ascii(path)[1:-1], advice=advice)
        found.lines.extend(lines)
    elif told == "capture":
        found.captures.append(_read_capture(path))
    else:
        (found.memory if told == "memory" else found.samples).append(sample)


def _tell(path: str, sample: Sample) -> SourceKind:
    head = sample.data[: 64 << 10]
    if is_capture(head[:64].ljust(64, b"\0")):
        return "capture"
    is_core = head[:4] == b"\x7fELF" and head[16:18] == _ELF_CORE
    if head.startswith(_DUMP_HEADS) or is_core or (b"\0" in head and path.endswith(_DUMP_ENDINGS)):
        return "memory"
    return "log" if sample.text and read_lines(path) else "sample"


def _read_capture(path: str) -> Capture:
    """The first MOST_EVENTS events of the file. Raises WrongUse."""
    attempts: list[Attempt] = []
    sent: list[Sent] = []
    try:
        opened = open_traffic(os.fsencode(path), interesting_ports=range(1, 65536))
    except WrongUse as error:
        if "--columns" not in f"{error}":
            raise
        advice = "give a pcap or pcapng file, or flows in a known form"
        raise WrongUse("no capture: traffic in no known form", where=ascii(path)[1:-1], advice=advice) from None
    with closing(opened) as source:
        for number, event in enumerate(source.read()):
            if isinstance(event, Attempt):
                attempts.append(event)
            elif isinstance(event, Sent) and len(sent) < _MOST_SENT:
                sent.append(event)
            if number == MOST_EVENTS:
                break
    return Capture(os.path.basename(path), tuple(attempts), tuple(sent))


def _drop_twins(samples: list[Sample], notes: list[Choice]) -> tuple[Sample, ...]:
    """Each content once: the same file five times tells no more than once."""
    kept = {sample.sha256 or sample.name: sample for sample in reversed(samples)}
    if len(kept) < len(samples):
        what = f"{len(samples)} files, {len(kept)} different"
        why = "files that are all alike can't show what stays when the threat varies" if len(kept) == 1 else "alike"
        notes.append(Choice("input", what, why))
    return tuple(reversed(kept.values()))


def _size(samples: list[Sample]) -> int:
    return sum(len(sample.data) for sample in samples)
