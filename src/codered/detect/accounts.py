"""Judging accounts and the keys that open them."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple, Protocol

import msgspec

from codered.detect.heuristics import HeuristicJudge, Judgement
from codered.detect.recency import find_since
from codered.model.allow_list import AllowList, LetPass
from codered.model.finding import Evidence, Finding, Severity, Subject
from codered.model.heuristics import HEURISTICS
from codered.model.persistence import Account, AuthorizedKey
from codered.model.ruleset import RuleSet

DATA = 256  # bytes of evidence
DAY = timedelta(days=1)
LAST_ADMIN = "; nobody else could become root: see to another way in, then lock it by hand"
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


class AccountJudgement(NamedTuple):
    """The findings, and the keys that would be one and are allowed."""

    findings: tuple[Finding, ...]
    allowed: tuple[LetPass, ...] = ()


def judge_accounts(seen: Seen, rules: RuleSet, allowed: AllowList, now: datetime) -> AccountJudgement:
    """The findings of all accounts and keys. A key that the allow-list vouches for is none. `now` has a zone."""
    judge = _AccountJudge(HeuristicJudge(rules), now, seen.installed)
    findings = {finding.id: finding for finding in judge.judge_accounts(seen.accounts, seen.keys)}
    vouched = {key.fingerprint: allowed.allows_key(key.fingerprint, now) for key in seen.keys if key.fingerprint}
    keys = [key for key in seen.keys if vouched.get(key.fingerprint) is None]
    for finding in judge.judge_keys(seen.accounts, keys):
        findings[finding.id] = finding
    let_pass: list[LetPass] = []
    for finding in judge.judge_keys(seen.accounts, (key for key in seen.keys if vouched.get(key.fingerprint))):
        entry = vouched[finding.subject.key or ""]
        let_pass += [LetPass(finding.subject.name(), entry)] if entry is not None else []
    return AccountJudgement(tuple(findings.values()), tuple(let_pass))


class _Judged(NamedTuple):
    account: Account
    facts: frozenset[str]
    judgement: Judgement | None


class _AccountJudge:
    def __init__(self, judge: HeuristicJudge, now: datetime, installed: datetime | None) -> None:
        self._judge = judge
        self._since = find_since(installed, now, judge.heuristics.recent_days)

    def judge_accounts(self, accounts: tuple[Account, ...], keys: tuple[AuthorizedKey, ...]) -> Iterator[Finding]:
        """The accounts that add up to a finding."""
        free = {key.account for key in keys if key.fingerprint and "runs-command" not in key.facts}
        judged: list[_Judged] = []
        for account in accounts:
            facts = _find_account_facts(account) | self._find_times(account)
            if account.name in free:
                facts.add("has-key")
            judgement = self._judge.judge("account", "", frozenset(facts))
            judged.append(_Judged(account, frozenset(facts), judgement))
        admins = {one.account.name for one in judged if _is_trusted_admin(one)}
        for one in judged:
            if one.judgement is not None:
                since = _date_account(one.account, accounts[-1].line)
                yield _tell_account(one.account, _spare_last_admin(one, one.judgement, admins), since)

    def judge_keys(self, accounts: tuple[Account, ...], keys: Iterable[AuthorizedKey]) -> Iterator[Finding]:
        """The keys that add up to a finding."""
        known = {account.name: account for account in accounts}
        keys = tuple(keys)
        in_file = Counter(path for path, _ in {(key.path.to_bytes(), key.fingerprint) for key in keys})
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
            since = self._date_key(key, in_file[key.path.to_bytes()])
            if since is not None and since > self._since:
                facts.add("recent")
            elif since is None and key.file_changed is not None and key.file_changed > self._since:
                facts.add("file-recent")
            judgement = self._judge.judge("key", "", frozenset(facts))
            if judgement is not None:
                yield _tell_key(key, judgement, since)

    def _date_key(self, key: AuthorizedKey, in_file: int) -> datetime | None:
        """When the key came: a file tells it of its only key, a key pair beside it that is new of that one; of several
        keys in a file nobody can tell which one is new.
        """
        if key.pair_changed is not None and key.pair_changed > self._since:
            return key.pair_changed
        return key.file_changed if in_file == 1 else None

    def _find_times(self, account: Account) -> set[str]:
        facts = set()
        if account.file_changed is not None and account.file_changed > self._since:
            facts.add("file-recent")
        if account.changed is not None and _start_of(account.changed) > self._since - DAY:
            is_new = self._since < _start_of(account.changed) + DAY
            facts |= {"password-recent"} if is_new else set()
        return facts


def _start_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _date_account(account: Account, last: int) -> datetime | None:
    """When it was changed: any change of the file makes the file new, so the day of its password must be the same, or
    where that is not known its line the last one.
    """
    if account.changed is None or account.file_changed is None:
        return account.file_changed if account.line == last else None
    day = _start_of(account.changed)
    return account.file_changed if day - DAY <= account.file_changed <= day + 2 * DAY else day


def _is_trusted_admin(one: _Judged) -> bool:
    """Whether somebody may come in and become root by it, and nothing speaks against it."""
    account = one.account
    may_enter = account.password == "set" or "has-key" in one.facts  # noqa: S105 - no password
    rights = account.uid == 0 or "admin" in one.facts
    return one.judgement is None and may_enter and rights and "login-shell" in one.facts


def _spare_last_admin(one: _Judged, judgement: Judgement, admins: set[str]) -> Judgement:
    """Without its lock, if that would leave nobody who may become root. A classic account is no person's way in."""
    if judgement.remedy != "lock_account" or admins or "admin" not in one.facts or "classic-system" in one.facts:
        return judgement
    return msgspec.structs.replace(judgement, remedy="", because=judgement.because + LAST_ADMIN)


def _find_account_facts(account: Account) -> set[str]:
    facts = {*account.facts, f"password-{account.password}"}
    if account.system:
        facts.add("system-account")
    if account.name == "root":
        facts.add("root")
    if _RIGHTS.intersection(account.groups) and account.uid != 0:
        facts.add("admin")
    return facts


def _tell_account(account: Account, judgement: Judgement, since: datetime | None) -> Finding:
    subject = Subject(
        kind="account", path=account.path.text, path_raw=account.path.raw, shown=account.shown, line=account.line,
        key=account.name,
    )  # fmt: skip
    evidence = (_show_line(account.line, _hide_password(account.text), account.text),)
    # What is sure by itself may be dated by its file; what is not must not be raised by the time of its neighbours.
    return _make(subject, judgement, evidence, since if judgement.confidence == "suspicious" else account.file_changed)


def _hide_password(line: bytes) -> bytes:
    """A report is read by many: of a password's hash only the beginning, which tells its kind."""
    fields = line.split(b":")
    if len(fields) > 2 and len(fields[1]) > 8:
        fields[1] = fields[1][:4] + b"[...]"
    return b":".join(fields)


def _tell_key(key: AuthorizedKey, judgement: Judgement, since: datetime | None) -> Finding:
    subject = Subject(
        kind="key", path=key.path.text, path_raw=key.path.raw, shown=key.shown, line=key.line,
        key=key.fingerprint or key.account,
    )  # fmt: skip
    evidence = [_show_line(key.line, key.text, key.text)]
    if key.sha256:
        evidence.append(Evidence(what="the whole file", sha256=key.sha256, size=key.size, source="file"))
    low: Severity | None = "low" if judgement.confidence == "suspicious" else None
    return _make(subject, judgement, tuple(evidence), since if low else key.file_changed, low)


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
