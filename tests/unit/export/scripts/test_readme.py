from pathlib import Path

from codered.export.scripts.from_packs import make_from_packs
from codered.export.scripts.from_plan import make_from_plan
from codered.export.scripts.readme import read_words, write_readme
from codered.packs.loading import load_packs
from tests.fixtures.script_plans import codered2_actions, delete_key, edit_lines, make_plan, quarantine

PACKS = load_packs(Path(__file__).parents[4] / "packs", ("codered2",))


def test_it_says_what_in_which_order_how_to_undo_and_what_it_can_not() -> None:
    plan = make_plan(*codered2_actions(), quarantine("C:\\a\nb\u00e9"), delete_key("X"))
    old = write_readme(make_from_plan(plan, "iis5", PACKS)).decode("ascii")
    for text in (plan.digest, "clean.cmd /go", "undo.cmd", "Restart.", "MS01-033", "C:\\explorer.exe", "0xffffff9d",
                 "AccessFlags to 513", "C:\\a\\u000ab\\u00e9: its name on the host", "does not patch"):  # fmt: skip
        assert text in old
    assert old.count("\n") == old.count("\r\n")
    new = write_readme(make_from_plan(make_plan(delete_key("X"), edit_lines()), "iis7", PACKS)).decode("ascii")
    assert "clean.ps1 -Go" in new
    assert "change the lines 2" in new
    assert "if it has 2 keys and 3 values" in new


def test_without_steps_and_with_places_alone() -> None:
    assert "none" in write_readme(make_from_plan(make_plan(), "windows", ())).decode("ascii")
    packs = write_readme(make_from_packs(PACKS, "iis5")).decode("ascii")
    assert "its place alone says what it is" in packs
    assert "is the same as C:\\winnt\\system32\\cmd.exe" in packs
    assert read_words().cant
