"""What is the same for all who look is made once, and again only when one of its topics has moved."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple, TypeVar

from codered_hq.config import headquarters_folder
from codered_hq.console.live.pulse import PULSE
from codered_hq.console.live.topics import Digest, Look

MOST_KEPT = 256
SECONDS = 300  # what depends on the time itself (a lease, a sweep of yesterday) is made anew then
_Made = TypeVar("_Made")


class _Kept(NamedTuple):
    span: int
    versions: tuple[str, ...]
    digests: tuple[Digest, ...]
    made: Any


_kept: "OrderedDict[Hashable, _Kept]" = OrderedDict()
_lock = threading.Lock()
_turns: dict[Hashable, threading.Lock] = {}


def keep(name: Hashable, topics: tuple[str, ...], make: Callable[[], _Made], look: Look) -> _Made:
    """What was made under this name, as long as none of its topics moved, and for five minutes at most."""
    key = (str(headquarters_folder()), name)
    with _lock:
        turn = _turns.setdefault(key, threading.Lock())
    with turn:
        span, versions = int(time.time() // SECONDS), PULSE.find_versions(topics)
        kept = _kept.get(key)
        if look.live and kept and versions and kept.span == span and kept.versions == versions:
            return kept.made  # type: ignore[no-any-return]
        digests = tuple(look.digest(topic) for topic in topics)
        same = kept is not None and kept.span == span and kept.digests == digests
        made: _Made = kept.made if kept and same else make()
        with _lock:
            _kept[key] = _Kept(span, versions, digests, made)
            _kept.move_to_end(key)
            while len(_kept) > MOST_KEPT:
                _turns.pop(_kept.popitem(last=False)[0], None)
        return made
