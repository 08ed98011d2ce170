from codered.export.indicators.exported import list_header
from tests.fixtures.exported_packs import make_log, with_signs


def test_every_export_says_what_it_is_made_of_and_how_far_it_was_checked() -> None:
    pack = with_signs(make_log())
    made, checked = list_header("YARA", "YARA 4", (pack, pack))
    assert made == "YARA, made by codered packs export. Packs: inert 2026.11.1, inert 2026.11.1"
    assert checked == "Loaded and tried with YARA 4 in this project's tests."
    assert list_header("Snort", "", ())[1].startswith("NOT VALIDATED by a real engine")
