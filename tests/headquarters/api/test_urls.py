"""The description is the one that is kept, and the API keeps to it whatever is sent (schemathesis, all checks)."""

import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, settings

from codered_hq.api import limits
from codered_hq.api.service import API
from tests.fixtures.api_callers import Agent, make_body, make_secret
from tests.fixtures.inventories import make_host
from tests.fixtures.rules_in_force import put_sample_in_force

KEPT = Path(__file__).parents[3] / "docs" / "schemas" / "openapi.json"
schema = schemathesis.openapi.from_dict(json.loads(KEPT.read_text("utf-8")))
schema.config.update(base_url="http://localhost/")


@pytest.fixture
def secret(db: None, headquarters: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A token that may do everything, in a headquarters with a host, findings and rules."""
    from codered_hq.opening import open_headquarters

    open_headquarters()
    put_sample_in_force(headquarters)
    make_host("web00", "10.1.1.9")
    Agent().post(make_body("/root.exe", address="10.1.1.1"))
    monkeypatch.setattr(limits.TOKENS, "burst", 1_000_000)
    return make_secret()


def test_the_kept_description_is_that_of_the_api() -> None:
    assert json.loads(KEPT.read_text("utf-8")) == json.loads(json.dumps(API.get_openapi_schema()))


def check(case: schemathesis.Case[Any], secret: str) -> None:
    case.operation.app = case.operation.schema.app = get_wsgi_application()
    case.call_and_validate(headers={"Authorization": f"Bearer {secret}"})


@schema.exclude(path_regex="/ingest/").parametrize()
@settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_api_keeps_to_it(case: schemathesis.Case[Any], secret: str) -> None:
    check(case, secret)


@schema.include(path_regex="/ingest/").parametrize()
@settings(
    max_examples=2, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
def test_what_takes_posts_keeps_to_it(case: schemathesis.Case[Any], secret: str) -> None:
    check(case, secret)
