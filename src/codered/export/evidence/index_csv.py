"""Which item is what: the list that lies beside items that were written out under their neutral names."""

import csv
import io

from codered.export.writing.escaping import guard_cell
from codered.model.evidence import EvidenceItem, EvidenceManifest

INDEX = "index.csv"
COLUMNS = ("item", "kind", "path", "source", "size", "full_size", "sha256", "mode", "uid", "gid", "collected_utc")


def render_index(manifest: EvidenceManifest) -> str:
    """A row an item, in the order of collecting; sizes in bytes. No cell can become a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([guard_cell(cell) for cell in _tell(item)] for item in manifest.items)
    return out.getvalue()


def _tell(item: EvidenceItem) -> tuple[str, ...]:
    origin, seen = item.origin, item.origin.attributes
    owner = (f"{seen.mode:o}", str(seen.uid), str(seen.gid)) if seen else ("", "", "")
    path = origin.path.text if origin.path else ""
    size = (str(item.size), str(item.full_size or item.size))
    return item.id, origin.kind, path, origin.source, *size, item.sha256, *owner, item.collected.isoformat()
