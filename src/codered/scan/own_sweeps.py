"""What a sweep by this tool asks: the probes of the packs that were shipped with it, whichever packs are in use.

A pack may come from anybody, and what it calls a probe must not make an attack look like a sweep of ours.
"""

import os

from codered.model.errors import WrongUse
from codered.model.pack import LoadedPack
from codered.packs.loading import find_shipped_packs, list_packs, load_pack


def list_sweep_requests(packs: tuple[LoadedPack, ...]) -> frozenset[str]:
    """`METHOD path` of each shipped probe; empty if the shipped packs are gone or damaged. `packs` are those in use, of
    which the shipped ones are not read again.
    """
    try:
        shipped = find_shipped_packs()
        loaded = {os.path.realpath(each.folder): each for each in packs}
        ours = [
            loaded.get(os.path.realpath(shipped / name)) or load_pack(shipped / name) for name in list_packs(shipped)
        ]
    except WrongUse:
        return frozenset()
    return frozenset(f"{probe.method} {probe.path}" for each in ours for probe in each.pack.probes)
