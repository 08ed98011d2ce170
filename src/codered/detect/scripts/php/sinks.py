"""Where data of a visitor does harm in PHP: code, commands, files, databases, other hosts."""

import re

from codered.detect.scripts.php.program import Program
from codered.detect.scripts.php.state import MOST_UNPACKED, State
from codered.detect.scripts.php.tables import TABLES
from codered.detect.scripts.php.tokens import tokenize_code
from codered.detect.scripts.php.values import (
    CONNECTION,
    DECODED,
    FETCHED,
    FREE,
    HIDDEN,
    LEADING,
    NOTHING,
    OWN_FILE,
    REQUEST,
    UPLOAD,
    UPLOAD_NAME,
    VISITOR,
    WORD,
    Value,
    gather,
    spread,
)

_MODIFIERS = re.compile(r"[/#~|!%@{(\[,;:'\"+`^$&*?_=.-].{0,4000}?([a-zA-Z]{1,12})\Z", re.DOTALL)
_SHELL = re.compile(
    r"(?:/bin/(?:ba|da|k|z)?sh\b|\bcmd(?:\.exe)?\b|powershell|\bsh -i|\buname\b|\bwhoami\b)", re.IGNORECASE
)
_CONNECTED_SHELL = re.compile(r"/dev/tcp/|\bnc(?:at)?\b.{0,100}\s-(?:e|c)\s{1,8}\S{0,60}\bsh\b", re.IGNORECASE)
_TERMINAL = re.compile(r"(?:/bin/(?:ba|da|k|z)?sh\b|\bcmd(?:\.exe)?\s*$|powershell|\bsh -i)", re.IGNORECASE)
_SCRIPT_NAME = re.compile(r"\.(?:php\d?|phtml|asp|aspx|jsp|cgi|pl|htaccess|inc)\Z", re.IGNORECASE)
_OPENS_CODE = re.compile(r"<\?php|<\?=|<\?\s|<%", re.IGNORECASE)
_MARKS_CODE = re.compile(r"\$[A-Za-z_{]|\b(?:eval|function|if|echo|include|exit|die|return)\b|<\?", re.IGNORECASE)

MOST_COMMAND = 20_000  # characters of a command are read
SHORT = 700  # tokens: in a longer script a pattern of a visitor may be a search


