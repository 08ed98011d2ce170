"""Lines of a web log whose signs are percent-encoded: `/scripts/r%6fot.exe` runs what `/scripts/root.exe` runs."""

import re
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

# An encoded letter, digit, `-`, `.` or `_`, encoded once or twice. Honest clients never encode these. It can't blow
# up: nothing in it repeats without a bound.
_NEEDLESS = re.compile(rb"%(?:25)?(?:2[deDE]|3[0-9]|4[1-9a-fA-F]|5[0-9aAfF]|6[1-9a-fA-F]|7[0-9aA])")


def find_hidden(window: bytes, holds_sign: Callable[[bytes], bool]) -> list[int]:
    """Where in the window lines hold such an encoding and, decoded once or twice, a sign: one place a line, rising.
    Raises what `holds_sign` raises.
    """
    found: list[int] = []
    if b"%" not in window:
        return found
    done = 0
    for match in _NEEDLESS.finditer(window):
        at = match.start()
        if at < done:
            continue  # the line is judged
        start = window.rfind(b"\n", done, at) + 1 or done
        done = window.find(b"\n", at) % (len(window) + 1)  # the last line may have no end
        once = unquote_to_bytes(window[start:done])
        if holds_sign(once + b"\n" + unquote_to_bytes(once)):
            found.append(at)
    return found
