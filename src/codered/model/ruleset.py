"""RuleSet: every loaded pack compiled for scanning. Made by packs/compiling, read by detect."""

import msgspec

from codered.model.heuristics import Heuristics
from codered.model.pack import LoadedPack


class CompiledRules(msgspec.Struct, frozen=True, kw_only=True):
    """The compiled sets, under the digest of what they were made of. `full` = every file rule (namespace = pack name);
    `text` = those of them that a text file may match; `first` = the anchors of which a binary file must hold one before
    `full` is tried on it; `first_text` = the same for text files and `text` (b"" = no such gate); `locate` = literals
    that find candidate lines in a web log; `memory` = the rules for memory and `first_memory` the anchors of which a
    piece of memory must hold one (b"" = there are none); `hints` = the patterns of the heuristics, one rule a pattern
    (`rule_of_hint(name)`; b"" = none); `label` = the log patterns, one rule a pattern (namespace = pack name, rule =
    `rule_of_indicator(id)`), to be matched against one request text; `payload` = the traffic patterns, one rule a
    pattern (`rule_of_payload(id)`), to be matched against the first bytes that somebody sent (b"" = none); `always` =
    the rules of imported packs, which have no anchors and are tried on every file (b"" = none; they are not in `full`
    and `text`). All are bytes for `engine.Matcher`.
    """

    digest: str
    full: bytes
    text: bytes
    first_text: bytes
    first: bytes
    locate: bytes
    label: bytes
    memory: bytes = b""
    first_memory: bytes = b""
    hints: bytes = b""
    payload: bytes = b""
    always: bytes = b""


class RuleSet(CompiledRules, frozen=True, kw_only=True):
    """The compiled sets with the packs and the heuristics that they were made of."""

    packs: tuple[LoadedPack, ...]
    heuristics: Heuristics = Heuristics()


def rule_of_indicator(indicator_id: str) -> str:
    """The name of the generated YARA rule of a log indicator: its id with `-` as `_`."""
    return "log_" + indicator_id.replace("-", "_")


def rule_of_hint(name: str) -> str:
    """The name of the generated YARA rule of a heuristic pattern: its name with `-` as `_`."""
    return "hint_" + name.replace("-", "_")


def rule_of_payload(indicator_id: str) -> str:
    """The name of the generated YARA rule of a traffic indicator: its id with `-` as `_`."""
    return "payload_" + indicator_id.replace("-", "_")
