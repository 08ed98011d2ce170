"""What a sample of the host's network behaviour comes to."""

import msgspec

from codered.model.finding import Finding
from codered.model.report import TrafficSummary
from codered.scan.tasks import Counted

BEHAVIOUR = "network behaviour"


class Sampled(msgspec.Struct, frozen=True):
    """What came of a sample: the findings, the summary (None = nothing was seen), and what was looked at or not."""

    findings: list[Finding] = []
    summary: TrafficSummary | None = None
    counted: list[Counted] = []
    seconds: float = 0.0
