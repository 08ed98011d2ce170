"""What a worker does with one task: open, read, match, judge. Everything it meets is hostile."""

import os
import stat
import time
from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import replace

from codered.collect import contents
from codered.collect.autostart.reading import Reader
from codered.collect.contents import TEXT_HEAD, decode_utf16, is_mostly_text, is_text, keep_freed_memory, read_pieces
from codered.collect.packages import PackageDatabase
from codered.collect.vanished import CHANGED, GONE, list_again
from codered.collect.walking import Folder, Unwalked
from codered.detect.files import HitFacts, make_findings
from codered.detect.places import PlaceHit, Places
from codered.detect.scripts.judging import ScriptJudgement
from codered.detect.signatures import BINARY, BOTH, TEXT, ContentHit, Judged, Kinds, Signatures
from codered.engine import GaveUp
from codered.model.observation import FileSeen, Piece
from codered.model.ruleset import RuleSet
from codered.model.target import OpenFolder, Target
from codered.scan.file_look import SETTLING, FileLook
from codered.scan.log_reading import NO_LOG, UNKNOWN_LOG, LogReader, is_unknown_log
from codered.scan.own_files import COMMITTED, OwnFiles, find_own_checkout
from codered.scan.request import ScanRequest
from codered.scan.script_look import ScriptLook, ScriptsFound
from codered.scan.tasks import Done, FilesTask, LogTask
from codered.scan.twin_files import find_twins, hash_open_file
from codered.scan.web_look import WebLook

TOO_LARGE = "signs of a worm in a file too large to be judged as a whole"  # rules see one piece of it at a time
MOST_HASHED = 4 << 30  # bytes; hashing a sparse giant would take hours, and its finding would be lost with the worker


