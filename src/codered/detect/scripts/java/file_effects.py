"""What calls do with files: whose name the visitor chooses, and what is written to them."""

import re

from codered.detect.scripts.java.called import Called, Handler
from codered.detect.scripts.java.values import (
    BODY,
    CHOSEN,
    FETCHED,
    HIDDEN,
    NAMED_SCRIPT,
    NOTHING,
    REQUEST,
    TAINTS,
    WRITES,
    Value,
    join,
)
from codered.detect.scripts.java.world import World


def _write(call: Called) -> Value | None:
    """Something is written to a stream, or an upload to its place: only files matter."""
    receiver, args = call.receiver, call.args
    if receiver.type == "Files":
        return _save(call)
    given = join(args)
    _tell_written(call, receiver.bits | (given & (WRITES | CHOSEN | NAMED_SCRIPT)), given | receiver.bits)
    known = receiver.type in ("", "Object", *call.world.tables.visitor_types)
    if known and not receiver.bits & WRITES and receiver.bits & BODY and args and args[0].bits & REQUEST:
        call.report("keeps-upload-as-sent")  # part.write(name), file.transferTo(place)
    return None


def _save(call: Called) -> Value | None:
    _tell_written(call, _mark(call.world, call.args[0] if call.args else NOTHING), join(call.args[1:]))
    return None


def _copy(call: Called) -> Value | None:
    """From a stream or an address to a file; libraries of streams have a stream there."""
    goal = call.args[1] if len(call.args) > 1 else NOTHING
    streams = call.receiver.type in ("IOUtils", "StreamUtils", "FileCopyUtils")
    _tell_written(call, goal.bits if streams else _mark(call.world, goal), join(call.args[:1]))
    return None


def _keep(call: Called) -> Value | None:
    call.report("keeps-upload-as-sent")
    return None


def _tell_written(call: Called, file: int, what: int) -> None:
    if not file & WRITES:
        return
    if file & CHOSEN and what & REQUEST:
        call.report("keeps-upload-as-sent" if file & BODY else "writes-request-file")
    elif file & CHOSEN and what & FETCHED:
        call.report("fetches-file")
    elif file & NAMED_SCRIPT and what & (REQUEST | FETCHED | HIDDEN):
        call.report("writes-script")


def _mark(world: World, name: Value) -> int:
    """The bits of something that writes to the file of this name."""
    bits = WRITES | (name.bits & (BODY | WRITES | CHOSEN | NAMED_SCRIPT))
    if name.bits & REQUEST:
        bits |= CHOSEN
    if name.said and any(re.search(pattern, name.said[-200:], re.IGNORECASE) for pattern in world.tables.script_names):
        bits |= NAMED_SCRIPT
    return bits


def _open_out(call: Called) -> Value | None:
    name = call.args[0] if call.args else NOTHING
    if name.bits & WRITES:
        return Value(name.bits)
    if not name.bits & REQUEST and name.said is None and name.type not in ("String", "File", "Path"):
        return Value(name.bits & TAINTS) if name.type else Value(WRITES)
    return Value(_mark(call.world, name))


def _make_out(call: Called) -> Value | None:
    if call.receiver.type in ("PrintWriter", "PrintStream", "Formatter"):
        first = call.args[0] if call.args else NOTHING
        if first.type not in ("File", "String"):
            return Value(first.bits)
    return _open_out(call)


def _open_in(call: Called) -> Value | None:
    name = call.args[0] if call.args else NOTHING
    if name.bits & REQUEST:
        call.report("reads-request-file")
        return NOTHING if not name.bits & BODY else Value(REQUEST | BODY)
    return NOTHING


HANDLERS: dict[str, Handler] = {
    "write": _write,
    "save": _save,
    "copy": _copy,
    "keep": _keep,
    "open-out": _open_out,
    "open-in": _open_in,
}

MAKERS: dict[str, Handler] = {
    "open-out": _make_out,
    "open-in": _open_in,
    "keep": _keep,
}
