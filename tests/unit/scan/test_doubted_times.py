from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from codered.model.known_good import Baseline
from codered.scan.doubted_times import why_read_all
from codered.scan.trusted_times import read_clock
from codered.targets import open_target


def _baseline() -> Baseline:
    target, clock = open_target(), read_clock()
    return Baseline(
        id="i", tool="t", created=datetime.now(UTC), host=target.info.host, root="/", system="linux", places=(),
        clock_lead_ns=clock.lead, boot=clock.boot,
    )  # fmt: skip


def test_times_are_believed_on_the_same_host_with_the_same_clock() -> None:
    assert why_read_all(open_target(), _baseline()) == ""


def test_they_are_not_when_the_clock_was_set_back_or_it_is_another_root(tmp_path: Path) -> None:
    target, same = open_target(), _baseline()
    later = replace(same, created=datetime.now(UTC) + timedelta(hours=1))
    assert why_read_all(target, later) == "the clock was set back"
    ahead = replace(same, clock_lead_ns=same.clock_lead_ns + 10**10)
    assert why_read_all(target, ahead) == "the clock was set back"
    assert "another root" in why_read_all(open_target(str(tmp_path)), same)
    assert "another root or host" in why_read_all(target, replace(same, host="x"))


def test_nor_on_a_file_system_that_is_not_known_to_keep_them() -> None:
    assert "proc" in why_read_all(open_target(), replace(_baseline(), places=(b"proc",)))
