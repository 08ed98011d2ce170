"""Reading one HTTP answer by hand, byte by byte as it comes. The other side is hostile: everything has an end here."""

import zlib
from typing import NamedTuple

MOST_HEADER = 32768
MOST_FIELDS = 100
MOST_EARLY = 8  # answers 1xx before the real one
_NO_BODY = frozenset({204, 304})
_MOST_SIZE_LINE = 300


class Answer(NamedTuple):
    """What came back. `status` 0 = no HTTP answer, and `fault` says why; `web` is False if it is another protocol.
    `whole` = all of the body is here; if not, `fault` says what is missing.
    """

    status: int = 0
    fault: str = ""
    web: bool = True
    line: bytes = b""
    fields: dict[str, str] = {}  # noqa: RUF012 (never changed)
    body: bytes = b""
    whole: bool = False


_NOTHING = Answer()


class Reader:
    """One answer as it comes in: `feed` until it says True, or `end` when nothing more comes; then `answer`."""

    __slots__ = (
        "_body",
        "_chunk",
        "_chunked",
        "_early",
        "_head",
        "_header",
        "_left",
        "_most",
        "_over",
        "_raw",
        "answer",
    )

    def __init__(self, method: str, most_bytes: int) -> None:
        self.answer = _NOTHING
        self._head = method == "HEAD"
        self._most = most_bytes
        self._raw = bytearray()
        self._header = True
        self._over = False
        self._early = 0
        self._body = bytearray()
        self._chunked = False
        self._left = -1  # bytes of the body (or the chunk) still to come; -1 = until the end
        self._chunk = ""  # what of a chunk comes next: size, data, end

    def feed(self, data: bytes) -> bool:
        """Take what came; True = the answer is there."""
        self._raw += data
        while self._header:
            if not self._read_header():
                return bool(self.answer.fault)
        return self._read_chunks() if self._chunked else self._read_plain()

    def end(self, why: str) -> None:
        """Nothing more comes, and why ("" = the other side closed in order)."""
        if self._header:
            self._judge_start(why)
        elif not self._over:
            closed = not why and not self._chunked and self._left < 0
            self._finish("" if closed else why or "broken off in the middle of the page")

    def _judge_start(self, why: str) -> None:
        if self.answer.fault:
            return
        raw = bytes(self._raw[:100])
        if not raw:
            self.answer = Answer(fault=why or "took the connection and closed it without a word")
        elif raw.startswith(b"HTTP/"):
            self.answer = Answer(fault=why or "broken off in the middle of the header", line=raw)
        elif raw.lstrip().startswith(b"<"):
            self.answer = Answer(fault="answers without a status line (HTTP/0.9?)", line=raw)
        else:
            self.answer = Answer(fault="another protocol answers", web=False, line=raw)

    def _read_header(self) -> bool:
        """True = a header was read, perhaps of an early answer."""
        raw = self._raw
        if not raw.startswith(b"HTTP/"[: len(raw)]):
            self._judge_start("")
            return False
        end, gap = raw.find(b"\r\n\r\n"), 4
        bare = raw.find(b"\n\n", 0, end + 1 if end >= 0 else MOST_HEADER)
        if bare >= 0:
            end, gap = bare, 2
        if end < 0 or end > MOST_HEADER:
            if len(raw) > MOST_HEADER:
                self.answer = Answer(fault="its header has no end", line=bytes(raw[:100]))
            return False
        header = bytes(raw[:end])
        del raw[: end + gap]
        return self._take_header(header)

    def _take_header(self, header: bytes) -> bool:
        first, _, rest = header.partition(b"\n")
        parts = first.split(None, 2)
        status = int(parts[1]) if len(parts) > 1 and len(parts[1]) == 3 and parts[1].isdigit() else 0
        if not 100 <= status <= 999 or rest.count(b"\n") >= MOST_FIELDS:
            self.answer = Answer(fault="its header is no header of HTTP", line=first[:100])
            return False
        if status < 200:
            self._early += 1
            if self._early > MOST_EARLY or status == 101:
                self.answer = Answer(fault="early answers without end", line=first[:100])
                return False
            return True
        fields, fault = _read_fields(rest.decode("latin-1").split("\n"))
        self.answer = Answer(status=status, fault="", line=first.strip()[:200], fields=fields)
        self._header = False
        self._choose_end(fields, fault)
        return True

    def _choose_end(self, fields: dict[str, str], fault: str) -> None:
        coding, length = fields.get("transfer-encoding", "").lower(), fields.get("content-length", "")
        if self._head or self.answer.status in _NO_BODY:
            self._left = 0
        elif fault or (coding and length) or (coding and coding != "chunked"):
            self.answer = self.answer._replace(fault=fault or "contradicts itself about its length")
        elif coding:
            self._chunked, self._chunk = True, "size"
        elif length:
            digits = length.isascii() and length.isdigit() and len(length) < 20
            self._left = int(length) if digits else -1
            if not digits:
                self.answer = self.answer._replace(fault="contradicts itself about its length")

    def _read_plain(self) -> bool:
        fault = self.answer.fault
        if 0 <= self._left <= len(self._raw) and not fault:
            self._body += self._raw[: min(self._left, self._most)]
            self._finish("" if self._left <= self._most else self._too_long())
            return True
        if len(self._raw) > self._most:
            self._body += self._raw[: self._most]
            self._finish(fault or self._too_long())
            return True
        return False

    def _read_chunks(self) -> bool:
        while True:
            if self._chunk == "data":
                piece = self._raw[: self._left]
                self._body += piece
                del self._raw[: len(piece)]
                self._left -= len(piece)
                if len(self._body) > self._most:
                    self._finish(self._too_long())
                    return True
                if self._left:
                    return False
                self._chunk = "end"
            at = self._raw.find(b"\n", 0, _MOST_SIZE_LINE)
            if at < 0:
                return self._give_up(len(self._raw) >= _MOST_SIZE_LINE)
            line = bytes(self._raw[:at]).strip()
            del self._raw[: at + 1]
            if self._chunk == "end":
                self._chunk = "size"
                if line:
                    return self._give_up(True)
                continue
            size = _read_size(line)
            if size <= 0:
                if not size:
                    self._finish("")
                return not size or self._give_up(True)
            self._left, self._chunk = size, "data"

    def _give_up(self, broken: bool) -> bool:
        if broken:
            self._finish("its chunks are broken")
        return broken

    def _too_long(self) -> str:
        return f"longer than {self._most} bytes, the rest was not read"

    def _finish(self, fault: str) -> None:
        if not self._chunked and not self._body:
            self._body += self._raw[: self._most]
        body, unread = _unpack(bytes(self._body[: self._most]), self.answer.fields, self._most)
        self._over = True
        fault = self.answer.fault or fault or unread
        known = self.answer
        self.answer = Answer(known.status, fault, known.web, known.line, known.fields, body, not fault)


