import pytest

from codered.cli.lengths import parse_length
from codered.model.errors import WrongUse


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("30m", 1800), ("72h", 259200), ("7d", 604800), ("0s", 0), ("0", 0)]
)
def test_lengths(text: str, seconds: int) -> None:
    assert parse_length(text, "--for") == seconds


@pytest.mark.parametrize("text", ["", "72", "h", "-1h", "1.5h", "1 h", "367d", "99999999999s", "1h\n", "１h"])
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(WrongUse, match=r"no length of time|is too long: at most 366d"):
        parse_length(text, "--for")
