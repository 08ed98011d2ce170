from pathlib import Path
from typing import get_args

import msgspec
import pytest

from codered.model.errors import Refused
from codered.model.job import Trust
from codered.model.plan import Plan
from codered.respond.carried_out import begin
from codered.respond.orders import read_order
from codered.respond.trust import LocalWord, check_allowed
from tests.fixtures.jobs import Headquarters


@pytest.fixture
def hq(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Headquarters:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))
    return Headquarters(tmp_path / "hq")


def test_without_a_trust_file_root_may_do_all(hq: Headquarters) -> None:
    for word in get_args(LocalWord):
        check_allowed(word)


def test_with_one_only_what_it_lists_or_a_job_orders(
    hq: Headquarters, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODERED_TRUST", str(hq.write_trust("contain")))
    check_allowed("contain")
    for word in ("apply", "rollback", "respond", "baseline"):
        with pytest.raises(Refused, match=f"`{word}` is refused: this host, web-1, obeys orders of ed25519:"):
            check_allowed(word)
    job = hq.make_job("apply", plan=msgspec.json.encode(plan), plan_digest=plan.digest)
    path = hq.write_job(job)
    begin(job.id, read_order(path).sha256, job.expires)
    check_allowed("apply", plan, str(path))
    with pytest.raises(Refused, match="not this"):
        check_allowed("rollback", plan, str(path))
    (hq.folder / "trust.toml").write_text("broken")
    with pytest.raises(Refused, match="so nothing is changed"):
        check_allowed("contain")
    with pytest.raises(Refused, match="so nothing is changed"):
        check_allowed("apply", plan, str(path))


def test_the_door_knows_the_words_of_the_file() -> None:
    (local,) = [field.type for field in msgspec.structs.fields(Trust) if field.name == "local"]
    assert get_args(get_args(local)[0]) == get_args(LocalWord)
