"""One pass over one target: collect → detect → Report. What can't be looked at becomes a failed look, never an end."""

from codered.scan.request import OnProgress, Progress, ScanRequest, ignore_progress
from codered.scan.run import scan

__all__ = ["OnProgress", "Progress", "ScanRequest", "ignore_progress", "scan"]
