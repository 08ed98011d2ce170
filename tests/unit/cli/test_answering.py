import base64
import hashlib
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from codered.cli import answering
from codered.cli.answering_words import Done
from codered.model.job import Answer, Job, JobWord, ScanWish
from codered.model.plan import Plan
from codered.respond.carried_out import is_under_way
from codered.respond.orders import read_order
from codered.signing.keys import load_public_key
from tests.fixtures.jobs import Headquarters, read_answer, read_receipt
from tests.fixtures.saying import Say


@pytest.fixture
def hq(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Headquarters:
    made = Headquarters(tmp_path / "hq")
    monkeypatch.setenv("CODERED_TRUST", str(made.write_trust()))
    return made


def order_change(hq: Headquarters, word: JobWord, plan: Path) -> Job:
    known = msgspec.json.decode(plan.read_bytes(), type=Plan)
    return hq.make_job(word, plan=plan.read_bytes(), plan_digest=known.digest)


def test_a_plan_is_applied_once_verified_and_rolled_back_by_jobs_alone(
    say: Say, hq: Headquarters, plan: Path, volume: Path, tmp_path: Path
) -> None:
    first = sorted(path for path in volume.rglob("*") if path.is_file())
    job = hq.write_job(order_change(hq, "apply", plan))
    said = say("answer", job)
    own = frozenset([load_public_key(tmp_path / "state/keys/host.key.pub")])
    answer = read_answer(said.out, own)
    assert (answer.state, answer.word, answer.host) == ("done", "apply", "web-1"), (answer, said.err)
    assert said.code == 0
    assert json.loads(answer.document)["done"]
    assert answer.job_sha256 == read_order(job).sha256
    left = sorted(path for path in volume.rglob("*") if path.is_file())
    assert left != first

    again = say("answer", job)  # the same answer, and nothing is done
    assert (again.code, again.out) == (0, said.out)
    assert "was carried out before" in again.err

    checked = read_answer(say("answer", hq.write_job(order_change(hq, "verify", plan))).out, own)
    assert (checked.state, checked.exit_code in (0, 1, 3)) == ("done", True)
    assert json.loads(checked.document)["format"] == "codered/verification/1"

    undone = read_answer(say("answer", hq.write_job(order_change(hq, "rollback", plan))).out, own)
    assert (undone.state, undone.exit_code) == ("done", 0)
    assert sorted(path for path in volume.rglob("*") if path.is_file()) == first

    assert say("answer", job).out == said.out  # and is not applied by the old job again
    assert sorted(path for path in volume.rglob("*") if path.is_file()) == first
    Path(read_receipt(said.out).path).unlink()
    late = say("answer", job)
    assert (late.code, "its answer is not kept any more" in late.err) == (4, True)
    direct = say("apply", plan, "--yes", "--job", job)
    assert (direct.code, "is not being carried out now" in direct.err) == (4, True)
    assert not os.listdir(tmp_path / "state/fleet/work")


def test_a_scan_and_a_status_are_answered_with_their_documents(say: Say, hq: Headquarters, volume: Path) -> None:
    said = say("answer", hq.write_job(hq.make_job("scan", scan=ScanWish(paths=(str(volume),)))))
    answer = read_answer(said.out)
    assert (said.code, answer.state, answer.exit_code) == (0, "done", 1)
    assert json.loads(answer.document)["findings"]
    assert answer.facts.name == os.uname().nodename
    assert answer.facts.machine_id
    planned = read_answer(say("answer", hq.write_job(hq.make_job("plan", report=answer.document))).out)
    assert json.loads(planned.document)["actions"]
    assert "root" in answer.facts.admins
    status = json.loads(read_answer(say("answer", hq.write_job(hq.make_job("status"))).out).document)
    assert (status["trust"], status["plans"]) == ("web-1", [])


def test_what_is_refused_is_answered_too_and_never_in_the_place_of_another_answer(
    say: Say, hq: Headquarters, plan: Path, volume: Path, tmp_path: Path
) -> None:
    before = sorted((path, path.stat().st_mtime_ns) for path in volume.rglob("*"))
    good = order_change(hq, "apply", plan)
    stranger = Headquarters(tmp_path / "stranger")
    now = datetime.now(UTC)
    for job, because in (
        (stranger.write_job(good), "which is not trusted here"),
        (hq.write_job(good, purpose="codered/answer/1"), "is not one for codered/job/1"),
        (hq.write_job(msgspec.structs.replace(good, host="web-2")), "this host is 'web-1'"),
        (hq.write_job(msgspec.structs.replace(good, expires=now)), "it expired at"),
        (hq.write_job(msgspec.structs.replace(good, plan_digest="sha256:0")), "not the one that its digest names"),
        (hq.write_job(msgspec.structs.replace(good, plan=b"")), "the job holds no codered/plan/1"),
    ):
        said = say("answer", job)
        answer = read_answer(said.out)
        assert (said.code, answer.state, answer.exit_code) == (4, "refused", 4), said
        assert because in answer.why
        assert because in said.err
        assert answer.job_sha256 == read_order(job).sha256
        assert "/refused-" in read_receipt(said.out).path
    assert sorted((path, path.stat().st_mtime_ns) for path in volume.rglob("*")) == before
    assert not (tmp_path / f"state/fleet/answers/{good.id}.json").exists()
    (hq.folder / "trust.toml").write_text("broken")
    said = say("answer", hq.write_job(good))
    assert (said.code, "so nothing is changed" in read_answer(said.out).why) == (4, True)


def test_a_guard_of_the_word_refuses_and_the_job_may_come_again(
    say: Say, hq: Headquarters, plan: Path, volume: Path
) -> None:
    known = msgspec.json.decode(plan.read_bytes(), type=Plan)
    victim = Path(known.target.root) / known.actions[0].path.text.removeprefix("C:\\").replace("\\", "/")
    job = hq.write_job(order_change(hq, "apply", plan))
    found = [path for path in volume.rglob("*") if str(path).lower() == str(victim).lower()]
    (found[0] if found else next(path for path in volume.rglob("root.exe"))).write_bytes(b"another")
    said = say("answer", job)
    answer = read_answer(said.out)
    assert (said.code, answer.state, answer.exit_code) == (4, "refused", 4), answer
    order = read_order(job)
    assert not is_under_way(order.job.id, order.sha256)
    assert read_answer(say("answer", job).out).state == "refused"


def test_a_large_answer_is_fetched_in_pieces(
    say: Say, hq: Headquarters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    big = Done("done", 0, os.urandom(300_000))
    monkeypatch.setattr(answering, "do_word", lambda _job, _work: big)
    job = hq.make_job("status")
    out = tmp_path / "carried.json"
    said = say("answer", hq.write_job(job), "-o", out)
    receipt = read_receipt(said.out)
    assert (receipt.inline, receipt.size > 400_000) == (b"", True)
    whole = b""
    for name in (job.id, receipt.path):
        whole = b""
        while len(whole) < receipt.size:
            piece = say("answer", "--piece", str(len(whole)), name)
            assert (piece.code, piece.err) == (0, "")
            whole += base64.b64decode(piece.out.rstrip(), validate=True)
    assert hashlib.sha256(whole).hexdigest() == receipt.sha256
    assert out.read_bytes() == whole
    assert say("answer", "--piece", str(receipt.size), job.id).out == "\n"
    for name in ("../carried-out/x", "nothing", "", ".lock", "a" * 200):
        assert say("answer", "--piece", "0", name).code == 2, name
    monkeypatch.setattr(answering, "MOST_SEALED", 1000)
    over = read_answer(say("answer", hq.write_job(hq.make_job("status"))).out)
    assert (over.state, over.document, "ask for fewer paths" in over.why) == ("failed", b"", True)


@pytest.mark.parametrize(
    ("done", "code"),
    [
        (Done("failed", 6, why="x"), 6),
        (Done("failed", 7, why="x"), 7),
        (Done("failed", 2, why="x"), 2),
        (Done("failed", 70, why="x"), 3),
        (Done("unsupported", 3, why="x"), 3),
        (Done("done", 3), 0),
    ],
)
def test_the_exit_code_says_what_became_of_the_job(
    say: Say, hq: Headquarters, plan: Path, monkeypatch: pytest.MonkeyPatch, done: Done, code: int
) -> None:
    monkeypatch.setattr(answering, "do_word", lambda _job, _work: done)
    job = hq.write_job(order_change(hq, "apply", plan))
    for _ in range(2):
        said = say("answer", job)
        answer: Answer = read_answer(said.out)
        assert (said.code, answer.state, answer.exit_code, answer.why) == (code, done.state, done.code, done.why)


def test_without_a_trust_file_the_seal_counts_and_the_name_is_only_told(
    say: Say, hq: Headquarters, plan: Path, volume: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CODERED_TRUST")
    said = say("answer", hq.write_job(hq.make_job("status", host="elsewhere")))
    assert (said.code, "trust.toml" in said.err) == (0, False)  # it only looks
    said = say("answer", hq.write_job(order_change(hq, "apply", plan)))
    assert (said.code, "no trust.toml says what this host is called" in said.err) == (0, True)
    late = hq.make_job("status", expires=datetime.now(UTC) - timedelta(days=1))
    assert say("answer", hq.write_job(late)).code == 4
    unsupported = say("answer", hq.write_job(hq.make_job("plan", report=b"{}")))
    assert (unsupported.code, read_answer(unsupported.out).state) == (2, "failed")


def test_a_person_at_a_terminal_reads_lines_and_an_engine_a_receipt(
    say: Say, hq: Headquarters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "do_word", lambda _job, _work: Done("done", 0, b"{}"))
    job = hq.write_job(hq.make_job("sweep", sweep=b"{}"))
    out = tmp_path / "my result.json"
    assert read_answer(say("answer", job, "-o", out).out).state == "done"  # no terminal: what fetches it reads this
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda _self: True)
    told = say("answer", job, "-o", out)
    lines = told.out.splitlines()
    assert (told.code, len(lines), lines[0].startswith("sweep of job ")) == (0, 3, True), told
    assert lines[1] == f"its signed result is in {out}"
    assert lines[2] == "carry it back to headquarters: codered sweep --merge 'my result.json'"
    assert read_answer(say("answer", job).out).state == "done"  # nothing to carry
    assert read_answer(say("answer", job, "-o", tmp_path / "no" / "r.json").out).state == "done"
