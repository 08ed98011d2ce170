"""What counts as new on a system: changed in the last days, and not with the installation."""

from datetime import datetime, timedelta

INSTALLING = timedelta(days=1)  # what changed so soon after the installation belongs to it


def find_since(installed: datetime | None, now: datetime, recent_days: int) -> datetime:
    """What changed after this time is recent. An installation that lies in the future (but for a clock set right) is
    not believed: it would make everything old. Times have a zone.
    """
    since = now - timedelta(days=recent_days)
    if installed is None or installed > now + INSTALLING:
        return since
    return max(since, installed + INSTALLING)
