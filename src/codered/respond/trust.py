"""The one door to every change on a host that obeys somebody (docs/decisions/0031-trust.md)."""

from pathlib import Path
from typing import Literal

from codered.model.errors import Refused
from codered.model.plan import Plan
from codered.respond.orders import check_order, read_order
from codered.respond.trust_file import read_trust

LocalWord = Literal["apply", "rollback", "contain", "respond", "baseline"]


def check_allowed(word: LocalWord, plan: Plan | None = None, job: str | None = None) -> None:
    """The one door to every change: whether `word` may be used on this host now. `job` is the file of a sealed job that
    `codered answer` carries out; it must be for this word and this very plan. Raises Refused, WrongUse.
    """
    trusted = read_trust()
    if job is not None:
        check_order(read_order(Path(job)), word, plan, trusted)
        return
    if trusted is None or word in trusted.trust.local:
        return
    what = f"this host, {trusted.trust.host}, obeys orders of {trusted.name_keys()} alone"
    advice = f"have headquarters send a job, or list {word!r} in `local` of {trusted.path}"
    raise Refused(f"`{word}` is refused: {what}", advice=advice)
