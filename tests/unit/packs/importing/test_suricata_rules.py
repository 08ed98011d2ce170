from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.packs.importing import suricata_rules
from codered.packs.importing.suricata_rules import import_suricata

HEAD = "alert http $EXTERNAL_NET any -> $HOME_NET"
RULES = rf"""# alert http any any -> any any (msg:"switched off"; sid:9;)
{HEAD} [80,8000] (msg:"An inert request"; http.uri; content:"/inert.php"; \
  endswith; reference:url,example.org; sid:1; rev:2; metadata:signature_severity Major, mitre T1190;)
{HEAD} any (msg:"An agent"; http.user_agent; content:"inert-bot"; priority:3; sid:2;)
{HEAD} any (msg:"A body"; http.request_body; content:"inert"; sid:3;)
pass http any any -> any any (msg:"Passed"; http.uri; content:"inert"; sid:4;)
nonsense
{HEAD} any (msg:"Short"; http.uri; content:"ab"; sid:5;)
{HEAD} any (msg:"Unfinished"; \
"""


def test_rules_become_signs_of_logs_and_traffic(tmp_path: Path) -> None:
    file = tmp_path / "x.rules"
    file.write_text(RULES)
    made = import_suricata((file,), "likely")
    request, agent = made.logs
    assert (request.id, request.pattern, request.literals, request.severity) == (
        "an-inert-request", r"\/inert\.php$", ("/inert.php",), "high",
    )  # fmt: skip
    assert (request.confidence, request.attack, agent.part, agent.severity) == ("likely", ("T1190",), "agent", "low")
    (wire,) = made.traffic
    assert (wire.id, wire.pattern, wire.ports, wire.direction) == (
        "an-inert-request-traffic", r"\/inert\.php( |$)", (80, 8000), "in",
    )  # fmt: skip
    assert [item.title for item in made.references] == ["Rule 'An inert request', sid 1 rev 2", "url,example.org",
                                                        "Rule 'An agent', sid 2 rev"]  # fmt: skip
    assert made.read == 7
    assert [(item.where.rpartition(":")[2], item.rule) for item in made.left] == [
        ("5", "A body"), ("6", "Passed"), ("7", ""), ("8", "Short"), ("9", ""),
    ]  # fmt: skip


def test_ports_and_directions_and_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'alert http {} any -> {} {} (msg:"a"; http.uri; content:"/inert"; sid:1;)\n'
    cases = [
        ("$HOME_NET", "any", "!80"),
        ("any", "any", "$HTTP_PORTS"),
        ("any", "$HOME_NET", "8080"),
        ("any", "any", "0:99"),
    ]
    file = tmp_path / "x.rules"
    file.write_text("".join(text.format(*case) for case in cases))
    found = [(wire.direction, wire.ports) for wire in import_suricata((file,), "suspicious").traffic]
    assert found == [("out", (80, 8080)), ("both", (80, 8080)), ("in", (8080,)), ("both", (80, 8080))]
    monkeypatch.setattr(suricata_rules, "MOST_RULES", 1)
    with pytest.raises(WrongUse, match="more than 1 rules"):
        import_suricata((file,), "likely")
