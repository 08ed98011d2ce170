import re
import sqlite3
from typing import Any

import pytest
from sigma.backends.sqlite.sqlite import sqliteBackend
from sigma.collection import SigmaCollection
from sigma.validation import SigmaValidator
from sigma.validators.core import validators

from codered.export.indicators.exported import Export
from codered.export.indicators.sigma import make_sigma
from tests.fixtures.asked_requests import list_asked, shipped
from tests.fixtures.exported_packs import make_log, with_signs

_ASK_THE_NETWORK = {"ATTACKTagValidator", "D3FENDTagValidator"}  # they fetch their lists
_MATTER_LITTLE = {
    "WildcardInsteadOfEndswithIssue",
    "WildcardInsteadOfStartswithIssue",
    "WildcardsInsteadOfContainsModifierIssue",
}


@pytest.fixture(scope="module")
def made() -> Export:
    return make_sigma(shipped())


def read_rules(made: Export) -> dict[str, list[Any]]:
    return {file.name: list(SigmaCollection.from_yaml(file.data.decode()).rules) for file in made.files}


def write_query(rule: object) -> str:
    """The rule as the backend says it, over a table called logs."""
    backend: Any = sqliteBackend
    (query,) = backend().convert_rule(rule)
    return str(query).replace("<TABLE_NAME>", "logs")


def test_every_rule_is_read_and_its_validators_are_content(made: Export) -> None:
    rules = [rule for listed in read_rules(made).values() for rule in listed]
    assert len(rules) > 60
    assert not [error for rule in rules for error in rule.errors]
    checks = {check for check in validators.values() if check.__name__ not in _ASK_THE_NETWORK}
    issues = SigmaValidator(checks).validate_rules(iter(rules))
    assert [f"{issue}" for issue in issues if type(issue).__name__ not in _MATTER_LITTLE] == []


def test_the_queries_find_the_packs_requests_in_a_real_table_and_no_others(made: Export) -> None:
    table = sqlite3.connect(":memory:")
    table.create_function("REGEXP", 2, lambda pattern, text: text is not None and bool(re.search(pattern, text)))
    table.execute('CREATE TABLE logs (n, "cs-method", "cs-uri-stem", "cs-uri-query", "cs-user-agent", "cs-referer")')
    for n, one in enumerate(list_asked()):
        method, _, address = one.hit.request.partition(" ")
        path, _, query = address.partition("?")
        if method:
            row = (n, method, path, query or None, one.hit.agent, one.hit.referer)
            table.execute("INSERT INTO logs VALUES (?, ?, ?, ?, ?, ?)", row)
    found: set[int] = set()
    for rule in read_rules(made)["requests.yml"]:
        query = write_query(rule)
        rows = table.execute(query.replace("SELECT *", "SELECT n"))
        hits = {n for (n,) in rows}
        assert hits, f"{rule.title} finds none of the examples"
        found |= hits
    for n, one in enumerate(list_asked()):
        assert n not in found or one.signs, one.line
        assert n in found or not one.plain, one.line


def test_files_processes_and_registry_values_are_found_in_tables(made: Export) -> None:
    table = sqlite3.connect(":memory:")
    table.execute("CREATE TABLE logs (TargetFilename, Image, ParentImage, CommandLine, TargetObject, Details, Hashes)")
    events: list[dict[str, str]] = [
        {"TargetFilename": r"D:\InetPub\Scripts\root.exe"},
        {"TargetFilename": "/tmp/kinsing"},
        {"Image": r"C:\explorer.exe"},
        {"Image": "/usr/bin/dash", "ParentImage": "/opt/next-server", "CommandLine": "sh"},
        {
            "TargetObject": r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run\Domain Manager",
            "Details": r"C:\svchost.exe",
        },
        {
            "TargetObject": r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon\SFCDisable",
            "Details": "DWORD (0xffffff9d)",
        },
    ]
    events += [{"TargetFilename": r"C:\tools\root.exe"}, {"Image": r"C:\winnt\explorer.exe"}, {"Image": "/bin/sh"}]
    for event in events:
        table.execute(
            f"INSERT INTO logs ({', '.join(event)}) VALUES ({', '.join('?' * len(event))})", list(event.values())
        )
    rules = [rule for name, listed in read_rules(made).items() if name != "requests.yml" for rule in listed]
    found: set[int] = set()
    for rule in rules:
        query = write_query(rule)
        found |= {n for (n,) in table.execute(query.replace("SELECT *", "SELECT rowid"))}
    assert found == {1, 2, 3, 4, 5, 6}


def test_a_rule_says_how_sure_it_is_and_keeps_its_id(made: Export) -> None:
    rules = {rule.title: rule for listed in read_rules(made).values() for rule in listed}
    sure = rules["Code Red II: ida x (request)"]
    assert (str(sure.status), str(sure.level)) == ("stable", "high")
    assert {f"{tag}" for tag in sure.tags} >= {"attack.t1190", "cve.2001-0500"}
    assert str(rules["Kinsing (H2Miner) or Sysrv: phpunit eval (request)"].level) == "medium"
    again = {file.name: file.data for file in make_sigma(shipped()).files}
    assert again == {file.name: file.data for file in made.files}
    other = make_sigma((with_signs(make_log(pattern="x", because="one")),)).files[0].data
    worded = make_sigma((with_signs(make_log(pattern="x", because="two")),)).files[0].data
    assert re.findall(rb"^id: .*", other, re.MULTILINE) == re.findall(rb"^id: .*", worded, re.MULTILINE)


def test_hostile_words_stay_words() -> None:
    made = make_sigma((with_signs(make_log(pattern='a: "b" # c', because="x\n---\ntitle: y # 'z' \"")),))
    (rule,) = SigmaCollection.from_yaml(made.files[0].data.decode()).rules
    assert str(rule.description).startswith("x\n---\ntitle: y # 'z' \"")