class Worker:
    """Serves tasks on one target with one rule set. Made in the parent, used after the fork: the engine's own state is
    only created there.
    """

    def __init__(self, target: Target, rules: RuleSet, places: Places, request: ScanRequest) -> None:
        self._target = target
        self._rules = rules
        self._places = places
        self._own_files = OwnFiles(rules.packs, find_own_checkout(target, request))
        self._started = time.time_ns()
        self._named = frozenset(os.fsencode(path) for place in request.places for path in place.paths)
        self._settled = self._started - SETTLING if request.earlier.kept_in and not request.logs_only else 0
        self._logs_only = request.logs_only
        self._read_logs = request.read_logs
        self._internal = request.internal
        packages = PackageDatabase(Reader(target))
        self._scripts = ScriptLook(target, rules, request.allowed, packages)
        self._web = WebLook(target, rules, request.allowed, packages)
        self._signatures: Signatures | None = None
        self._logs: LogReader | None = None

    def serve(self, task: FilesTask | LogTask) -> Done:
        """The answer to one task."""
        if self._signatures is None or self._logs is None:
            keep_freed_memory()
            self._signatures = Signatures(self._rules)
            self._logs = LogReader(self._target, self._rules, self._internal)
        if isinstance(task, LogTask):
            return self._logs.read(task)
        look = FileLook(task.number, self._settled)
        for folder in task.folders:
            self._look_into(folder, look)
        return look.done()

    def _look_into(self, folder: Folder, look: FileLook) -> None:
        for name in folder.folders if not self._logs_only else ():
            if not self._judge_folder(_join(folder.rel, name), look):
                look.note_clean_folder(name)
        if folder.files:
            self._look_at_files(folder, look)
        look.end_folder(folder.rel)

    def _look_at_files(self, folder: Folder, look: FileLook) -> None:
        try:
            opened = self._target.open_folder(folder.rel)
        except OSError as error:
            look.miss(folder.rel, error)
            return
        try:
            look.begin_files(opened.device)
            gone = [name for name in folder.files if not self._look_at(opened, folder.rel, name, look)]
            if gone and opened.descriptor < 0:
                look.unlooked += [Unwalked(_join(folder.rel, name), "failed", CHANGED) for name in gone]
            elif gone:
                self._look_again(opened, folder.rel, gone, look)
        finally:
            opened.close()

    def _look_again(self, opened: OpenFolder, folder: bytes, gone: list[bytes], look: FileLook) -> None:
        """At names that were listed and not there: a name that comes and goes must not keep a file from our eyes."""
        try:
            now = list_again(opened.descriptor, self._started)
        except OSError as error:
            look.unlooked += [Unwalked(_join(folder, name), "failed", error.strerror or str(error)) for name in gone]
            return
        for name in gone:
            if name in now.names or now.moved:
                if not self._look_at(opened, folder, name, look):
                    look.unlooked.append(Unwalked(_join(folder, name), "failed", CHANGED))
            elif self._target.absolute(_join(folder, name)) in self._named:
                look.unlooked.append(Unwalked(_join(folder, name), "failed", GONE))
            else:
                look.unlooked.append(Unwalked(_join(folder, name), "skipped", GONE))

    def _look_at(self, opened: OpenFolder, folder: bytes, name: bytes, look: FileLook) -> bool:
        """False if it is not there."""
        rel = _join(folder, name)
        try:
            descriptor = opened.open(name)
        except FileNotFoundError:
            return False
        except OSError as error:
            look.miss(rel, error)
            return True
        try:
            status = os.fstat(descriptor)
            file = _OpenFile(descriptor, rel, status.st_size)
            if not stat.S_ISREG(status.st_mode):
                look.unlooked.append(Unwalked(rel, "failed", "not a regular file any more"))
            elif self._logs_only:
                self._identify_log(file, look)
            else:
                troubles = look.count_troubles()
                is_clean = self._judge_file(file, look)
                if self._web.interests(rel):
                    look.add_web(self._web.judge(rel))
                if is_clean and look.count_troubles() == troubles:
                    look.note_clean_file(name, status)
        except OSError as error:
            look.miss(rel, error)
        finally:
            os.close(descriptor)
        return True

    def _judge_file(self, file: "_OpenFile", look: FileLook) -> bool:
        """Whether there was nothing to ask about it, but for gaps and logs."""
        places = self._hits_by_place(file.rel, file.size)
        found = ScriptsFound()
        contents = self._read(file, look, found, asked=any(hit.indicator.content for hit in places))
        scripts = found.list_verdicts()
        look.unlooked += self._scripts.list_gaps(file.rel, found)
        look.files += 1
        if not places and not scripts and not any(hit.indicator for hit in contents):
            return True
        digest = hash_open_file(file.descriptor) if file.size <= MOST_HASHED else ""
        if why := self._own_files.tell_why(self._target.absolute(file.rel), digest, file.descriptor):
            look.unlooked.append(Unwalked(file.rel, "skipped", why))
            return False
        facts = HitFacts(digest, find_twins(self._target, digest, file.size, places))
        seen = self._seen(file.rel, file.size)
        look.findings += make_findings(seen, places, contents, facts)
        look.add_web(self._scripts.answer(file.rel, seen, scripts, digest))
        return False

    def _read(self, file: "_OpenFile", look: FileLook, scripts: ScriptsFound, *, asked: bool) -> list[ContentHit]:
        """Read and match the whole file; a script in it is judged too. Giving up on a part is a gap; what matched
        before still counts.
        """
        hits: dict[tuple[str, str], ContentHit] = {}
        signs = False
        try:
            for judged in self._judge_pieces(file, look, scripts, asked):
                signs |= judged.signs
                for hit in judged.hits:
                    kept = hits.setdefault((hit.pack, hit.rule), hit)
                    if kept.indicator is None and hit.indicator is not None:
                        hits[hit.pack, hit.rule] = hit
            if file.size > contents.WHOLE and os.fstat(file.descriptor).st_size < file.size:
                look.unlooked.append(Unwalked(file.rel, "failed", CHANGED))
        except GaveUp as reason:
            look.unlooked.append(Unwalked(file.rel, "failed", f"gave up: {reason}"))
        except OSError as error:
            look.miss(file.rel, error)
        if signs and file.size > contents.WHOLE and not any(hit.indicator for hit in hits.values()):
            look.unlooked.append(Unwalked(file.rel, "failed", TOO_LARGE))
        return list(hits.values())

    def _judge_pieces(self, file: "_OpenFile", look: FileLook, scripts: ScriptsFound, asked: bool) -> Iterator[Judged]:
        """What comes of each piece, and of a UTF-16 file's text. Raises GaveUp and OSError."""
        assert self._signatures is not None
        kinds = BINARY  # a file that starts with a hole starts with NULs
        for number, piece in enumerate(read_pieces(file.descriptor, file.size)):
            if piece.offset == 0:
                kinds = _find_kinds(piece.data)
            if number == 0:  # behind its hole, if it starts with one
                self._note_log(file, piece.data, look)
            if kinds is TEXT and b"\0" in piece.data:
                kinds = BOTH
            look.bytes += len(piece.data)
            if len(piece.data) < file.size <= contents.WHOLE:
                look.unlooked.append(Unwalked(file.rel, "failed", CHANGED))
            yield (judged := self._signatures.inspect(piece, kinds, asked))
            if judged.hits and not scripts.is_full():
                scripts.add(self._judge_script(file, piece, judged.hits))
            yield self._judge_imported(file, piece, kinds, look)
            if kinds is TEXT or file.size > contents.WHOLE:
                continue  # markup in UTF-16 has NULs
            decoded = decode_utf16(piece.data)
            if decoded is not None:
                judged = self._signatures.inspect(Piece(0, decoded), TEXT, asked)
                scripts.add(self._judge_script(file, Piece(0, decoded), judged.hits))
                yield Judged([_without_offsets(hit) for hit in judged.hits], judged.signs)

    def _judge_imported(self, file: "_OpenFile", piece: Piece, kinds: Kinds, look: FileLook) -> Judged:
        """What imported rules say; one that does not finish is a gap, and costs our own rules nothing."""
        assert self._signatures is not None
        try:
            return self._signatures.inspect_always(piece, kinds)
        except GaveUp as reason:
            look.unlooked.append(Unwalked(file.rel, "failed", f"imported rules gave up: {reason}"))
            return Judged([], False)

    def _judge_script(self, file: "_OpenFile", piece: Piece, hits: list[ContentHit]) -> ScriptJudgement:
        return self._scripts.judge(file.rel, self._seen(file.rel, file.size), file.descriptor, piece, hits)

    def _identify_log(self, file: "_OpenFile", look: FileLook) -> None:
        assert self._logs is not None
        splittable = self._logs.identify(file.rel, file.descriptor)
        if splittable is None:
            named = self._target.absolute(file.rel) in self._named
            look.unlooked.append(
                Unwalked(file.rel, "failed" if named else "skipped", NO_LOG if named else "no web log")
            )
        else:
            look.logs.append(self._logs.describe(file.rel, file.descriptor, splittable))

    def _note_log(self, file: "_OpenFile", head: bytes, look: FileLook) -> None:
        assert self._logs is not None
        if not self._read_logs:
            return
        splittable = self._logs.recognise(file.rel, head[:TEXT_HEAD], file.descriptor)
        if splittable is not None and self._own_files.is_committed(self._target.absolute(file.rel), file.descriptor):
            look.unlooked.append(Unwalked(file.rel, "skipped", COMMITTED))
        elif splittable is not None:
            look.logs.append(self._logs.describe(file.rel, file.descriptor, splittable))
        elif is_unknown_log(file.rel, head[:TEXT_HEAD]):
            look.unlooked.append(Unwalked(file.rel, "skipped", UNKNOWN_LOG))

    def _hits_by_place(self, rel: bytes, size: int | None) -> list[PlaceHit]:
        """What fits a file's (or, with no size, a folder's) place, under both names of a file on a Windows volume: an
        empty folder `inetpub` must not turn a Unix system into a place where only Windows signs count.
        """
        by_size = self._places.hits_by_size(size) if size is not None else []
        folder, _, name = rel.lower().rpartition(b"/")
        if not self._places.interests(name, folder[folder.rfind(b"/") + 1 :]):
            return by_size
        seen = self._seen(rel, size)
        hits = self._places.inspect(seen.system_path(), seen.windows, size)
        if seen.windows:
            unix = self._places.inspect("/" + os.fsdecode(rel), windows=False, size=size)
            hits += [hit for hit in unix if hit.indicator.platform == "unix"]
        return list(dict.fromkeys([*hits, *by_size]))

    def _judge_folder(self, rel: bytes, look: FileLook) -> bool:
        """Whether its name fits anything."""
        hits = self._hits_by_place(rel, None)
        if hits:
            look.findings += make_findings(self._seen(rel, None), hits, [], HitFacts())
        return bool(hits)

    def _seen(self, rel: bytes, size: int | None) -> FileSeen:
        shown = self._target.shown(rel)
        windows = shown is not None and not shown.startswith("/")
        return FileSeen(path=self._target.absolute(rel), shown=shown, windows=windows, size=size)


class _OpenFile(NamedTuple):
    """A file under judgement; size in bytes."""

    descriptor: int
    rel: bytes
    size: int


def _find_kinds(head: bytes) -> Kinds:
    if is_text(head):
        return TEXT
    return BOTH if is_mostly_text(head) else BINARY


def _without_offsets(hit: ContentHit) -> ContentHit:
    """The hit without the places, which are those in the decoded text."""
    return replace(hit, evidence=tuple(replace(item, offset=None) for item in hit.evidence))


def _join(folder: bytes, name: bytes) -> bytes:
    return folder + b"/" + name if folder else name
