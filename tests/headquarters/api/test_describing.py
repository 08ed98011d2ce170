"""Operations tell their nouns, problems and headers."""

from codered_hq.api.describing import build_components, describe, header
from codered_hq.api.documents import HostPage


def test_an_operation_tells_what_it_answers() -> None:
    told = describe("x", {200: HostPage}, "404", headers=(header("X-Key", "a key", "^a$"),))["openapi_extra"]
    ok = told["responses"][200]["content"]["application/json"]["schema"]
    assert ok == {"$ref": "#/components/schemas/HostPage"}
    assert {status for status in told["responses"] if status != 200} == {401, 403, 404, 429, 503}
    assert told["parameters"][0]["name"] == "X-Key"


def test_nouns_are_described_whole_and_base64_as_a_pattern() -> None:
    found = build_components()
    assert {"Problem", "HostPage", "HostView"} <= set(found)
    assert found["PostedEvidence"]["properties"]["data"]["anyOf"][0]["pattern"]
