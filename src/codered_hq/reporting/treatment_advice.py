"""What is known of a host that speaks for rebuilding it."""

from collections.abc import Iterator

from codered.packs.loading import choose_packs_folder, load_packs
from codered_hq.fleet.models import HostCase, StoredFinding
from codered_hq.hosts.models import Host


def advise(host: Host) -> tuple[str, ...]:
    """Reasons to rebuild, in words; none = nothing is known that speaks against cleaning, which proves nothing."""
    return tuple(_advise(host))


def _advise(host: Host) -> Iterator[str]:
    found = StoredFinding.objects.filter(host=host).exclude(pack="").values_list("pack", flat=True).distinct()
    names = set(found)
    for loaded in load_packs(choose_packs_folder()[0]):
        if loaded.pack.name in names and loaded.pack.removal and loaded.pack.removal.rebuild_because:
            yield f"{loaded.pack.title}: {loaded.pack.removal.rebuild_because}"
    case = HostCase.objects.filter(host=host).order_by("-opened_at").first()
    if case is not None and case.reopened:
        yield f"it was infected again {case.reopened} times"
