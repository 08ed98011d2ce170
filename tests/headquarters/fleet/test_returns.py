"""Every outcome, and every forgery."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from codered.model.job import ANSWER_PURPOSE, JOB_PURPOSE, Job
from codered.signing.sealing import decode_sealed, encode_sealed, open_sealed, seal
from codered_hq.fleet.models import FleetRun, HostRun, StoredReport
from codered_hq.fleet.orders import Giver, Wish, order
from codered_hq.fleet.returns import PAUSES, give_up, settle
from codered_hq.fleet.running import begin_run, carry_on
from codered_hq.hosts.models import Host, Identifier
from codered_hq.model.engine import Outcome, Return
from tests.fixtures.inventories import NOW, make_host
from tests.fixtures.played_fleets import PlayedFleet, PlayedHost, answer_report, answered, card, make_report, show

pytestmark = pytest.mark.django_db
GIVER = Giver("hq", Ed25519PrivateKey.generate())


def ask(host: Host) -> tuple[HostRun, Job, str]:
    """A row of a run whose job was sent, the job, and the SHA-256 of its body."""
    run = begin_run("scan", [host], Wish(), NOW)
    task = HostRun.objects.get(run=run)
    sent = order(task, Wish(), GIVER, NOW)
    task.state = "running"
    task.save()
    return task, open_sealed(decode_sealed(sent.sealed, "x"), JOB_PURPOSE, Job, keys=None, where="x"), sent.sha256


def test_who_is_off_is_tried_again_until_the_run_ends_and_what_will_not_mend_is_given_up() -> None:
    expected: dict[Outcome, list[str]] = {
        "unreachable": ["queued"] * 6, "timed_out": ["queued"] * 6, "silent": ["queued"] * 6,
        "garbled": ["queued", "queued", "given_up"], "failed": ["queued", "queued", "given_up"], "refused": ["refused"],
    }  # fmt: skip
    for number, (outcome, states) in enumerate(expected.items()):
        task, _, _ = ask(make_host(f"web-{number}", f"10.1.0.{number + 1}"))
        for tries, state in enumerate(states, 1):
            row = settle(task, Return(host="", outcome=outcome, reason=f"it is {outcome}"), NOW)
            assert row
            assert (row.state, row.outcome, row.reason, row.attempts) == (state, outcome, f"it is {outcome}", tries)
            pause = PAUSES[min(tries, len(PAUSES)) - 1]
            assert row.next_try == (NOW + pause if state == "queued" else None)
            assert (row.ended is None) == (state == "queued")
            assert (row.job is None) == (outcome in ("garbled", "failed"))  # else it is asked again, the same
    task, _, _ = ask(make_host("late", "10.1.0.99"))
    row = settle(task, Return(host="", outcome="silent"), task.run.expires - timedelta(seconds=30))
    assert row
    assert (row.state, row.reason) == ("given_up", "silent")
    assert give_up(row, "x" * 999, NOW).reason == "x" * 255


def test_only_a_sealed_answer_to_this_job_from_this_host_counts() -> None:
    host = make_host("web-1", "10.1.0.1")
    played = PlayedHost("web-1")
    document = msgspec.json.encode(make_report())
    task, job, sha256 = ask(host)
    good = played.answer(job, sha256, document=document)
    row = settle(task, answered(good), NOW)
    assert row
    assert (row.state, row.verdict, row.reason, row.exit_code) == ("answered", "clean", "", 0)
    pinned = Identifier.objects.get(kind="agent_key")
    assert (pinned.host, pinned.value) == (host, row.key)

    other, wrong = PlayedHost("web-1"), decode_sealed(good, "x")
    task, job, sha256 = ask(host)
    wrong_seal = encode_sealed(msgspec.structs.replace(wrong, signature=b"\0" * 64))
    wrong_purpose = encode_sealed(seal(job, played.key, ANSWER_PURPOSE.replace("answer", "job")))
    changed = encode_sealed(msgspec.structs.replace(wrong, body=wrong.body.replace(b"web-1", b"web-2")))
    for output, state, why in (
        (good, "refused", "it answers another job"),  # the replay of an earlier answer
        (played.answer(job, "0" * 64, document=document), "refused", "it answers another job"),
        (played.answer(job, sha256, word="status"), "refused", "it answers another job"),
        (other.answer(job, sha256, document=document), "refused", f"and is known by {pinned.value}"),
        (wrong_seal, "refused", "its signature is not one for codered/answer/1"),
        (changed, "refused", "its signature is not one for codered/answer/1"),
        (wrong_purpose, "refused", "its signature is not one for codered/answer/1"),
        (b"VALUE_TRIMMED", "failed", "is no sealed document"),
        (b"", "failed", "is no sealed document"),
        (played.answer(job, sha256, document=b"{}"), "failed", "its report can't be read"),
        (played.answer(job, sha256, document=b"[" * 50_000), "failed", "its report can't be read"),
        (played.answer(job, sha256, state="refused", exit_code=4, why="not for me\x1b[2J"), "refused", "not for me"),
        (played.answer(job, sha256, state="failed", exit_code=70, why="a bug"), "failed", "a bug"),
        (played.answer(job, sha256, state="unsupported", exit_code=3, why="no prober"), "failed", "no prober"),
    ):
        row = settle(task, answered(output), NOW)
        assert row
        assert (row.state, why in row.reason, row.verdict) == (state, True, ""), (row.reason, why)
        assert "\x1b" not in row.reason
    assert list(Identifier.objects.filter(kind="agent_key")) == [pinned]
    assert not StoredReport.objects.exclude(verdict__in=("", "clean")).exists()


def test_the_key_of_one_host_is_no_other_s_and_gaps_are_never_clean(tmp_path: Path) -> None:
    first, second = make_host("web-1", "10.1.0.1"), make_host("web-2", "10.1.0.2")
    played, copied = PlayedHost("web-1"), PlayedHost("web-2", answer_report(make_report(gaps=2)))
    copied.key = played.key
    fleet = PlayedFleet(played, copied)
    run = carry_on(
        begin_run("scan", [first, second], Wish(), datetime.now(UTC)), fleet.means(tmp_path), lambda _task: None
    )
    said = show(list(run.hosts.all()))
    assert said["web-1"] == ("answered", "clean", "")
    assert said["web-2"][0] == "refused"
    assert "it answers with the key of web-1" in said["web-2"][2]
    copied.key = Ed25519PrivateKey.generate()
    run = carry_on(begin_run("scan", [second], Wish(), datetime.now(UTC)), fleet.means(tmp_path), lambda _task: None)
    assert show(list(run.hosts.all()))["web-2"] == (
        "answered",
        "incomplete",
        "logs: /var/log/0: gone (and 1 more)",
    )


def test_two_rows_that_turn_out_to_be_one_machine_become_one(tmp_path: Path) -> None:
    known = make_host("web-1", "10.1.0.1")
    twin = make_host("", "10.1.0.7", mac="02:00:00:00:00:07")
    played = PlayedHost("web-1")
    played.facts = msgspec.structs.replace(played.facts, cards=(card("10.1.0.1", "02:00:00:00:00:07"),))
    fleet = PlayedFleet(played)
    run = carry_on(
        begin_run("scan", [known, twin], Wish(), datetime.now(UTC)), fleet.means(tmp_path), lambda _task: None
    )
    assert FleetRun.objects.count() == 1
    assert Host.objects.count() == 1
    assert show(list(run.hosts.all())) == {
        "web-1": ("answered", "incomplete", f"joined with #{twin.pk}, which was not reached")
    }


def test_a_suspicion_of_a_sweep_is_cleared_only_where_it_was_raised(tmp_path: Path) -> None:
    host = make_host("web-1", "10.1.0.1")
    played = PlayedHost("web-1")
    Host.objects.update(state="suspect", suspected_at=["10.9.0.66"])
    fleet = PlayedFleet(played)
    for address, state in (("10.9.0.66", "suspect"), ("10.1.0.1", "unknown")):
        run = carry_on(begin_run("scan", [host], Wish(), datetime.now(UTC)), fleet.means(tmp_path), lambda _task: None)
        host.refresh_from_db()
        assert (host.state, "at another address" in run.hosts.get().reason) == (state, state == "suspect"), address
        Host.objects.update(suspected_at=["10.1.0.1"])
