"""One piece of work on the tables of incidents, with its line in the ledger: whole, or not at all."""

from collections.abc import Callable
from typing import TypeVar

from django.db import transaction

from codered_hq.opening import be_patient

_Result = TypeVar("_Result")


def write_whole(work: Callable[[], _Result]) -> _Result:
    """Do it as one transaction, again if the database was away for a moment. Raises WrongUse if it stays away."""

    def do() -> _Result:
        with transaction.atomic():
            return work()

    return be_patient(do)
