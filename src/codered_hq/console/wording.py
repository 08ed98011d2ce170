"""What the words of the shell are called on a page: options are fields there, commands are pages, and kinds of actions
are words.
"""

import re
from collections.abc import Mapping
from typing import Final

from codered_hq.model.action import ACTION_KINDS
from codered_hq.model.crisis import ROLES
from codered_hq.reporting.words import name_word

_PAGES: Final[Mapping[str, str]] = {
    "incident roster show": "Roster", "incident roster add": "Roster", "incident roster remove": "Roster",
    "incident rumour list": "Rumours", "incident message list": "Messages", "incident message approve": "Messages",
    "incident lessons list": "Lessons", "incident list": "Incident", "incident declare": "Incident",
    "incident evidence": "Evidence", "task list": "Tasks", "task next": "Tasks", "approve list": "Approvals",
    "approve yes": "Approvals", "approve no": "Approvals", "contain list": "Containments", "rules explain": "Rules",
    "rules show": "Rules", "hosts show": "Hosts", "hosts tag": "Hosts", "fleet plan": "Hosts",
    "account list": "Accounts", "account invite": "Accounts", "account reset": "Accounts",
    "account token make": "Programs", "account token list": "Programs", "account agent list": "Programs",
}  # fmt: skip
"""By the command, the page that does or shows the same."""
_WHOLE: Final[Mapping[str, str]] = {
    "--as NAME --key FILE": "sign in as somebody of the team",
    "see --help": "choose one that is listed",
}
_COMMAND: Final = re.compile(rf"\bcodered ({'|'.join(sorted(_PAGES, key=len, reverse=True))})\b(?: --[a-z-]+)*")
_OPTION: Final = re.compile(r"(?<!\S)--([a-z][a-z-]*)(?: [A-Z][A-Z=]+\b)?")
_KIND: Final = re.compile(rf"\b({'|'.join(kind for kind in ACTION_KINDS if '_' in kind)})\b( ?)")
_ROLE: Final = re.compile(rf"\b({'|'.join(role for role in ROLES if '_' in role)})\b")


def word_for_page(text: str) -> str:
    """A sentence of an error as it helps somebody at a page: `--proof` is the field "proof", `codered task list` the
    page Tasks. A command without a page stays whole, with its options.
    """
    if text in _WHOLE:
        return _WHOLE[text]
    told = _COMMAND.sub(lambda found: f"the page {_PAGES[found[1]]}", text)
    if "codered " in told:
        return told
    return _OPTION.sub(lambda found: f'the field "{found[1].replace("-", " ")}"', told)


def word_kinds(text: str) -> str:
    """A sentence of ours with each kind of action in words: disable_port web-1 → switch a network port off: web-1. Of
    roles it takes the underscores.
    """
    text = _ROLE.sub(lambda found: found[1].replace("_", " "), text)
    return _KIND.sub(lambda found: name_word("kinds", found[1]) + (": " if found[2] else ""), text)
