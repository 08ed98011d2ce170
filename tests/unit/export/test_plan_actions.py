import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codered.export.plan_actions import MOST_LINES, VERBS, name_action, name_sections, write_action
from codered.export.writing.layout import WIDTH, measure
from codered.export.writing.paint import Paint
from codered.model.paths import FilePath
from codered.model.plan import Action, ActionKind, Edit, FileState, LineChange, LinksState, LinkState, ProcessState

FILE = FileState(exists=True, sha256="ab" * 32, size=12, mode=0o4755, capabilities="01")
ACTION = Action(id="a1", kind="remove_line", path=FilePath("/etc/crontab"), expects=FILE, because="planted")


def edit(*lines: LineChange, mode: int | None = None, drop: bool = False) -> Action:
    return msgspec.structs.replace(
        ACTION, edit=Edit(outcome=FILE, lines=lines, mode=mode, drop_capabilities=drop), shown="/etc/crontab"
    )


def text_of(action: Action) -> str:
    return "\n".join(write_action(1, action, Paint(False)))


def test_the_exact_line_is_shown() -> None:
    gone = LineChange(line=7, sha256="0" * 64, shown="* * * * * root \x1b[2J/tmp/x")
    text = text_of(edit(gone))
    assert "line 7 now: * * * * * root \\x1b[2J/tmp/x" in text
    assert "becomes: nothing: the line goes" in text
    other = msgspec.structs.replace(gone, becomes=b"www-data:x:33:33::/:/usr/sbin/nologin\xff")
    assert "becomes: www-data:x:33:33::/:/usr/sbin/nologin\\xff" in text_of(edit(other))


def test_rights_are_shown_before_and_after() -> None:
    text = text_of(edit(mode=0o755, drop=True))
    assert "mode: 4755 becomes 0755" in text
    assert "capabilities: go" in text
    assert "capabilities 01" in text


def test_a_process_is_shown_with_its_command_and_program() -> None:
    state = ProcessState(pid=77, start=1234, boot="b00t" * 8, state="running", sha256="cd" * 32, command="/tmp/x -q")
    action = msgspec.structs.replace(
        ACTION,
        kind="stop_process",
        path=FilePath("/tmp/x"),
        expects=state,
        shown="process 77 (kworker)",
        undoable=False,
    )
    text = text_of(action)
    assert "stop process 77 (kworker)" in text
    assert f"runs: /tmp/x, sha256 {'cd' * 8}…" in text
    assert "command: /tmp/x -q" in text
    assert "pid 77, started at tick 1,234 of boot b00tb00t" in text
    assert "can be undone: NO" in text


def test_links_are_shown_one_by_one() -> None:
    wants, mask = FilePath("/etc/systemd/system/x.wants/y"), FilePath("/etc/systemd/system/y")
    before = LinksState(links=(LinkState(path=wants, target=FilePath("../y")), LinkState(path=mask)))
    after = LinksState(links=(LinkState(path=wants), LinkState(path=mask, target=FilePath("/dev/null"))))
    action = msgspec.structs.replace(ACTION, kind="disable_service", expects=before, becomes=after)
    text = text_of(action)
    assert "link: /etc/systemd/system/x.wants/y -> ../y goes" in text
    assert "link: /etc/systemd/system/y is not there; -> /dev/null comes" in text


def test_long_lists_are_cut_and_said() -> None:
    lines = tuple(LineChange(line=number, sha256="", shown="x") for number in range(1, MOST_LINES + 4))
    assert "3 more lines" in text_of(edit(*lines))
    links = LinksState(links=tuple(LinkState(path=FilePath(f"/{number}")) for number in range(MOST_LINES + 5)))
    action = msgspec.structs.replace(ACTION, kind="disable_service", expects=links, becomes=links)
    assert "5 more links" in text_of(action)


def test_sections_never_go_back() -> None:
    def of(kind: ActionKind, path: str = "/x") -> Action:
        return msgspec.structs.replace(ACTION, kind=kind, path=FilePath(path))

    actions = [
        of("stop_process"), of("quarantine_file"), of("remove_line"), of("quarantine_file"), of("disable_service"),
        of("lock_account", "/etc/shadow"), of("remove_line", "/etc/passwd"),
    ]  # fmt: skip
    assert name_sections(actions) == [
        "Stop what runs", "Clean files", "Persistence", "Persistence", "Persistence", "Accounts", "Accounts",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", list(VERBS))
def test_every_kind_has_a_name(kind: ActionKind) -> None:
    assert name_action(msgspec.structs.replace(ACTION, kind=kind)) == f"{VERBS[kind]} /etc/crontab"


@settings(deadline=None, max_examples=40)
@given(text=st.text(st.characters(), max_size=300))
def test_no_hostile_text_escapes(text: str) -> None:
    change = LineChange(line=1, sha256="", shown=text, becomes=text.encode(errors="surrogatepass"))
    state = ProcessState(pid=1, start=1, boot=text, state="running", command=text)
    links = LinksState(links=(LinkState(path=FilePath(text), target=FilePath(text)),))
    process = msgspec.structs.replace(ACTION, kind="stop_process", expects=state, shown=text, path=FilePath(text))
    service = msgspec.structs.replace(ACTION, kind="disable_service", expects=links, becomes=links)
    for action in (edit(change), process, service):
        for line in write_action(1, action, Paint(False)):
            assert measure(line) <= WIDTH
            assert line.isprintable()
