"""Jobs and answers come back from JSON as they were, and nothing unknown is taken."""

from datetime import UTC, datetime

import msgspec
import pytest

from codered.model.job import JOB_FORMAT, Job, ScanWish, Sealed, Trust

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_a_job_is_a_value() -> None:
    job = Job(
        format=JOB_FORMAT, id="1", headquarters="hq", host="web1", word="scan", issued=NOW, expires=NOW,
        scan=ScanWish(packs=("codered",)), plan=b"\0\xff",
    )  # fmt: skip
    assert msgspec.json.decode(msgspec.json.encode(job), type=Job) == job
    for text in (b'{"word": "format-disk"}', msgspec.json.encode(job)[:-1] + b', "also": 1}'):
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(text, type=Job)


def test_seals_are_bytes_and_trust_has_a_closed_vocabulary() -> None:
    sealed = Sealed(body=b"a", key=b"k" * 32, signature=b"s" * 64)
    assert msgspec.json.decode(msgspec.json.encode(sealed), type=Sealed) == sealed
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"format": "codered/trust/1", "host": "a", "key_files": [], "local": ["shell"]}, Trust)
