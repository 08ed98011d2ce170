from codered.authoring.explaining import explain_finding, explain_sign, find_sign
from codered.model.finding import Evidence, Finding, Subject
from codered.packs.loading import find_packs_folder, load_packs

PACKS = load_packs(find_packs_folder(), ("codered2", "sadmind-iis"))


def make_finding(pack: str, indicator: str, **more: object) -> Finding:
    return Finding(
        id="0123456789ab",
        pack=pack,
        indicator=indicator,
        layer="files",
        subject=Subject(kind="file", path="/srv/root.exe"),
        confidence="likely",
        severity="high",
        because="it lies there",
        evidence=(Evidence(what="string", data=b"\x1b[2Jx", offset=4096),),
        **more,  # type: ignore[arg-type]
    )


def test_a_sign_is_told_with_its_sources_and_what_is_done() -> None:
    found = find_sign(PACKS, "codered2", "root-exe")
    assert found
    told = dict(explain_sign(*found))
    assert told["how sure"].startswith("likely")
    assert "quarantine_file" in told["what is done"]
    assert told["threat"] == "Code Red II (codered2 2026.11.1), first seen 2001-08-04"
    assert find_sign(PACKS, "codered2", "nosuch") is None
    assert find_sign(PACKS, "nosuch", "root-exe") is None


def test_a_log_sign_says_that_it_speaks_of_the_attacker() -> None:
    found = find_sign(PACKS, "codered2", "ida-x")
    assert found
    told = list(explain_sign(*found))
    assert ("mind", "a log names who attacked; whether this server fell is not in it") in told
    assert any(label.startswith("answer 404") for label, _ in told)


def test_a_finding_is_told_with_its_proof() -> None:
    found = find_sign(PACKS, "codered2", "root-exe")
    assert found
    told = list(explain_finding(make_finding("codered2", "root-exe"), *found))
    labels = [label for label, _ in told]
    assert labels[:3] == ["what", "where", "how sure"]
    assert labels.count("how sure") == 1
    assert ("proof", "string at byte 4,096: \x1b[2Jx") in told


def test_findings_of_no_pack_here_say_so() -> None:
    assert "weights add up" in dict(explain_finding(make_finding("heuristics", "x"), None, None))["rests on"]
    assert "another version" in dict(explain_finding(make_finding("newer", "x"), None, None))["rests on"]
    shared = make_finding("unattributed", "x", shared_by=("a", "b"))
    assert "a, b" in dict(explain_finding(shared, None, None))["shared"]
