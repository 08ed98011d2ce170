"""What the workers of a scan keep of our rights, and what the report says when they could not be confined."""

import tempfile
from collections.abc import Iterable

from codered.model.finding import Layer
from codered.model.report import Look
from codered.model.target import Target
from codered.scan.request import ScanRequest
from codered.scan.tasks import Counted
from codered.system.confining import Rights

WHERE = "confinement of what reads files"
UNCONFINED = "what reads hostile files could have done more than read"
NO_PROCESS = "there is no process of its own for it on this system"


def choose_rights(target: Target, request: ScanRequest) -> Rights:
    """As few as the scan needs."""
    copies_out = target.info.kind == "disk_image"
    if copies_out:
        tempfile.gettempdir()  # finding it writes a file, once; a worker may not
    return Rights(
        processes=bool({"processes", "memory"} & set(target.info.offers)),
        attributes=request.baseline is not None,
        unnamed_files=copies_out,
        new_files=bool(request.dump),
    )


def look_unconfined(why: str, layer: Layer) -> Look:
    """The same for a process that is no worker of a pool: it reads flow logs, or hashes an image."""
    return Look(layer=layer, where=WHERE, state="skipped", why=f"{UNCONFINED}: {why}", count=1)


def tell_unconfined(reasons: Iterable[str]) -> list[Counted]:
    """A note for each reason why workers were not confined; no gap, for all was looked at."""
    return [Counted("files", WHERE, "skipped", f"{UNCONFINED}: {why}") for why in reasons]