class Sinks(State):
    """The part of a reading that knows what is harmful."""

    def run_text(self, value: Value, index: int) -> None:
        """Code run from a text."""
        if value.items:
            told = spread(value).text  # of a text whose letters were changed one by one, only these letters are known
            value = Value(gather(value), told if told and len(told) > 4 else None)
        flags = value.flags
        if flags & (REQUEST | WORD):
            self.tell("runs-request-code" if flags & LEADING else "mixes-request-into-code", index)
        if flags & (FETCHED | CONNECTION):
            self.tell("runs-fetched-code", index)
        if flags & FREE and not flags & REQUEST:
            self.tell("runs-unset-value", index)
        text = value.text
        if flags & DECODED and (text is None or _MARKS_CODE.search(text)):
            self.tell("runs-decoded-code", index)
        elif flags & HIDDEN and (text is None or (len(text) > 8 and _MARKS_CODE.search(text))):
            self.tell("runs-hidden-code", index)
        if text and len(text) > 4:
            self.run_code(text, index)

    def run_code(self, code: str, index: int) -> None:
        """Reads a text as code, in the scope that runs it."""
        if self.unpacked >= MOST_UNPACKED or (
            not _MARKS_CODE.search(code[:200_000]) and "(" not in code[:200_000] and "`" not in code
        ):
            return
        outer, at, looping = self.program, self.at, self.looping
        self.looping = 0
        self.unpacked += 1
        self.program = Program(tokenize_code(code), outer.place(index))
        for name, function in self.program.list_functions().items():
            self.functions.setdefault(name, function)
        self.index_methods()
        self.at = 0
        self.run_range(0, self.program.size)
        self.program, self.at, self.looping = outer, at, looping
        self.unpacked -= 1

    def judge_include(self, value: Value, index: int) -> None:
        """A file run by its name."""
        flags, text = value.flags, (value.text or "").lower()
        if text in TABLES.visitor_files or (text.startswith("data:") and flags & REQUEST):
            self.tell("runs-request-code", index)
        elif text.startswith(("data:", "http:", "https:", "ftp:")):
            self.tell("runs-fetched-code", index)
            if "," in text:
                self.run_text(Value(DECODED, value.text.partition(",")[2] if value.text else ""), index)
        elif flags & UPLOAD and not flags & UPLOAD_NAME:
            self.tell("runs-request-code", index)
        elif flags & LEADING:
            self.tell("includes-request-file", index)
        elif flags & FREE:
            self.tell("runs-unset-file", index)
        elif flags & DECODED:
            self.tell("includes-hidden-file", index)

    def judge_command(self, value: Value, index: int) -> None:
        """A command of the operating system."""
        flags = gather(value)
        if flags & REQUEST:
            self.tell("runs-request-command" if flags & LEADING else "mixes-request-into-command", index)
        elif flags & FREE:
            self.tell("runs-unset-value", index)
        elif flags & CONNECTION or (value.text and _CONNECTED_SHELL.search(value.text[:MOST_COMMAND])):
            self.tell("connects-back", index)
        elif flags & (DECODED | FETCHED):
            self.tell("runs-hidden-command", index)
        if value.text and _TERMINAL.search(value.text):
            self.tell("starts-terminal", index)
        if value.text and _SHELL.search(value.text):
            self.tell("runs-shell", index)
        self.tell("runs-commands", index)

    def judge_call(self, name: str, arguments: list[Value], index: int) -> None:
        """A call of a function of PHP."""
        if name in TABLES.code:
            place = TABLES.code[name]
            self.run_text(arguments[place] if place < len(arguments) else NOTHING, index)
        elif name in TABLES.command:
            place = TABLES.command[name]
            if place < len(arguments):
                self.judge_command(arguments[place], index)
        elif name in TABLES.pattern:
            self._judge_pattern(name, arguments, index)
        elif name in TABLES.unserialize and arguments and arguments[0].holds(LEADING):
            self.tell("unpacks-request-object", index)
        if name in TABLES.checks and any(gather(one) & (REQUEST | UPLOAD | UPLOAD_NAME) for one in arguments):
            self.tell("checks-uploads", index)  # of a value that nobody sent it would say nothing
        if arguments:
            self._judge_files(name, arguments, index)
            self._judge_hosts(name, arguments, index)

    def _judge_pattern(self, name: str, arguments: list[Value], index: int) -> None:
        where, new, subject = TABLES.pattern[name]
        if where >= len(arguments) or subject >= len(arguments):
            return
        form = arguments[where] if arguments[where].items is None else spread(arguments[where])
        text = form.text
        found = _MODIFIERS.match(text) if text is not None and len(text) < 5000 else None
        runs = ("e" in text if where else bool(found and "e" in found.group(1))) if text else False
        if text and not where and found and text[-len(found.group(1)) - 1].isalnum():
            runs = False
        if runs or (self.program.size < SHORT and form.holds(LEADING) and gather(arguments[new]) & REQUEST):
            replacement = arguments[new]
            said = replacement.text
            self.run_text(replacement, index)
            if said is None or re.search(r"[\\$]\{?[01]", said):
                self.run_text(Value(gather(arguments[subject]), arguments[subject].text), index)
            if form.holds(HIDDEN | DECODED):
                self.tell("hides-name-of-execution", index)

    def _judge_files(self, name: str, arguments: list[Value], index: int) -> None:
        first = arguments[0]
        if name in TABLES.write:
            self._judge_write(arguments, index)
        elif name in TABLES.keep and len(arguments) > 1:
            self._judge_keep(name, arguments, index)
        if name in TABLES.remove and first.holds(LEADING):
            self.tell("removes-request-file", index)
        if name in TABLES.list and first.holds(LEADING):
            self.tell("lists-request-folder", index)
        if (name in TABLES.read or name in TABLES.open) and first.holds(LEADING) and first.text is None:
            writes = name in TABLES.open and len(arguments) > 1 and (arguments[1].text or "r")[:1] in "wax"
            self.tell("opens-request-file-to-write" if writes else "reads-request-file", index)

    def _judge_write(self, arguments: list[Value], index: int) -> None:
        if len(arguments) < 2:
            return
        file, what = arguments[0], arguments[1]
        sent = gather(what)
        if sent & REQUEST and file.holds(LEADING):
            self.tell("writes-request-file", index)
        elif sent & REQUEST and file.text and _SCRIPT_NAME.search(file.text):
            self.tell("writes-request-into-script", index)
        elif sent & (FETCHED | DECODED) and file.text and _SCRIPT_NAME.search(file.text):
            self.tell("drops-script", index)
        elif sent & FETCHED and file.holds(LEADING):
            self.tell("writes-request-file", index)
        elif sent & REQUEST and sent & DECODED:
            self.tell("writes-decoded-request", index)
        elif sent & REQUEST and file.holds(FREE):
            self.tell("writes-request-file", index)
        if what.text and _OPENS_CODE.search(what.text) and file.text and _SCRIPT_NAME.search(file.text):
            self.tell("writes-script", index)
            self._read_written(what.text, index)

    def _read_written(self, text: str, index: int) -> None:
        """What a written script would do counts as well: a dropper is as bad as what it drops."""
        opened = _OPENS_CODE.search(text)
        if opened and len(text) < 200_000:
            self.run_code("?>" + text[opened.start() :], index)

    def _judge_keep(self, name: str, arguments: list[Value], index: int) -> None:
        source, into = arguments[0], arguments[1]
        if source.holds(UPLOAD) and not source.holds(UPLOAD_NAME):
            if into.holds(LEADING) and not into.holds(UPLOAD_NAME):
                self.tell("keeps-upload-anywhere", index)
            elif into.holds(UPLOAD_NAME) or into.holds(REQUEST):
                self.tell("keeps-upload-as-sent", index)
            if into.holds(UPLOAD_NAME) and into.holds(LEADING):
                self.tell("keeps-upload-beside-itself", index)
        elif name == "copy" and source.holds(LEADING) and into.holds(LEADING):
            self.tell("copies-request-file", index)

    def _judge_hosts(self, name: str, arguments: list[Value], index: int) -> None:
        place = TABLES.connect.get(name, -1)
        if 0 <= place < len(arguments):
            self.tell("connects-to-request-host" if arguments[place].holds(LEADING) else "connects", index)
        if name in TABLES.login and gather(Value(0, None, dict(enumerate_text(arguments)))) & LEADING:
            self.tell("logs-in-as-request-says", index)
        place = TABLES.query.get(name, -1)
        if 0 <= place < len(arguments) and arguments[place].holds(LEADING):
            self.tell("runs-request-query", index)
        place = TABLES.load.get(name, -1)
        if 0 <= place < len(arguments) and gather(arguments[place]) & VISITOR:
            self.tell("loads-request-code", index)
        mail = TABLES.mail.get(name)
        if mail and len(arguments) > 2 and all(arguments[number].holds(LEADING) for number in (0, 1, 2)):
            self.tell("mails-what-request-says", index)
        if name in ("file_get_contents", "readfile") and arguments[0].holds(OWN_FILE):
            self.tell("reads-itself", index)


def enumerate_text(values: list[Value]) -> list[tuple[str, Value]]:
    """Values with their numbers as keys."""
    return [(str(number), value) for number, value in enumerate(values)]
