from codered.export.indicators.techniques import name_technique
from tests.fixtures.asked_requests import shipped


def test_a_technique_has_its_name_and_tactic() -> None:
    shell = name_technique("T1505.003")
    assert shell.name == "Server Software Component: Web Shell"
    assert shell.tactic == "persistence"
    assert shell.address() == "https://attack.mitre.org/techniques/T1505/003"
    assert name_technique("T9999") == ("T9999", "T9999", "")


def test_every_technique_of_the_packs_is_named() -> None:
    used = {technique for one in shipped() for technique in one.loaded.pack.attack}
    used |= {technique for one in shipped() for sign in one.loaded.pack.indicators() for technique in sign.attack}
    assert sorted(technique for technique in used if not name_technique(technique).tactic) == []
