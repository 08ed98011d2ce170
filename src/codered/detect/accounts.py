"""Judging accounts and the keys that open them."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from codered.detect.heuristics import HeuristicJudge, Judgement
from codered.model.allow_list import AllowList
from codered.model.finding import Evidence, Finding, Severity, Subject
from codered.model.heuristics import HEURISTICS
from codered.model.persistence import Account, AuthorizedKey
from codered.model.ruleset import RuleSet

DATA = 256  # bytes of evidence
INSTALLING = timedelta(days=1)  # what changed so soon after the installation belongs to it
_RIGHTS = frozenset(("root", "sudo", "wheel", "admin", "docker", "lxd", "incus", "disk", "shadow"))


class Seen(Protocol):
    """What a collector of accounts hands over."""

    @property
    def accounts(self) -> tuple[Account, ...]:
        """All accounts."""
        ...

    @property
    def keys(self) -> tuple[AuthorizedKey, ...]:
        """All keys that open one."""
        ...

    @property
    def installed(self) -> datetime | None:
        """When the system was installed (UTC), None if that can't be told: what is as old as that is not new."""
        ...


def judge_accounts(seen: Seen, rules: RuleSet, allowed: AllowList, now: datetime) -> tuple[Finding, ...]:
    """The findings of all accounts and keys. A key that the allow-list vouches for is none. `now` has a zone."""
    judge = _AccountJudge(HeuristicJudge(rules), now, seen.installed)
    findings = {finding.id: finding for finding in judge.judge_accounts(seen.accounts, seen.keys)}
    keys = [key for key in seen.keys if not _is_allowed(key, allowed, now)]
    for finding in judge.judge_keys(seen.accounts, keys):
        findings[finding.id] = finding
    return tuple(findings.values())


def _is_allowed(key: AuthorizedKey, allowed: AllowList, now: datetime) -> bool:
    return bool(key.fingerprint) and allowed.allows_key(key.fingerprint, now) is not None


class _AccountJudge:
    def __init__(self, judge: HeuristicJudge, now: datetime, installed: datetime | None) -> None:
        self._judge = judge
        self._since = now - timedelta(days=judge.heuristics.recent_days)
        if installed is not None:
            self._since = max(self._since, min(installed, datetime.max.replace(tzinfo=UTC) - INSTALLING) + INSTALLING)

    def judge_accounts(self, accounts: tuple[Account, ...], keys: tuple[AuthorizedKey, ...]) -> Iterator[Finding]:
        """The accounts that add up to a finding."""
        free = {key.account for key in keys if key.fingerprint and "runs-command" not in key.facts}
        for account in accounts:
            facts = _find_account_facts(account) | self._find_times(account)
            if account.name in free:
                facts.add("has-key")
            judgement = self._judge.judge("account", "", frozenset(facts))
            if judgement is not None:
                yield _tell_account(account, judgement)

    def judge_keys(self, accounts: tuple[Account, ...], keys: Iterable[AuthorizedKey]) -> Iterator[Finding]:
        """The keys that add up to a finding."""
        known = {account.name: account for account in accounts}
        for key in keys:
            read = self._judge.read(key.text)
            facts = set(key.facts | read.facts)
            owner = known.get(key.account)
            if owner is None:
                facts.add("no-account")
            else:
                facts |= {"of-system-account"} if owner.system else set()
                facts |= owner.facts & {"classic-system", "uid-0-twin"}
                if "login-shell" not in owner.facts:
                    facts.add("no-login-shell")
            if key.file_changed is not None and key.file_changed > self._since:
                facts.add("recent")
            judgement = self._judge.judge("key", "", frozenset(facts))
            if judgement is not None:
                yield _tell_key(key, judgement)

    def _find_times(self, account: Account) -> set[str]:
        facts = set()
        if account.file_changed is not None and account.file_changed > self._since:
            facts.add("file-recent")
        if account.changed is not None and _start_of(account.changed) > self._since - timedelta(days=1):
            is_new = self._since < _start_of(account.changed) + timedelta(days=1)
            facts |= {"password-recent"} if is_new else set()
        return facts


def _start_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _find_account_facts(account: Account) -> set[str]:
    facts = {*account.facts, f"password-{account.password}"}
    if account.system:
        facts.add("system-account")
    if account.name == "root":
        facts.add("root")
    if _RIGHTS.intersection(account.groups) and account.uid != 0:
        facts.add("admin")
    return facts


def _tell_account(account: Account, judgement: Judgement) -> Finding:
    subject = Subject(
        kind="account", path=account.path.text, path_raw=account.path.raw, shown=account.shown, line=account.line,
        key=account.name,
    )  # fmt: skip
    evidence = (_show_line(account.line, _hide_password(account.text), account.text),)
    return _make(subject, judgement, evidence, account.file_changed)


def _hide_password(line: bytes) -> bytes:
    """A report is read by many: of a password's hash only the beginning, which tells its kind."""
    fields = line.split(b":")
    if len(fields) > 2 and len(fields[1]) > 8:
        fields[1] = fields[1][:4] + b"[...]"
    return b":".join(fields)


def _tell_key(key: AuthorizedKey, judgement: Judgement) -> Finding:
    subject = Subject(
        kind="key", path=key.path.text, path_raw=key.path.raw, shown=key.shown, line=key.line,
        key=key.fingerprint or key.account,
    )  # fmt: skip
    evidence = [_show_line(key.line, key.text, key.text)]
    if key.sha256:
        evidence.append(Evidence(what="the whole file", sha256=key.sha256, size=key.size, source="file"))
    low: Severity | None = "low" if judgement.confidence == "suspicious" else None
    return _make(subject, judgement, tuple(evidence), key.file_changed, low)


def _show_line(number: int, shown: bytes, line: bytes) -> Evidence:
    digest = hashlib.sha256(line).hexdigest()
    return Evidence(what=f"line {number}", line=number, data=shown[:DATA], sha256=digest, source="line")


def _make(
    subject: Subject, judgement: Judgement, evidence: tuple[Evidence, ...], changed: datetime | None,
    severity: Severity | None = None,
) -> Finding:  # fmt: skip
    name = f"{subject.path}\0{subject.line}\0{subject.key}".encode(errors="surrogateescape")
    digest = hashlib.sha256(f"{HEURISTICS}\0{judgement.indicator}\0{subject.kind}\0".encode() + name)
    return Finding(
        id=digest.hexdigest()[:12],
        pack=HEURISTICS,
        indicator=judgement.indicator,
        layer="accounts",
        subject=subject,
        confidence=judgement.confidence,
        severity=severity or judgement.severity,
        because=judgement.because,
        evidence=evidence,
        attack=judgement.attack(),
        first_seen=changed,
        remedy=judgement.remedy,
    )
