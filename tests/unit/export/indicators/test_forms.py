from collections.abc import Callable

from codered.export.indicators.forms import FORMS
from codered.model.countermeasures import Probe, ProbeAnswer
from codered.model.rule import ParsedPack
from tests.fixtures.exported_packs import make_log, make_sent, parse_pack
from tests.fixtures.small_packs import content_indicator, file_indicator, make_pack

KEPT = ("yara", "clamav", "suricata", "snort", "nmap")
"""The forms whose bytes are kept as golden files here."""

RULES = r"""
rule inert_body {
    meta:
        description = "made for a test"
    strings:
        $anchor_mark = "inert mark"
        $place = "\\inert\\place" nocase
        $shape = /inert [0-9]{2,4};/
    condition:
        any of ($anchor*) and 1 of ($place, $shape)
}
"""


def make_small() -> ParsedPack:
    signs = (
        make_log(pattern=r"(^| )/inert/mark\.php([? ]|$)", literals=("mark.php",), confidence="confirmed"),
        make_log("agent", pattern="^inert; mark$", part="agent", vector="probe"),
        make_log("error", pattern="inert", part="error"),
    )
    content = (
        content_indicator("body", rule="inert_body", scope="binary"),
        content_indicator("held", rule="inert_body", scope="any", where=("memory",)),
    )
    answers = (
        ProbeAnswer(says="exposed", because="it answers", status=("200",), body="inert"),
        ProbeAnswer(says="undetermined", because="it tells nothing"),
    )
    probe = Probe(id="p", protocol="http", ports=(80,), method="HEAD", path="/inert", answers=answers, references=())
    return parse_pack(
        make_pack("small", content=content, files=(file_indicator("hashed", sha256=("ab" * 32,)),), rules=RULES),
        logs=signs,
        traffic=(make_sent(pattern="^GET /inert/mark"),),
        probes=(probe,),
        cves=("CVE-2001-0500",),
    )


def test_every_form_is_made_of_a_small_pack_and_is_its_own_name() -> None:
    pack = make_small()
    for name, form in FORMS.items():
        assert form.name == name
        assert form.title
        made = form.make((pack,))
        assert made == form.make((pack,))
        assert made.files or name not in KEPT
        assert len({file.name for file in made.files}) == len(made.files)
        for file in made.files:
            assert not file.name.startswith("/")
            assert ".." not in file.name


def test_the_bytes_are_as_they_were(check_golden: Callable[[str, str], None]) -> None:
    for name in KEPT:
        for file in FORMS[name].make((make_small(),)).files:
            check_golden(f"exports/{name}/{file.name}", file.data.decode())