def _read_fields(lines: list[str]) -> tuple[dict[str, str], str]:
    """The fields, the first of each name; and what is wrong where two lengths or codings differ."""
    fields: dict[str, str] = {}
    fault = ""
    for line in lines:
        name, colon, text = line.partition(":")
        if not colon:
            continue
        key, text = name.strip().lower(), text.strip()
        if fields.setdefault(key, text) != text and key in ("content-length", "transfer-encoding"):
            fault = "contradicts itself about its length"
    return fields, fault


def _read_size(line: bytes) -> int:
    """The size of a chunk; -1 if it is none."""
    digits = line.partition(b";")[0].strip()
    if not 0 < len(digits) <= 15 or digits.strip(b"0123456789abcdefABCDEF"):
        return -1
    return int(digits, 16)


def _unpack(body: bytes, fields: dict[str, str], most: int) -> tuple[bytes, str]:
    """The body without its packing, never more than `most` bytes, and what of it could not be read."""
    coding = fields.get("content-encoding", "").strip().lower()
    if coding in ("", "identity") or not body:
        return body, ""
    if coding not in ("gzip", "x-gzip", "deflate"):
        return body, f"packed as {coding[:40]!r}, which is not read"
    raw = coding == "deflate" and body[0] & 0x0F != 8
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS if raw else zlib.MAX_WBITS | 32)
    try:
        plain = unpacker.decompress(body, most)
    except zlib.error:
        return body, "packed, and the packing is broken"
    if unpacker.eof:
        return plain, ""
    return plain, f"unpacks to more than {most} bytes" if unpacker.unconsumed_tail else "packed, and not whole"
