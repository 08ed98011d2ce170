"""Telling what the allow-list let pass, and which of its entries no longer count."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from codered.model.allow_list import Allowed, LetPass
from codered.model.finding import Layer
from codered.scan.tasks import Counted


def count_allowed(layer: Layer, where: str, passed: Iterable[LetPass], entries: Iterable[Allowed]) -> Iterator[Counted]:
    """A skipped look for each thing that was let pass, with the entry's day, person and reason, and one for each of the
    layer's `entries` of the allow-list that expired.
    """
    for item in passed:
        entry = item.entry
        why = f"on the allow-list until {entry.expires} ({entry.who}: {entry.because})"
        yield Counted(layer, where, "skipped", why, example=item.what)
    for entry in entries:
        if entry.is_expired(datetime.now(UTC)):
            why = f"expired on {entry.expires}: the allow-list vouches for it no more ({entry.who}: {entry.because})"
            yield Counted(layer, where, "skipped", why, example=entry.about())
