import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.model.errors import CodeRedError, Refused, WrongUse
from codered.model.job import ANSWER_PURPOSE
from codered.model.plan import Plan
from codered.respond import orders
from codered.respond.carried_out import begin, end
from codered.respond.trust_file import TrustedOrders, read_trust
from codered.signing.keys import load_or_make_key, make_key, name_key, public_bytes
from tests.fixtures.jobs import Headquarters


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))


@pytest.fixture
def hq(tmp_path: Path) -> Headquarters:
    return Headquarters(tmp_path / "hq")


@pytest.fixture
def trusted(hq: Headquarters, monkeypatch: pytest.MonkeyPatch) -> TrustedOrders:
    monkeypatch.setenv("CODERED_TRUST", str(hq.write_trust()))
    found = read_trust()
    assert found is not None
    return found


def check(order: orders.Order, trusted: TrustedOrders | None) -> None:
    orders.check_orders_giver(order, trusted)
    orders.check_addressee(order, trusted, datetime.now(UTC))


def test_a_job_of_whom_this_host_obeys_is_taken(hq: Headquarters, trusted: TrustedOrders) -> None:
    job = hq.make_job("status")
    order = orders.read_order(hq.write_job(job))
    assert order.job == job
    check(order, trusted)
    check(order, None)


@pytest.mark.parametrize(
    ("more", "because"),
    [
        ({"host": "web-2"}, "the job is for 'web-2', this host is 'web-1'"),
        ({"host": "web-1\x1b[2J"}, r"for 'web-1\\x1b\[2J'"),
        ({"expires": timedelta(seconds=-1)}, "void here: it expired at"),
        ({"issued": timedelta(minutes=15)}, "void here: it was issued more than 10 minutes ahead"),
        ({"expires": timedelta(days=91)}, "void here: it is valid for more than 90 days"),
        ({"host_key": "ed25519:" + "0" * 32}, "this one has none yet"),
    ],
)
def test_a_job_for_another_host_or_hour_is_refused(
    hq: Headquarters, trusted: TrustedOrders, more: dict[str, Any], because: str
) -> None:
    now = datetime.now(UTC)  # not when the tests were collected: they may run for half an hour
    more = {name: now + each if isinstance(each, timedelta) else each for name, each in more.items()}
    order = orders.read_order(hq.write_job(hq.make_job("status", **more)))
    with pytest.raises(Refused, match=because):
        check(order, trusted)


def test_a_job_must_be_answered_with_the_key_that_it_names(hq: Headquarters, tmp_path: Path) -> None:
    name = name_key(public_bytes(load_or_make_key(tmp_path / "state/keys/host.key")))
    assert orders.name_own_key() == name
    check(orders.read_order(hq.write_job(hq.make_job("status", host_key=name))), None)
    order = orders.read_order(hq.write_job(hq.make_job("status", host_key="ed25519:0")))
    with pytest.raises(Refused, match=f"with the key 'ed25519:0', this one has {name}"):
        check(order, None)


def test_another_key_another_purpose_and_a_changed_byte_are_refused(
    hq: Headquarters, trusted: TrustedOrders, tmp_path: Path
) -> None:
    job = hq.make_job("status")
    order = orders.read_order(hq.write_job(job, key=make_key(tmp_path / "other.key")))
    check(order, None)  # without a trust.toml whoever is root there may give it
    with pytest.raises(Refused, match="which is not trusted here"):
        check(order, trusted)
    with pytest.raises(Refused, match=r"is not one for codered/job/1"):
        check(orders.read_order(hq.write_job(job, purpose=ANSWER_PURPOSE)), None)
    good = orders.read_order(hq.write_job(job))
    later = good.sealed.body.replace(b'"word":"status"', b'"word":"verify"')
    with pytest.raises(Refused, match="it was changed since"):
        check(good._replace(sealed=msgspec.structs.replace(good.sealed, body=later)), None)


@pytest.mark.parametrize(
    ("more", "because"),
    [
        ({"id": "../../etc/x"}, "is no job with an id"),
        ({"id": "a" * 129}, "is no job with an id"),
        ({"id": "-o"}, "is no job with an id"),
        ({"expires": datetime(2030, 1, 1)}, "without its zone"),  # noqa: DTZ001 - that is the point
        ({"issued": datetime(2020, 1, 1)}, "without its zone"),  # noqa: DTZ001
    ],
)
def test_what_no_headquarters_makes_is_no_job(hq: Headquarters, more: dict[str, Any], because: str) -> None:
    path = hq.write_job(hq.make_job("status", **more))
    with pytest.raises(WrongUse, match=because):
        orders.read_order(path)


def test_links_pipes_and_folders_are_no_jobs(hq: Headquarters, tmp_path: Path) -> None:
    link, pipe = tmp_path / "link.json", tmp_path / "pipe.json"
    link.symlink_to(hq.write_job(hq.make_job("status")))
    os.mkfifo(pipe)
    for path, because in (
        (link, "links are not followed"),
        (pipe, "is no regular"),
        (tmp_path, "can't be read|no reg"),
    ):
        with pytest.raises(WrongUse, match=because):
            orders.read_order(path)


@given(st.binary(max_size=300))
def test_anything_else_is_one_of_our_errors(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "hostile.json"
    path.write_bytes(raw)
    with pytest.raises(CodeRedError):
        orders.read_order(path)


def test_an_order_is_for_one_change_and_only_while_it_is_carried_out(
    hq: Headquarters, trusted: TrustedOrders, plan: Plan
) -> None:
    body = msgspec.json.encode(plan)
    job = hq.make_job("apply", plan=body, plan_digest=plan.digest)
    order = orders.read_order(hq.write_job(job))
    assert orders.read_ordered_plan(job) == plan
    with pytest.raises(Refused, match="is not being carried out now"):
        orders.check_order(order, "apply", plan, trusted)
    begin(job.id, order.sha256, job.expires)
    orders.check_order(order, "apply", plan, trusted)
    other = msgspec.structs.replace(plan, actions=plan.actions[:1])
    for word, its in (("rollback", plan), ("apply", None), ("apply", other)):
        with pytest.raises(Refused, match=r"orders `apply` of .*sha256:.*, not this"):
            orders.check_order(order, word, its, trusted)
    end(job.id, order.sha256, job.expires)
    with pytest.raises(Refused, match="is not being carried out now"):
        orders.check_order(order, "apply", plan, trusted)
    for harmed in (
        msgspec.structs.replace(job, plan_digest="sha256:0"),
        msgspec.structs.replace(job, plan=msgspec.json.encode(other)),
    ):
        with pytest.raises(Refused, match="not the one that its digest names"):
            orders.read_ordered_plan(harmed)
    with pytest.raises(Refused, match="holds no codered/plan"):
        orders.read_ordered_plan(msgspec.structs.replace(job, plan=b"{"))
