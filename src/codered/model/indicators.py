"""The signs by which a threat shows itself, one struct a layer. Data only: a pack holds no code and no commands."""

from typing import Annotated, Literal

import msgspec

from codered.model.finding import Confidence, Severity
from codered.model.persistence import AutostartKind

RULE_FACT = "rule:"
"""What a fact about a script begins with that a rule of rules.yar gives."""

Platform = Literal["windows", "unix", "any"]


class Indicator(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every indicator has: an id unique in the pack, the sentence that explains a finding, how sure and how bad
    it is, ATT&CK ids, the other packs that show the same sign (`shared_by`), and the `references` (ids) it rests on.
    """

    id: str
    because: str
    confidence: Confidence
    severity: Severity
    references: tuple[str, ...]
    attack: tuple[str, ...] = ()
    shared_by: tuple[str, ...] = ()


class FileIndicator(Indicator, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file known by its place, name, hash or size; nothing but the metadata is read unless `sha256`, `content` or
    `same_as` ask for it. `paths` are absolute in the examined system (`C:\\x`, `?:\\x` any drive, or `/x`), may hold
    `*` within one component; `names` are base names (may hold `*`); `except_paths` are places where the name is
    legitimate. `sizes` in bytes. `content` names rules of rules.yar of which one must match too. `same_as`: identical
    content to that system file makes the finding "confirmed".
    """

    platform: Platform = "any"
    kind: Literal["file", "directory"] = "file"
    paths: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    except_paths: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()
    sha256: tuple[str, ...] = ()
    content: tuple[str, ...] = ()
    same_as: tuple[str, ...] = ()


class ContentIndicator(Indicator, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A YARA rule of rules.yar. `scope`: "text" files (no NUL in the first 8 KiB), "binary" ones, or both; a rule that
    sees binaries starts its condition with `any of ($anchor*)`, its anchors being plain case-sensitive literals.
    `where`: the layers it serves.
    """

    rule: str
    scope: Literal["text", "binary", "any"]
    where: tuple[Literal["files", "memory", "traffic"], ...] = ("files",)


class Answer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an HTTP status in the log says about the server that wrote it, for this request."""

    status: tuple[str, ...]
    means: str


class LogIndicator(Indicator, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request in a web log. `literals`: every matching line holds one of them as it stands in the log (any case),
    they find the line fast; `pattern`: a linear-time regular expression (YARA syntax, any case) over the text
    "METHOD path?query" as sent, or once decoded. `part` is where it is looked for. `vector` = "exploit" (delivers the
    worm) or "backdoor" (uses what an earlier one left) or "probe".
    """

    literals: tuple[str, ...]
    pattern: str
    part: Literal["request", "referer", "agent", "error"] = "request"
    vector: Literal["exploit", "backdoor", "probe"] = "exploit"
    answers: tuple[Answer, ...] = ()


class TrafficIndicator(Indicator, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payload on the wire: direction as seen from the examined host, ports, and a `pattern` as in LogIndicator (over
    the first request line) or a `rule` of rules.yar over the payload.
    """

    protocol: Literal["tcp", "udp", "icmp"]
    ports: tuple[int, ...]
    direction: Literal["out", "in", "both"]
    pattern: str = ""
    rule: str = ""


class SettingIndicator(Indicator, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A configuration value. `key` is a full registry path, a metabase path or a file; `value` the value's name.
    It hits when the data equals one of `equals` or matches `pattern`; `clean` is the default to restore ("" with
    `clean_is` = "absent" deletes the value). Other data is an administrator's choice and is left alone.
    """

    store: Literal["registry", "metabase", "iis_config", "file"]
    key: str
    value: str = ""
    type: Literal["string", "dword", "multi_string", "line", "any"] = "any"
    equals: tuple[str, ...] = ()
    pattern: str = ""
    clean_is: Literal["value", "absent", "manual"] = "manual"
    clean: str = ""
    keeps_rewriting: bool = False


class AutostartIndicator(Indicator, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something started at boot or logon: by kind, entry name and a `command` (text or `*` pattern, any case; on Linux
    looked for in the whole line or file too). Linux kinds are those of `persistence.AutostartKind`.
    """

    kind: AutostartKind
    name: str = ""
    command: str = ""


class ProcessIndicator(Indicator, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A running process: by executable path or name (outside `except_paths`; both may hold `*` within a component), its
    thread counts, the named kernel objects it holds (mutex, atom), the ports it listens on, its children (names). All
    that is given must fit, of each list one; `command` is a text or `*` pattern over its arguments.
    """

    names: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    except_paths: tuple[str, ...] = ()
    threads: tuple[int, ...] = ()
    objects: tuple[str, ...] = ()
    listens: tuple[int, ...] = ()
    children: tuple[str, ...] = ()
    command: str = ""


ScriptLanguage = Literal["php", "asp", "aspx", "jsp", "cfm", "perl", "python", "shell"]
"""What a server runs a file as, told from its content; `asp` is VBScript or JScript, `aspx` C# or Visual Basic."""


class ScriptIndicator(Indicator, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a script of a web server does, or how it is made. `when`: facts that all hold; `unless`: facts of which none
    may hold (the vocabulary is `model/script_facts.json`; `rule:NAME` = that rule of rules.yar matches). The weights
    of all such signs of a pack that hold for one file add up: 50 is suspicious, 100 likely, 200 confirmed, but never
    more than the highest `confidence` among them. The heaviest names the finding.
    """

    when: tuple[str, ...]
    weight: Annotated[int, msgspec.Meta(ge=1, le=200)]
    languages: tuple[ScriptLanguage, ...] = ()
    unless: tuple[str, ...] = ()
