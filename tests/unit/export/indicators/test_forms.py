from codered.export.indicators.forms import FORMS
from tests.fixtures.exported_packs import make_log, with_signs


def test_every_form_is_made_of_a_small_pack_and_is_its_own_name() -> None:
    pack = with_signs(make_log(pattern="(^| )/inert/mark$", literals=("/inert/mark",)))
    for name, form in FORMS.items():
        assert form.name == name
        assert form.title
        made = form.make((pack,))
        assert made == form.make((pack,))
        assert len({file.name for file in made.files}) == len(made.files)
        for file in made.files:
            assert not file.name.startswith("/")
            assert ".." not in file.name
            if not form.checked_with and file.name.endswith((".rules", ".yml", ".xml", ".conf")):
                assert b"NOT VALIDATED" in file.data


def test_the_scanners_and_packet_engines_are_there() -> None:
    assert {"yara", "clamav", "suricata", "snort", "nmap", "blocklists"} <= set(FORMS)
