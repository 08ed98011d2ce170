"""Only the behaviour of this host, for a while: what `codered scan --network` does."""

import time
from datetime import UTC, datetime

from codered.model.report import Look, Report, Stage
from codered.model.target import Target
from codered.scan.behaviour_sample import WHERE, Sample, SampleOrder
from codered.scan.looks import LookBook
from codered.scan.reporting import Ran, make_report
from codered.scan.request import OnProgress, Progress, ignore_progress
from codered.scan.sampling import BEHAVIOUR

STEP = 0.2  # seconds between two looks at the clock
STOPPED = "stopped by the user before the end"


def scan_behaviour(
    target: Target, order: SampleOrder, command: tuple[str, ...] = (), on_progress: OnProgress = ignore_progress
) -> Report:
    """Watch what this host reaches for and report. Ctrl-C ends it early with an incomplete report. Raises OSError if
    nobody can be started to watch.
    """
    started, clock = datetime.now(UTC), time.monotonic()
    progress, interrupted = Progress(place="the network"), False
    sample = Sample(order)
    try:
        while sample.poll() is None:
            progress.alarms = sample.alarms()
            progress.findings = len(progress.alarms)
            progress.seconds_left = max(0.0, order.seconds - (time.monotonic() - clock))
            on_progress(progress)
            time.sleep(STEP)
    except KeyboardInterrupt:
        interrupted = True
        sample.stop()
    sampled = sample.finish()
    book = LookBook(target)
    for item in sampled.counted:
        book.add_counted(item)
    looks: tuple[Look, ...] = book.looks()
    if interrupted:
        looks += (Look(layer="network", where=WHERE, state="failed", why=STOPPED, count=1),)
    seconds = time.monotonic() - clock
    ran = Ran(
        target=target.info,
        command=command,
        scope=("network",),
        started=started,
        seconds=seconds,
        interrupted=interrupted,
        order=(Stage(what=BEHAVIOUR, seconds=round(seconds, 3), findings=len(sampled.findings)),),
        traffic=sampled.summary,
    )
    return make_report(ran, order.rules, tuple(sampled.findings), looks)
