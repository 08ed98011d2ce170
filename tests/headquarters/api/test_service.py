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
