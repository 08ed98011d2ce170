"""What the library's methods do that matter: one handler for each word of `tables.json`.

A handler reports facts and gives the call's value, or None where what it gives is worked out like that of any call.
"""

import re

from codered.detect.scripts.java import file_effects
from codered.detect.scripts.java.called import Called, Handler
from codered.detect.scripts.java.values import (
    BODY,
    FETCHED,
    HIDDEN,
    NOTHING,
    REQUEST,
    TAINTS,
    WHOLE,
    Value,
    join,
)


def _command(call: Called) -> Value | None:
    bits = join(call.args) | (call.receiver.bits & TAINTS if call.receiver.type == "ProcessBuilder" else 0)
    call.report("runs-commands")
    if bits & REQUEST:
        call.report("runs-request-command")
    if bits & HIDDEN:
        call.report("hides-names")
    if any(re.search(call.world.tables.interpreters, (value.said or "")[:2000]) for value in call.args):
        call.report("starts-interpreter")
    return Value(bits & TAINTS, None, "ProcessBuilder" if call.receiver.type == "ProcessBuilder" else "Process")


def _start(call: Called) -> Value | None:
    return _command(call._replace(args=[call.receiver, *call.args]))


def _code(call: Called) -> Value | None:
    bits = join(call.args) | (call.receiver.bits & REQUEST)
    if bits & REQUEST:
        call.report("runs-request-code")
    elif bits & FETCHED:
        call.report("runs-fetched-code")
    elif bits & HIDDEN:
        call.report("runs-decoded-code")
    return None


def _class(call: Called) -> Value | None:
    bits = join(call.args)
    call.report("defines-classes")
    if bits & REQUEST:
        call.report("loads-request-code")
    elif bits & FETCHED:
        call.report("runs-fetched-code")
    elif bits & HIDDEN:
        call.report("runs-decoded-code")
    return Value(bits & TAINTS, None, "Class")


def _find(call: Called) -> Value | None:
    """A class by its name."""
    bits = join(call.args)
    said = call.args[0].said if call.args else None
    if bits & REQUEST:
        call.report("runs-request-name")
    if bits & HIDDEN:
        call.report("hides-names")
    if call.receiver.bits & REQUEST and call.receiver.type in ("URLClassLoader", ""):
        call.report("loads-request-code")
    if bits & REQUEST and any("$$BCEL$$" in text for text in call.world.tokens.texts):
        call.report("loads-request-code")
    if "$$BCEL$$" in (said or "") or (call.receiver.type == "ClassLoader" and bits & HIDDEN and said is None):
        call.report("loads-request-code" if bits & REQUEST else "runs-decoded-code")
    return Value(bits & TAINTS, said, "Class")


def _method(call: Called) -> Value | None:
    """A method by its name; the class stands before it."""
    first = call.args[0] if call.args else NOTHING
    if first.bits & REQUEST:
        call.report("runs-request-name")
    if first.bits & HIDDEN:
        call.report("hides-names")
    said = f"{call.receiver.said or ''}.{first.said}" if first.said else None
    return Value((first.bits | call.receiver.bits) & TAINTS, said, "Method")


def _handle(call: Called) -> Value | None:
    return _method(call._replace(receiver=call.args[0] if call.args else NOTHING, args=call.args[1:]))


def _maker(call: Called) -> Value | None:
    return Value(call.receiver.bits & TAINTS, call.receiver.said, "Constructor")


def _make(call: Called) -> Value | None:
    """An object of a class that was found by its name."""
    if call.receiver.said or not call.receiver.bits & TAINTS:
        return None if call.receiver.said else NOTHING
    return Value(call.receiver.bits & TAINTS)


def _invoke(call: Called) -> Value | None:
    """A method that was found by its name: an unknown one that gets what a visitor sent is told."""
    if call.receiver.type == "Method" and call.receiver.said is None and join(call.args[1:]) & REQUEST:
        call.report("calls-hidden-method")
    return None


def _fact_of_arguments(name: str, mask: int, most: int | None = None) -> Handler:
    """Told when one of the first `most` arguments (None = of all) carries the mask."""

    def report(call: Called) -> Value | None:
        if join(call.args[:most]) & mask:
            call.report(name)
        return None

    return report


def _fact(name: str, mask: int = REQUEST) -> Handler:
    def report(call: Called) -> Value | None:
        if (call.receiver.bits | join(call.args)) & mask:
            call.report(name)
        return None

    return report


def _stay(call: Called) -> Value | None:
    call.report("adds-itself")
    return None


def _list_roots(call: Called) -> Value | None:
    call.report("lists-drives")
    return Value(type="File[]")


def _fetch(call: Called) -> Value | None:
    if call.receiver.bits & REQUEST:
        call.report("fetches-request-address")
    return Value(FETCHED, None, "URLConnection")


def _socket(call: Called) -> Value | None:
    call.report("opens-socket")
    if join(call.args) & REQUEST:
        call.report("connects-for-request")
    return Value(join(call.args) & TAINTS & ~BODY, None, call.receiver.type or "Socket")


def _make_object(call: Called) -> Value | None:
    return Value(join(call.args) & TAINTS)


def _make_plain(call: Called) -> Value | None:
    return Value(type=call.receiver.type)


def _make_bean(call: Called) -> Value | None:
    """A bean's statement: object, name of a method, values."""
    if len(call.args) == 3 and call.args[1].bits & REQUEST:
        call.report("runs-request-name")
    return NOTHING


def _make_loader(call: Called) -> Value | None:
    if join(call.args) & WHOLE:
        call.report("loads-request-code")
    return NOTHING


HANDLERS: dict[str, Handler] = {
    **file_effects.HANDLERS,
    "command": _command,
    "start": _start,
    "code": _code,
    "class": _class,
    "find": _find,
    "method": _method,
    "handle": _handle,
    "maker": _maker,
    "make": _make,
    "invoke": _invoke,
    "naming": _fact_of_arguments("looks-up-request-name", WHOLE),
    "object": _fact("reads-request-objects"),
    "query": _fact_of_arguments("runs-request-query", WHOLE, 1),
    "database": _fact_of_arguments("chooses-database", REQUEST),
    "list": _fact("lists-request-folder"),
    "remove": _fact("removes-request-file"),
    "folder": _fact("makes-request-folder"),
    "list-roots": _list_roots,
    "class-place": _make_loader,
    "socket": _socket,
    "fetch": _fetch,
    "stay": _stay,
}

MAKERS: dict[str, Handler] = {
    **file_effects.MAKERS,
    "command": _command,
    "socket": _socket,
    "class-place": _make_loader,
    "code": _code,
    "invoke-bean": _make_bean,
    "object": _make_object,
    "plain": _make_plain,
}
"""What constructors do; the receiver is nothing of their type."""
