"""A worker's part in what starts by itself on a Windows system, its accounts, and its logs that were cleared."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from codered.collect.walking import Unwalked
from codered.collect.windows.accounts import collect_windows_accounts
from codered.collect.windows.autostart import collect_windows_autostart, find_installed
from codered.collect.windows.event_logs import collect_log_clears
from codered.detect.windows_accounts import judge_log_clears, judge_windows_accounts
from codered.detect.windows_autostart import judge_windows_autostart
from codered.model.finding import Layer
from codered.model.paths import path_from_bytes
from codered.model.registry import Registry
from codered.model.ruleset import RuleSet
from codered.model.target import Target
from codered.model.windows import WindowsSystem
from codered.scan.allowing import count_allowed
from codered.scan.request import ScanRequest
from codered.scan.tasks import Counted, Done
from codered.scan.windows_leads import find_leads

AUTOSTART = "what starts by itself"
ACCOUNTS = "accounts"
EVENT_LOGS = "event logs, for clears"
NO_SAM = "no accounts could be read: the SAM hive is missing or can't be read"
DENIED = "the running system lets nobody read its SAM: the accounts were not looked at"


class Windows(NamedTuple):
    """What is looked at: the target, its registry, and which Windows it is."""

    target: Target
    registry: Registry
    system: WindowsSystem


def look_at_windows_autostart(number: int, windows: Windows, rules: RuleSet, request: ScanRequest) -> Done:
    """The findings of all that starts by itself."""
    seen = collect_windows_autostart(*windows)
    findings, passed = judge_windows_autostart(seen, rules, request.allowed, datetime.now(UTC))
    counted = [Counted("autostart", AUTOSTART, count=len(seen.entries), size=seen.bytes)]
    counted += _count_unread("autostart", AUTOSTART, seen.unread, windows.target)
    counted += count_allowed("autostart", AUTOSTART, passed, (*request.allowed.files, *request.allowed.entries))
    leads = find_leads(findings, windows.target, seen.entries)
    return Done(number, list(findings), counted=counted, leads=leads)


def look_at_windows_accounts(number: int, windows: Windows, rules: RuleSet) -> Done:
    """The findings of the system's own accounts, and of its event logs that say they were cleared."""
    people = collect_windows_accounts(windows.target, windows.registry)
    logs = collect_log_clears(*windows)
    findings = [
        *judge_windows_accounts(people.accounts, rules),
        *judge_log_clears(logs.cleared, find_installed(windows.registry)),
    ]
    counted = [Counted("accounts", ACCOUNTS, count=len(people.accounts))] if people.accounts else []
    if not people.accounts and not people.unread:
        why = DENIED if windows.target.info.kind == "live_windows" else NO_SAM
        counted.append(Counted("accounts", ACCOUNTS, "failed", why))
    counted += _count_unread("accounts", ACCOUNTS, people.unread, windows.target)
    counted.append(Counted("logs", EVENT_LOGS, count=logs.logs, size=logs.bytes))
    counted += _count_unread("logs", EVENT_LOGS, logs.unread, windows.target)
    return Done(number, findings, counted=counted)


def _count_unread(layer: Layer, where: str, unread: Iterable[Unwalked], target: Target) -> Iterator[Counted]:
    """What could not be read; what is not about a path has none to show."""
    for item in unread:
        shown = path_from_bytes(target.absolute(item.rel)).text if item.rel else ""
        yield Counted(layer, where, item.state, item.why, example=shown)
