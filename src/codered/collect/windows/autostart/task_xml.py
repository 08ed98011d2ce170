"""The XML of a scheduled task (Windows Vista and later): what it runs, for whom. Entities are refused, depth capped."""

from typing import Any, NamedTuple
from xml.parsers import expat

MOST_DEPTH = 64
MOST_ACTIONS = 64
MOST_TEXT = 16_384  # characters of one element
_WANTED = ("Command", "Arguments", "ClassId", "Data", "UserId", "GroupId", "Enabled", "Hidden", "URI", "Author")


class Task(NamedTuple):
    """`commands` are its programs with their arguments, `classes` the COM classes it runs, `user` as whom it runs."""

    commands: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    user: str = ""
    enabled: bool = True
    hidden: bool = False


def read_task(data: bytes) -> Task:
    """The task of a file's bytes. Raises ValueError if they are none, or hold what no task has (entities, a DTD)."""
    parser = expat.ParserCreate(namespace_separator=" ")
    reading = _Reading()
    # The stubs of expat know handlers as plain attributes.
    any_parser: Any = parser
    any_parser.StartElementHandler = reading.start
    any_parser.EndElementHandler = reading.end
    any_parser.CharacterDataHandler = reading.text
    any_parser.StartDoctypeDeclHandler = _refuse
    any_parser.EntityDeclHandler = _refuse
    any_parser.ExternalEntityRefHandler = _refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise ValueError(f"its XML is damaged ({expat.ErrorString(error.code)})") from None
    except (LookupError, UnicodeError):
        raise ValueError("its XML is in an encoding that is not read") from None
    if not reading.is_task:
        raise ValueError("it is XML, but no task")
    return reading.task()


def _refuse(*_: object) -> None:
    raise ValueError("it declares a document type or entities, as no task does")


class _Reading:
    def __init__(self) -> None:
        self.is_task = False
        self._path: list[str] = []
        self._text: list[str] = []
        self._length = 0
        self._commands: list[list[str]] = []
        self._classes: list[str] = []
        self._known: dict[str, str] = {}

    def start(self, name: str, _: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        if not self._path:
            self.is_task = local == "Task"
        self._path.append(local)
        if len(self._path) > MOST_DEPTH:
            raise ValueError(f"its elements lie deeper than {MOST_DEPTH}")
        self._text, self._length = [], 0
        if self._path[1:2] == ["Actions"] and len(self._path) == 3:
            if len(self._commands) + len(self._classes) >= MOST_ACTIONS:
                raise ValueError(f"more than {MOST_ACTIONS} actions")
            if local == "Exec":
                self._commands.append(["", ""])

    def text(self, data: str) -> None:
        if self._path and self._path[-1] in _WANTED and self._length < MOST_TEXT:
            self._text.append(data)
            self._length += len(data)

    def end(self, name: str) -> None:
        local = name.rpartition(" ")[2]
        text = "".join(self._text).strip()[:MOST_TEXT]
        around = self._path[1:-1]
        self._path.pop()
        self._text, self._length = [], 0
        if around == ["Actions", "Exec"] and local in ("Command", "Arguments"):
            self._commands[-1][local == "Arguments"] = text
        elif around == ["Actions", "ComHandler"] and local == "ClassId":
            self._classes.append(text)
        elif around == ["Settings"] and local in ("Enabled", "Hidden"):
            self._known[local] = text.lower()
        elif around == ["Principals", "Principal"] and local in ("UserId", "GroupId"):
            self._known.setdefault("user", text)

    def task(self) -> Task:
        commands = tuple(_join(program, arguments) for program, arguments in self._commands if program)
        enabled, hidden = self._known.get("Enabled") != "false", self._known.get("Hidden") == "true"
        return Task(commands, tuple(self._classes), self._known.get("user", ""), enabled, hidden)


def _join(program: str, arguments: str) -> str:
    quoted = f'"{program}"' if " " in program and not program.startswith('"') else program
    return f"{quoted} {arguments}".strip()
