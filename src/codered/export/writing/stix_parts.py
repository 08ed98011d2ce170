"""What every STIX 2.1 bundle of ours is made of: ids, times, texts."""

import uuid
from datetime import UTC, datetime
from typing import Any

Stix = dict[str, Any]
OWN = uuid.uuid5(uuid.NAMESPACE_URL, "urn:codered:stix")
"""The namespace of our ids, for all but cyber observables."""
_LONGEST = 4096


def name_object(kind: str, of: str) -> str:
    """An id that is made of what the object stands for: the same thing, the same id."""
    return f"{kind}--{uuid.uuid5(OWN, of)}"


def clean_text(text: str) -> str:
    """Text that JSON can hold, at most 4096 characters, never empty."""
    return text.encode(errors="backslashreplace").decode()[:_LONGEST] or "?"


def show_time(time: datetime) -> str:
    """A time as STIX writes it, in UTC to the millisecond; one without a zone is taken as UTC."""
    whole = time.replace(tzinfo=time.tzinfo or UTC).astimezone(UTC)
    return whole.isoformat(timespec="milliseconds").replace("+00:00", "Z")
