"""The rounds of a fleet run, the same for every engine: run; bring the program to those that miss it and run there;
fetch the answers that are too large for an engine. One Return for each host that was asked, whatever an engine says.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Protocol

from codered.model.errors import WrongUse
from codered_hq.engines.host_script import Frame, Order, read_frame
from codered_hq.engines.receipts import Unfinished, make_return, read_answer
from codered_hq.model.engine import EngineHost, Return, Task

Said = tuple[str, Return | str]
"""A host's name, and what the engine brought back from it: the script's words, or why there are none."""


class Carrier(Protocol):
    """What an engine must be able to do for the rounds."""

    most_hosts: int
    most_part: int

    def ask(self, order: Order, hosts: Sequence[EngineHost]) -> Iterator[Said]:
        """Run the script on each; those that it leaves out, names twice or makes up are seen to by the rounds."""

    def bring(self, task: Task, hosts: Sequence[EngineHost]) -> Iterator[Said]:
        """Bring the program to each."""


def run_rounds(carrier: Carrier, task: Task, hosts: Sequence[EngineHost]) -> Iterator[Return]:
    """One Return for each host, as they come. Raises WrongUse for a task that can't be one."""
    _check_task(task, hosts)
    rest = iter(hosts)
    while chunk := list(islice(rest, carrier.most_hosts)):
        yield from _run_chunk(carrier, task, chunk)


def expect(said: Iterable[Said], hosts: Sequence[EngineHost], silence: str) -> Iterator[Said]:
    """What was said, once for each of these hosts and for no other; whoever said nothing is silent."""
    left = {host.name: None for host in hosts}
    for name, words in said:
        if name in left:
            del left[name]
            yield name, words
    for name in left:
        yield name, make_return(name, "silent", silence)


def read_frames(said: Iterable[Said]) -> Iterator[tuple[str, Frame | Return]]:
    """The script's words, read; what is cut or no words of its own is garbled."""
    for name, words in said:
        if isinstance(words, Return):
            yield name, words
        else:
            yield (
                name,
                read_frame(words) or make_return(name, "garbled", "what came back is cut or is not the script's"),
            )


def _run_chunk(carrier: Carrier, task: Task, chunk: Sequence[EngineHost]) -> Iterator[Return]:
    order = Order(task=task, mode="run", inputs=task.inputs)
    missing: set[str] = set()
    large: dict[str, Unfinished] = {}
    for name, frame in _ask(carrier, order, chunk):
        if isinstance(frame, Frame) and frame.state == "missing":
            missing.add(name)
        else:
            yield from _settle(name, frame, task, large)
    if missing:
        there = []
        for name, frame in _bring(carrier, task, _of(chunk, missing)):
            if isinstance(frame, Frame) and frame.state == "kept":
                there.append(name)
            else:
                yield from _settle(name, frame, task, large)
        for name, frame in _ask(carrier, order, _of(chunk, there)):
            yield from _settle(name, frame, task, large)
    yield from _fetch(carrier, task, chunk, large)


def _settle(name: str, frame: Frame | Return, task: Task, large: dict[str, Unfinished]) -> Iterator[Return]:
    found = frame if isinstance(frame, Return) else read_answer(name, frame, task.most_bytes)
    if isinstance(found, Return):
        yield found
    else:
        large[name] = found


def _fetch(
    carrier: Carrier, task: Task, chunk: Sequence[EngineHost], large: Mapping[str, Unfinished]
) -> Iterator[Return]:
    left = dict(large)
    while left:
        inputs = {name: one.next_part() for name, one in left.items()}
        order = Order(task=task, mode="part", inputs=inputs, most=carrier.most_part)
        for name, frame in _ask(carrier, order, _of(chunk, left)):
            done = frame if isinstance(frame, Return) else left[name].take(name, frame)
            if done is not None:
                del left[name]
                yield done


def _ask(carrier: Carrier, order: Order, hosts: Sequence[EngineHost]) -> Iterator[tuple[str, Frame | Return]]:
    said = carrier.ask(order, hosts) if hosts else iter(())
    return read_frames(expect(said, hosts, "the engine said nothing about it"))


def _bring(carrier: Carrier, task: Task, hosts: Sequence[EngineHost]) -> Iterator[tuple[str, Frame | Return]]:
    return read_frames(expect(carrier.bring(task, hosts), hosts, "the engine said nothing about it"))


def _of(hosts: Sequence[EngineHost], names: Iterable[str]) -> list[EngineHost]:
    wanted = set(names)
    return [host for host in hosts if host.name in wanted]


def _check_task(task: Task, hosts: Sequence[EngineHost]) -> None:
    names = [host.name for host in hosts]
    if len(set(names)) != len(names):
        raise WrongUse("a host is named twice", where=f"task {task.id}", advice="name each host once")
    if unknown := [name for name in names if name not in task.inputs]:
        raise WrongUse(f"there is no input for {len(unknown)} hosts", where=f"task {task.id}", advice="give one each")
    if len(task.program.sha256) != 64 or not set(task.program.sha256) <= set("0123456789abcdef"):
        raise WrongUse(
            "the program's digest is no SHA-256", where=f"task {task.id}", advice="build the host file again"
        )
