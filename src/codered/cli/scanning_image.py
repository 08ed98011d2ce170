"""`codered scan --image`: a disk image, as the target of a scan of its own."""

import os
import sys
from pathlib import Path

from codered import respond
from codered.cli import running
from codered.cli.options import ScanOptions
from codered.cli.progress import show_progress
from codered.model.report import Report
from codered.model.target import Place
from codered.scan import ScanRequest
from codered.scan.image_scan import ImageWishes, scan_image
from codered.targets import open_image


def scan_named_image(asked: ScanOptions) -> Report:
    """The scan of a disk image. Raises WrongUse."""
    path = running.existing_path(asked.image or "")
    respond.refuse_cleaned_disk(Path(path))
    image = open_image(os.fsencode(path))
    rules = running.load_rules(asked.packs)
    request = ScanRequest(
        places=(Place(image.info.root, (image.info.root,)),),
        command=tuple(sys.argv[1:]),
        must_find_files=True,
        internal=running.parse_networks(asked.internal),
        cores=asked.jobs or 0,
        allowed=running.load_allowed(is_host=False),
    )
    with show_progress() as tell:
        return scan_image(image, request, rules, tell, ImageWishes(hashed=not asked.no_hash, deleted=asked.deleted))
