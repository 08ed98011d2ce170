from codered.detect.scripts.java.called import Called
from codered.detect.scripts.java.file_effects import HANDLERS, MAKERS
from codered.detect.scripts.java.tables import load_tables
from codered.detect.scripts.java.tokens import read_tokens
from codered.detect.scripts.java.values import BODY, CHOSEN, FETCHED, NAMED_SCRIPT, REQUEST, WRITES, Value
from codered.detect.scripts.java.world import World

SENT = Value(REQUEST)


def act(does: str, receiver: Value, *args: Value, make: bool = False) -> tuple[list[str], Value | None]:
    seen: list[str] = []
    page = World(read_tokens(""), load_tables(), lambda name, at: seen.append(name))
    handler = (MAKERS if make else HANDLERS)[does]
    return seen, handler(Called(page, receiver, list(args), 0))


def test_writing_is_told_by_the_name_and_by_what_is_written() -> None:
    chosen = Value(WRITES | CHOSEN)
    assert act("write", chosen, SENT)[0] == ["writes-request-file"]
    assert act("write", Value(WRITES | CHOSEN | BODY), SENT)[0] == ["keeps-upload-as-sent"]
    assert act("write", chosen, Value(FETCHED))[0] == ["fetches-file"]
    assert act("write", Value(WRITES | NAMED_SCRIPT), SENT)[0] == ["writes-script"]
    assert not act("write", Value(WRITES), SENT)[0]
    assert not act("write", Value(), SENT)[0]
    assert act("write", Value(BODY, None, "Part"), SENT)[0] == ["keeps-upload-as-sent"]
    assert act("save", Value(), SENT, SENT)[0] == ["writes-request-file"]
    assert act("copy", Value(type="FileUtils"), SENT, SENT)[0] == ["writes-request-file"]
    assert not act("copy", Value(type="IOUtils"), SENT, Value())[0]


def test_streams_know_their_file() -> None:
    opened = act("open-out", Value(type="FileOutputStream"), SENT, make=True)[1]
    assert opened is not None
    assert opened.bits & CHOSEN
    script = act("open-out", Value(type="FileWriter"), Value(said="/srv/x.jsp"), make=True)[1]
    assert script is not None
    assert script.bits & NAMED_SCRIPT
    assert act("open-out", Value(type="PrintWriter"), Value(type="Socket"), make=True)[1] == Value(0)
    assert act("open-in", Value(type="FileInputStream"), SENT, make=True)[0] == ["reads-request-file"]
