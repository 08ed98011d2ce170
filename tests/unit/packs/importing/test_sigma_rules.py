from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.packs.importing import sigma_rules
from codered.packs.importing.sigma_rules import import_sigma

RULE = """title: An inert rule
id: 00000000-0000-0000-0000-000000000001
description: Finds an inert marker.
author: A. Uthor
references: [https://example.org/a]
tags: [attack.persistence, attack.t1505.003]
logsource: {category: webserver}
detection:
  s: {cs-uri-query|startswith: cmd=inert}
  condition: s
level: high
"""


def test_rules_become_log_signs_and_each_other_is_named(tmp_path: Path) -> None:
    texts = {
        "a.yml": RULE,
        "b.yml": RULE.replace("startswith", "contains"),
        "c.yml": RULE.replace("webserver", "firewall"),
        "d.yml": "a: &x b",
        "e.yml": RULE.replace("cmd=inert", "x"),
        "f.yml": RULE.replace("level: high", "license: MIT"),
        "g.yml": "- a list",
    }
    files = []
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
        files.append(tmp_path / name)
    made = import_sigma(tuple(files), "likely")
    exact, wider, low = made.logs
    assert (exact.id, exact.because, exact.pattern, exact.literals) == (
        "an-inert-rule",
        "Finds an inert marker.",
        r"\?cmd=inert",
        ("cmd=inert",),
    )
    assert (exact.confidence, exact.severity, exact.vector, exact.attack) == (
        "likely",
        "high",
        "backdoor",
        ("T1505.003",),
    )
    assert (wider.confidence, low.confidence, low.severity) == ("suspicious", "suspicious", "medium")
    titles = {item.id: item.title for item in made.references}
    assert [titles[own] for own in exact.references] == [
        "Sigma rule 'An inert rule' by A. Uthor, id 00000000-0000-0000-0000-000000000001 (licence: not stated)",
        "https://example.org/a",
    ]
    assert (made.read, made.authors, made.licences) == (7, ("A. Uthor",), ("not stated", "MIT"))
    told = [(item.level, Path(item.where).name.split(":")[0]) for item in made.left]
    assert told == [
        ("note", "b.yml"),
        ("refused", "c.yml"),
        ("refused", "d.yml"),
        ("refused", "e.yml"),
        ("refused", "g.yml"),
    ]


def test_files_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sigma_rules, "MOST_RULES", 1)
    with pytest.raises(WrongUse, match="more than 1 Sigma files"):
        import_sigma((tmp_path / "a", tmp_path / "b"), "likely")
