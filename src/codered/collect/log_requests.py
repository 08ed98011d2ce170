"""The request line inside a log line: out of its quotes, and without the protocol."""

_HEX = b"0123456789abcdefABCDEF"
MOST_QUOTES = 64  # looked at in one line for the end of a quoted field; more than any client sends


def find_closing_quote(text: bytes, start: int) -> int:
    """Where the quoted field that begins at `start` (after its opening quote) ends; -1 if it does not. A quote behind
    an odd number of backslashes belongs to the field.
    """
    at = start
    for _ in range(MOST_QUOTES):
        at = text.find(b'"', at)
        if at < 0:
            return -1
        before = text[start:at]
        if (len(before) - len(before.rstrip(b"\\"))) % 2 == 0:
            return at
        at += 1
    return -1


def unescape(text: bytes) -> bytes:
    """Apache's and nginx's `\\"`, `\\\\` and `\\xhh` as the bytes that were sent; other backslashes stay, since servers
    of 2001 wrote them as they came.
    """
    if b"\\" not in text:
        return text
    first, *pieces = text.split(b"\\")
    out = [first]
    literal = False  # the piece follows an escaped backslash and is taken as it is
    for piece in pieces:
        if literal:
            out.append(piece)
            literal = False
        elif not piece:
            out.append(b"\\")
            literal = True
        elif piece[:1] == b'"':
            out.append(piece)
        elif piece[:1] == b"x" and len(piece) >= 3 and piece[1] in _HEX and piece[2] in _HEX:
            out.append(bytes([int(piece[1:3], 16)]) + piece[3:])
        else:
            out.append(b"\\" + piece)
    return b"".join(out)


def read_request(quoted: bytes) -> str:
    """`GET /x?y HTTP/1.0` as "GET /x?y"; "" for `-`."""
    line = unescape(quoted)
    cut = line.rfind(b" HTTP/")
    if cut >= 0 and cut >= len(line) - 9:
        line = line[:cut]
    return "" if line == b"-" else line.decode("latin-1")
