"""Looking again where a plan changed something."""

import os
from collections.abc import Callable

from codered.model.pack import LoadedPack
from codered.model.paths import FilePath
from codered.model.plan import LinksState, Plan, ProcessState
from codered.model.report import Report
from codered.model.target import Place, Target

# Scans these places of the target with these packs.
Scan = Callable[[Target, tuple[LoadedPack, ...], tuple[Place, ...]], Report]


def verify(plan: Plan, target: Target, packs: tuple[LoadedPack, ...], scan: Scan) -> Report:
    """Scan the places the plan touched once more. The folders, not the files: it may be back beside."""
    return scan(target, packs, places_touched(plan))


def places_touched(plan: Plan) -> tuple[Place, ...]:
    """The folders of the plan's files and links, without those that lie in another one of them. A process has none:
    what runs is looked at anew in any case, and its program is a file of the plan if it is to go.
    """
    paths: set[FilePath] = set()
    for action in plan.actions:
        if isinstance(action.expects, LinksState):
            paths.update(link.path for link in action.expects.links)
        if not isinstance(action.expects, ProcessState):
            paths.add(action.path)
    folders = sorted({os.path.dirname(path.to_bytes()) for path in paths})
    outer: list[bytes] = []
    for folder in folders:
        if not any(folder.startswith(known.rstrip(b"/") + b"/") or folder == known for known in outer):
            outer.append(folder)
    return (Place("places touched", tuple(os.fsdecode(folder) for folder in outer)),) if outer else ()
