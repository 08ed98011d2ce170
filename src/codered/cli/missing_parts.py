"""What is said where a library that this tool is made of is not there. It loads nothing but Python's own."""

import sys
from typing import NoReturn

_WRONG_USE = 2  # as in model.errors
_OURS = ("codered", "codered_hq")
_WORDS = ("click", "rich_click")  # what finds a word and calls it


def tell_missing(error: ModuleNotFoundError) -> NoReturn:
    """End with one line and the exit code of wrong use. Raised as the bug it is: a module of our own that is missing,
    and any that is missed when a word is under way and may have changed something.
    """
    library = (error.name or "").partition(".")[0]
    if not library or library in _OURS or _has_begun(error):
        raise error
    sys.stderr.write(
        f"codered: {library} is missing: this tool can't run without it — install it with what it needs: "
        "pip install codered-detect (a wheel by its file name, without --no-deps)\n"
    )
    sys.exit(_WRONG_USE)


def _has_begun(error: ModuleNotFoundError) -> bool:
    """Whether code of ours ran below the word's own function, which begins with its imports."""
    frames, trace = [], error.__traceback__
    while trace:
        code, room = trace.tb_frame.f_code, str(trace.tb_frame.f_globals.get("__name__"))
        frames.append((room.partition(".")[0], code.co_name))
        trace = trace.tb_next
    words = max((at for at, (room, _) in enumerate(frames) if room in _WORDS), default=-1)
    return any(room != "importlib" and name != "<module>" for room, name in frames[words + 2 :])
