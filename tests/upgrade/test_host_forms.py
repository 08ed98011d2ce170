"""What the first versions of the host tool wrote is read, verified and rolled back to the byte by this one."""

from pathlib import Path

import pytest

from tests.fixtures.first_forms import say_at_host

NEWER = """
import glob, hashlib, json, pathlib
path = pathlib.Path(glob.glob("state/cases/*/journal.jsonl")[0])
lines = path.read_bytes().splitlines()
last = json.loads(lines[-1]) | {"moved_to": "/elsewhere"}
del last["seal"]
pack = lambda: json.dumps(last, separators=(",", ":"), ensure_ascii=False).encode()
last["seal"] = hashlib.sha256(pack()).hexdigest()
path.write_bytes(b"\\n".join([*lines[:-1], pack(), b""]))
"""
ROLLBACK = ("rollback", "plan.json", "--yes")


@pytest.mark.parametrize("form", ["first-light", "cure"])
def test_an_old_apply_is_verified_and_rolled_back_to_the_byte(form: str, compiled_rules: Path) -> None:
    words = (("report", "report.json"), ("verify", "plan.json"), ROLLBACK, ROLLBACK)
    said = say_at_host(form, *words, rules=compiled_rules)
    report, verified, undone, again = said.answers
    assert (report[0], report[1].startswith("INFECTED: Code Red II")) == (0, True), report
    assert (verified[0], verified[1].startswith("CLEAN")) == (0, True), verified
    assert (undone[0], "6 changes undone" in undone[2], said.same) == (0, True, True), undone
    assert (again[0], "Traceback" in again[2]) == (0, False), again


def test_what_the_cure_kept_is_read(compiled_rules: Path) -> None:
    said = say_at_host(
        "cure",
        ("baseline", "compare", "site.baseline"),
        ("sh", "-c", '"$PYTHON" -m codered evidence verify evidence/*'),
        ("monitor", "status", "first"),
        ("scan", "/srv/first/site"),
        rules=compiled_rules,
    )
    compared, evidence, watch, scanned = said.answers
    assert (compared[0], compared[1].startswith("CLEAN: nothing found in 2 things")) == (0, True), compared
    assert (evidence[0], "as it was sealed" in evidence[1]) == (0, True), evidence
    assert (watch[0], "Nothing came back" in watch[1]) == (0, True), watch
    assert (scanned[0], scanned[1].startswith("CLEAN")) == (0, True), scanned


def test_what_a_newer_version_wrote_is_refused_and_kept() -> None:
    journal = "state/cases/*/journal.jsonl"
    said = say_at_host(
        "first-light",
        ("sh", "-c", f"\"$PYTHON\" -c '{NEWER}' && sha256sum {journal}"),
        ROLLBACK,
        ("sh", "-c", f"sha256sum {journal}; sed -i s,codered/plan/1,codered/plan/2, plan.json"),
        ROLLBACK,
        ("sh", "-c", "sed -i s,codered/report/1,codered/report/2, report.json"),
        ("report", "report.json"),
    )
    made, refused, kept, plan, _, report = said.answers
    assert made[0] == 0, made
    assert (refused[0], refused[2].count("\n")) == (4, 1), refused
    assert "was written by a newer version" in refused[2]
    assert made[1].split()[0] == kept[1].split()[0]
    assert not said.same
    assert (plan[0], plan[2].count("\n"), "'codered/plan/2', this version reads" in plan[2]) == (2, 1, True), plan
    assert (report[0], report[2].count("\n"), "this version reads" in report[2]) == (2, 1, True), report
