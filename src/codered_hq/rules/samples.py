"""The rules of engagement that are shipped: to begin with, not to be used unread."""

from importlib import resources
from typing import Final

from codered_hq.rules.book import RuleBook

SAMPLE_NAME: Final = "sample.yaml"
PLACEHOLDER: Final = "NAME OF THE APPROVER"
"""What stands in the sample until somebody answers for it."""


def read_sample() -> bytes:
    """The sample as it lies beside this file."""
    return resources.files("codered_hq.rules").joinpath(SAMPLE_NAME).read_bytes()


def has_placeholder(book: RuleBook) -> bool:
    """Whether the name of who approved these rules is still that of the sample."""
    return book.approved_name.casefold() == PLACEHOLDER.casefold()
