"""Judging the accounts of a Windows system, and its event logs that were cleared."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from codered.detect.heuristics import HeuristicJudge, Judgement
from codered.model.finding import Evidence, Finding, Subject
from codered.model.heuristics import HEURISTICS
from codered.model.paths import FilePath
from codered.model.persistence import WindowsAccount
from codered.model.registry import escape_name
from codered.model.ruleset import RuleSet

GUEST = 501
ADMINISTRATORS = "Administrators"
CLEARED = "windows-log-cleared"
INSTALLING = timedelta(days=1)  # setup clears logs itself


class Cleared(Protocol):
    """A log that says it was cleared, as the collector hands it over."""

    @property
    def log(self) -> str:
        """Which log."""
        ...

    @property
    def path(self) -> FilePath:
        """Its file."""
        ...

    @property
    def shown(self) -> str | None:
        """The file as the examined system names it."""
        ...

    @property
    def count(self) -> int:
        """How often."""
        ...

    @property
    def last(self) -> datetime:
        """When last (UTC)."""
        ...

    @property
    def number(self) -> int:
        """The number of the event that says so."""
        ...


def judge_windows_accounts(accounts: Iterable[WindowsAccount], rules: RuleSet) -> tuple[Finding, ...]:
    """The accounts that add up to a finding. None is ever removed by a plan: accounts are edited on the running
    system, where Windows keeps its own book about them.
    """
    judge = HeuristicJudge(rules)
    found = []
    for account in accounts:
        judgement = judge.judge("account", "", find_account_facts(account))
        if judgement is not None:
            found.append(_tell(account, judgement))
    return tuple(found)


def find_account_facts(account: WindowsAccount) -> frozenset[str]:
    """All facts of an account."""
    facts = set(account.facts)
    facts.add("win-disabled" if account.disabled else "win-active")
    facts |= {"win-guest"} if account.rid == GUEST else set()
    facts |= {"win-admin"} if ADMINISTRATORS in account.groups else set()
    facts |= {"win-hidden-name"} if account.name.endswith("$") else set()
    return frozenset(facts)


def _tell(account: WindowsAccount, judgement: Judgement) -> Finding:
    subject = Subject(
        kind="account", path=account.path.text or None, path_raw=account.path.raw, shown=account.shown,
        key=escape_name(account.name), registry=escape_name(account.registry),
    )  # fmt: skip
    groups = ", ".join(account.groups) or "no local group"
    state = "disabled" if account.disabled else "active"
    logon = account.last_logon.isoformat() if account.last_logon else "never"
    text = f"RID {account.rid}, {state}, in {groups}; last logon {logon}"
    name = f"{HEURISTICS}\0{judgement.indicator}\0{account.registry}".encode(errors="backslashreplace")
    return Finding(
        id=hashlib.sha256(name + subject_bytes(account.path)).hexdigest()[:12],
        pack=HEURISTICS,
        indicator=judgement.indicator,
        layer="accounts",
        subject=subject,
        confidence=judgement.confidence,
        severity=judgement.severity,
        because=judgement.because,
        evidence=(Evidence(what="the account", data=text.encode(errors="backslashreplace")[:256], source="account"),),
        attack=judgement.attack(),
        first_seen=account.changed,
        near=False,
    )


def subject_bytes(path: FilePath) -> bytes:
    """The path as a part of a finding's id."""
    return b"\0" + path.to_bytes()


def judge_log_clears(cleared: Iterable[Cleared], installed: datetime | None) -> tuple[Finding, ...]:
    """A finding for each log that was cleared, unless that was with the installation (UTC, None = not known)."""
    return tuple(_tell_clear(one) for one in cleared if installed is None or one.last > installed + INSTALLING)


def _tell_clear(one: Cleared) -> Finding:
    times = "once" if one.count == 1 else f"{one.count} times"
    return Finding(
        id=hashlib.sha256(f"{CLEARED}\0{one.log}".encode() + subject_bytes(one.path)).hexdigest()[:12],
        pack=HEURISTICS,
        indicator=CLEARED,
        layer="logs",
        subject=Subject(kind="file", path=one.path.text, path_raw=one.path.raw, shown=one.shown),
        confidence="suspicious",
        severity="low",
        because=f"the {one.log} log was cleared ({times}, last {one.last:%Y-%m-%d %H:%M} UTC), as is seldom done",
        evidence=(Evidence(what=f"event {one.number}", source="event"),),
        attack=("T1070.001",),
        first_seen=one.last,
        near=False,
    )
