"""The options that say which hosts are meant -> a selection."""

from typing import Any

from codered_hq.hosts.finding import Selection


def choose(names: tuple[str, ...], given: dict[str, Any]) -> Selection:
    """The selection of `selection_options`; other options are let be."""
    known = {name: given[name] for name in Selection._fields if name in given}
    return Selection(**{**known, "names": names})
