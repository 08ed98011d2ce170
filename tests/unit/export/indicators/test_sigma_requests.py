import pytest

from codered.export.indicators.sigma_requests import detect_request
from codered.model.indicators import Answer
from tests.fixtures.exported_packs import make_log


def test_path_query_and_method_are_fields_of_their_own() -> None:
    sign = make_log(pattern=r"^POST /a\?b", answers=(Answer(status=("404",), means="not there"),))
    made = detect_request(sign)
    assert made.searches["selection"] == {
        "cs-method|re|i": "^POST$", "cs-uri-stem|re|i": "^/a$", "cs-uri-query|re|i": "^b",
    }  # fmt: skip
    assert made.notes == ("Answered 404: not there.",)
    several = detect_request(make_log(pattern="/a"))
    assert several.searches["condition"] == "1 of selection_*"
    alone = detect_request(make_log(pattern="(^| )/a$")).searches["selection"]
    assert alone == {"cs-uri-stem|re|i": "^/a$", "cs-uri-query": ["", "-", None]}


def test_headers_are_fields_and_error_messages_are_not() -> None:
    assert detect_request(make_log(part="agent", pattern="^x$")).searches["selection"] == {"cs-user-agent|re|i": "^x$"}
    assert detect_request(make_log(part="referer", pattern="x")).searches["selection"] == {"cs-referer|re|i": "x"}
    with pytest.raises(ValueError, match="error log"):
        detect_request(make_log(part="error"))
