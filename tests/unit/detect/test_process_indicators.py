"""Packs' signs of processes: all that is given must fit, of each list one."""

from msgspec.structs import replace

from codered.detect.process_indicators import match_processes
from codered.model.indicators import ProcessIndicator
from codered.model.paths import FilePath
from codered.model.process import Connection, Executable, ProcessSeen
from tests.fixtures.running import make_process
from tests.fixtures.small_packs import make_pack


def sign(**fields: object) -> ProcessIndicator:
    plain = {"id": "mark", "because": "it is the mark", "confidence": "likely", "severity": "high", "references": ()}
    return ProcessIndicator(**(plain | fields))  # type: ignore[arg-type]


def find(indicator: ProcessIndicator, *processes: ProcessSeen) -> list[int]:
    loaded = make_pack("inert")
    pack = replace(loaded, pack=replace(loaded.pack, processes=(indicator,)))
    return [hit.process.id.pid for hit in match_processes(processes, (pack,))]


def seen(pid: int = 70, name: str = "thing", path: str = "/opt/thing", **fields: object) -> ProcessSeen:
    return make_process(pid, name, exe=Executable(path=FilePath(path)), **fields)


def test_names_of_the_process_its_program_or_its_command() -> None:
    process = seen(name="short", path="/opt/long-program-name-of-it", command=("/x/called", "-v"))
    for name in ("short", "long-program-name-of-it", "called", "long-*", "sh*t"):
        assert find(sign(names=(name,)), process) == [70]
    for name in ("Short", "long", "call", "/opt/*", "*/called"):
        assert find(sign(names=(name,)), process) == []


def test_paths_and_exceptions() -> None:
    assert find(sign(paths=("/opt/*",)), seen(), seen(71, path="/opt/a/thing")) == [70]
    assert find(sign(names=("thing",), except_paths=("/usr/bin/thing",)), seen(), seen(71, path="/usr/bin/thing")) == [
        70
    ]
    assert find(sign(paths=("/opt/thing",)), make_process(72)) == []


def test_everything_given_must_fit() -> None:
    listening = (Connection(protocol="tcp", local_port=600, state="LISTEN"),)
    full = sign(names=("thing",), threads=(100, 300), listens=(600, 601), command="--quiet")
    fitting = seen(threads=300, connections=listening, command=("thing", "--QUIET"))
    assert find(full, fitting) == [70]
    for other in (
        replace(fitting, threads=299),
        replace(fitting, connections=()),
        replace(fitting, command=("thing",)),
        replace(fitting, name="x", exe=None, command=("x", "--quiet")),
    ):
        assert find(full, other) == []


def test_a_connection_is_no_listening() -> None:
    process = seen(connections=(Connection(protocol="tcp", local_port=600, remote="192.0.2.1", state="ESTABLISHED"),))
    assert find(sign(listens=(600,)), process) == []


def test_children() -> None:
    assert find(sign(children=("sh",)), seen(70), make_process(71, "sh", parent=70), make_process(72, "sh")) == [70]


def test_commands_as_text_or_pattern() -> None:
    process = seen(command=("thing", "-o", "[pool].example\n:3333"))
    for command in ("[POOL].example", "thing*3333", "*pool*"):
        assert find(sign(command=command), process) == [70]
    for command in ("thing*334", "pool.example", "[a-z]*"):
        assert find(sign(command=command), process) == []


def test_signs_of_windows_and_empty_signs_fit_nothing_here() -> None:
    process = seen(name="explorer.exe", path="/opt/explorer.exe")
    for indicator in (
        sign(names=("explorer.exe",)),
        sign(names=("explorer.exe", "thing"), except_paths=("?:\\winnt\\explorer.exe",)),
        sign(names=("thing",), objects=("CodeRedII",)),
        sign(),
    ):
        assert find(indicator, process, seen(71)) == []


def test_kernel_threads_are_passed_over() -> None:
    assert find(sign(names=("kdevtmpfs",)), make_process(30, "kdevtmpfs", kernel=True)) == []


def test_hostile_command_lines_take_no_time() -> None:
    process = seen(command=("a" * 50_000,))
    assert find(sign(command="*a*a*a*a*a*b"), process) == []
    assert find(sign(names=("*a*a*a*b",)), seen(name="a" * 15)) == []
