from datetime import date

from codered.authoring.goodware import Nothing
from codered.authoring.orders import Choice, DraftOrder, Sample
from codered.authoring.parts import Part, make_sign
from codered.authoring.writing import dump_yaml, name_samples, write_pack, write_readme
from codered.packs.strict_yaml import parse_document

ORDER = DraftOrder(name="zork", sources=(), goodware=Nothing(), today=date(2026, 3, 9), title="Zork: a *worm*")


def test_yaml_is_strict_and_keeps_every_text() -> None:
    same = ["a: b", "#x", "tab\there", "'", "\x1b", "é"]
    written = dump_yaml({"one": same, "two": same})
    assert b"&" not in written
    assert parse_document(written, "x").value == {"one": same, "two": same}


def test_a_pack_names_version_reference_and_steps() -> None:
    part = Part(
        layer="content", sign=make_sign("body", "x", "likely", "high", rule="zork_body", scope="any", where=["files"])
    )
    behaviour = {"protocol": "tcp", "ports": [80], "references": ["samples"]}
    files = write_pack(ORDER, (part,), behaviour, "what was seen")
    pack = parse_document(files["pack.yaml"], "pack.yaml").value
    assert isinstance(pack, dict)
    assert pack["version"] == "2026.03.1"
    assert pack["references"] == [{"id": "samples", "title": "what was seen", "grade": "measured"}]
    assert pack["removal"] == {
        "steps": [
            {
                "action": "quarantine_file",
                "indicators": ["body"],
                "because": "they are the threat, kept out of reach as evidence",
            }
        ]
    }
    assert "containment" in pack
    assert "examples/clean/look-alikes.tree.yaml" in files


def test_the_page_for_people_shows_hostile_text_as_text() -> None:
    page = write_readme(ORDER, [Choice("strings", "<script>|`x`\n\x1b[2J", "why")]).decode()
    assert "| strings | `<script>\\|'x'??[2J` | why |" in page
    samples = [Sample("a", 1, "ab", b""), Sample("b", 2, "", b"")]
    assert name_samples(samples) == "ab, 2 bytes"
    assert name_samples(samples, 1) == "ab and 1 more"
