"""The folders that web servers serve: a scan that is asked to be fast looks at their files too, for web shells lie
there, and nothing else on the system points to them.
"""

import os

from codered.collect.autostart.reading import Reader
from codered.collect.autostart.web_drop_ins import list_web_roots
from codered.model.target import Place, Target
from codered.targets.host_places import list_usual_web_roots
from codered.targets.windows_names import list_names
from codered.targets.windows_places import list_usual_windows_roots

WEB_ROOTS = "web roots"
MOST_ROOTS = 1000


def find_web_roots(target: Target, places: tuple[Place, ...]) -> Place | None:
    """Those of a whole system, those among the places that were asked for included; None if there are none."""
    named = [path for place in places if place.what == WEB_ROOTS for path in place.paths]
    if target.info.kind != "live_windows":
        found = _find_windows(target) if target.info.system == "windows" else _find_linux(target)
        named += [os.fsdecode(target.absolute(rel)) for rel in found]
    paths = _leave_out_inner(dict.fromkeys(named))[:MOST_ROOTS]
    return Place(WEB_ROOTS, paths) if paths else None


def _find_linux(target: Target) -> tuple[bytes, ...]:
    usual = (path.lstrip("/").encode() for path in list_usual_web_roots())
    return list_web_roots(Reader(target), usual)


def _find_windows(target: Target) -> tuple[bytes, ...]:
    """In any case of letters; a `*` stands for each folder there."""
    found: list[bytes] = []
    for pattern in list_usual_windows_roots():
        head, star, tail = pattern.partition("\\*")
        tops = target.find(head)
        if not star:
            found += tops
            continue
        names = [os.fsdecode(name) for top in tops for name in list_names(target, top)[:MOST_ROOTS]]
        found += [rel for name in dict.fromkeys(names) for rel in target.find(f"{head}\\{name}{tail}")]
    return tuple(found)


def _leave_out_inner(paths: dict[str, None]) -> tuple[str, ...]:
    """The paths without those that lie below another one, which would be read twice."""
    return tuple(path for path in paths if not any(above in paths for above in _list_above(path)))


def _list_above(path: str) -> list[str]:
    parts = path.split(os.sep)
    return [os.sep.join(parts[:end]) for end in range(2, len(parts))]
