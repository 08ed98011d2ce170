import msgspec

from codered.export.writing.paint import Paint
from codered.export.writing.text_findings import group_by_pack, group_log_signs, rank_findings, write_findings
from codered.model.report import Report


def test_unattributed_comes_last(infected: Report) -> None:
    assert list(group_by_pack(infected.findings[::-1])) == ["nimda", "codered2", "unattributed"]


def test_the_surest_comes_first(infected: Report) -> None:
    ranked = rank_findings(infected.findings[::-1])
    assert [f.confidence for f in ranked] == ["confirmed", "confirmed", "likely", "suspicious", "suspicious"]
    assert ranked[3].severity == "critical"


def test_log_findings_are_told_by_sign(attacked: Report) -> None:
    assert [len(group) for group in group_log_signs(attacked.findings)] == [24]
    lines = write_findings(attacked, Paint(colour=False))
    assert sum("24 requests from 24 addresses" in line for line in lines) == 1


def test_internal_and_external_are_told_apart(suspicious: Report) -> None:
    assert [len(group) for group in group_log_signs(suspicious.findings)] == [60, 1, 1]


def test_the_name_on_this_machine_is_told_too(infected: Report) -> None:
    lines = write_findings(infected, Paint(colour=False))
    at = lines.index("  confirmed   critical  C:\\inetpub\\scripts\\root.exe")
    assert lines[at + 1] == "      here: /mnt/evidence/web-01/inetpub/scripts/root.exe"


def test_a_long_path_gets_its_own_line(infected: Report) -> None:
    lines = write_findings(infected, Paint(colour=False))
    at = lines.index("  suspicious  low")
    assert lines[at + 1].startswith("      /mnt/evidence/web-01/Documents and Settings/")


def test_a_mass_of_findings_ends_and_says_so(infected: Report) -> None:
    many = msgspec.structs.replace(infected, findings=infected.findings[:1] * 1234)
    lines = write_findings(many, Paint(colour=False))
    assert "  … and 1,134 more (see --json or --csv)" in lines
    assert sum("root.exe" in line and "confirmed" in line for line in lines) == 100


def test_nothing_found_is_no_section(clean: Report) -> None:
    assert write_findings(clean, Paint(colour=False)) == []
