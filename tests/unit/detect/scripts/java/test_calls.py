from codered.detect.scripts.java.calls import call, construct
from codered.detect.scripts.java.tables import load_tables
from codered.detect.scripts.java.tokens import read_tokens
from codered.detect.scripts.java.values import BODY, NOTHING, REQUEST, WHOLE, Value
from codered.detect.scripts.java.world import ROOT, World

HERE = (0, ROOT)
SENT = Value(REQUEST | WHOLE)


def make(code: str = "") -> tuple[World, list[str]]:
    seen: list[str] = []
    return World(read_tokens(code), load_tables(), lambda name, at: seen.append(name)), seen


def test_sources_and_what_is_no_source() -> None:
    page, _ = make()
    request = Value(type="request")
    assert call(page, request, "getParameter", [NOTHING], HERE).bits == REQUEST | WHOLE
    assert call(page, request, "getInputStream", [], HERE).bits & BODY
    assert not call(page, request, "getContextPath", [], HERE).bits
    assert not call(page, request, "getAttribute", [Value(said="x")], HERE).bits
    assert call(page, Value(type="ParamUtils"), "read", [request], HERE).bits & REQUEST
    assert not call(page, Value(type="Integer"), "parseInt", [SENT], HERE).bits
    assert call(page, Value(type="Integer"), "parseInt", [SENT, Value(said="16")], HERE).bits & REQUEST


def test_a_method_found_by_its_name_is_called_like_any_other() -> None:
    page, seen = make()
    found = Value(0, "java.lang.Runtime.exec", "Method")
    call(page, found, "invoke", [NOTHING, SENT], HERE)
    assert "runs-request-command" in seen


def test_the_pages_own_classes_come_before_the_library() -> None:
    page, seen = make("class Runtime2 { void exec(String s) { } }")
    call(page, Value(type="Runtime2"), "exec", [SENT], HERE)
    assert not seen
    assert page.locals[0]["s"].bits & REQUEST


def test_constructors_pass_on_what_they_get() -> None:
    page, seen = make()
    file = construct(page, "File", [Value(said="/a"), SENT], HERE)
    assert (file.type, file.bits & WHOLE) == ("File", 0)
    assert construct(page, "ServletFileUpload", [Value(type="request")], HERE).bits & BODY
    construct(page, "ProcessBuilder", [SENT], HERE)
    assert "runs-request-command" in seen
