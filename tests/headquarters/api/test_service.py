"""The API as a whole: what is where, and what is not."""

from django.test import Client

from codered_hq.api.service import API


def test_every_operation_but_the_description_wants_proof(db: None) -> None:
    paths = API.get_openapi_schema()["paths"]
    assert len(paths) == 9
    for path, operations in paths.items():
        for method in operations:
            answer = Client().generic(method, path.format(number=1, uid="0" * 32), b"{}", "application/json")
            assert answer.status_code == 401, path
            assert operations[method]["security"], path
    assert Client().get("/api/v1/openapi.json").json()["openapi"] == "3.1.0"
    assert Client().get("/api/v1/docs").status_code == 404


def test_what_is_not_there_and_what_can_not_be_done_are_problems_too(db: None) -> None:
    missing = Client().get("/api/v1/nosuch")
    wrong = Client().delete("/api/v1/hosts")
    for answer, status in ((missing, 404), (wrong, 405)):
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
        assert answer.json()["status"] == status
        assert answer.json()["where"] == answer.request["PATH_INFO"]
    assert wrong["Allow"] == "GET"
    assert Client().post("/api/v1/actions", b"{}", "application/json").status_code == 401  # no token of a form is asked
