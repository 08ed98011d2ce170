import subprocess
from pathlib import Path

from codered.export.indicators.clamav import make_clamav
from codered.model.rule import ParsedPack
from tests.fixtures.exported_packs import parse_pack, write_export
from tests.fixtures.small_packs import content_indicator, file_indicator, make_pack

RULES = r"""
rule counted {
    strings:
        $anchor_a = "inert alpha"
        $b = "inert beta" nocase
        $c = "inert gamma" wide
        $r = /inert [de]{3,9};/
    condition:
        any of ($anchor*) and 2 of ($b, $c, $r) and filesize < 2KB
}
rule plain { strings: $a = "inert single mark" condition: $a }
rule page {
    strings:
        $head = "<html"
        $end = /inert end[^<]{0,40}<\/html>\s{0,4}$/
    condition:
        $head in (0..16) and $end
}
rule other { condition: filesize > 3 and math.in_range(1, 0, 2) }
rule whole { strings: $a = "inert whole" condition: $a and plain }
"""
PLAIN = "CodeRed.suspicious.small.plain"
SHA = "0e6f7e7c1ac8ea2dc4bb2a6ef9f0a0e3a5a5ac3e5d8d3d9b4c0d7d7d1a3a5b6c"


def make_packs() -> tuple[ParsedPack, ...]:
    content = (
        content_indicator("counted", rule="counted", scope="binary"),
        content_indicator("plain", rule="plain", scope="any", confidence="suspicious"),
        content_indicator("page", rule="page", scope="text", confidence="confirmed"),
        content_indicator("other", rule="other", scope="any"),
        content_indicator("whole", rule="whole", scope="any"),
        content_indicator("gone", rule="gone", scope="any"),
        content_indicator("held", rule="plain", scope="any", where=("memory",)),
    )
    files = (
        file_indicator("hashed", names=("x",), sha256=(SHA,)),
        file_indicator("sized", names=("x",), sha256=(SHA,), sizes=(7, 9)),
        file_indicator("twin", names=("x",), sha256=(SHA,), same_as=("/y",)),
        file_indicator("placed", names=("x",)),
    )
    return (parse_pack(make_pack("small", content=content, files=files, rules=RULES)),)


def scan(folder: Path, database: str, *more: str) -> dict[str, str]:
    samples = sorted(map(str, folder.glob("*.sample")))
    words = ["clamscan", "--no-summary", "-i", *more, "-d", str(folder / database), *samples]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in (0, 1), done.stderr
    found = (line.removesuffix(" FOUND").split(": ") for line in done.stdout.splitlines())
    return {Path(path).stem: name.removesuffix(".UNOFFICIAL") for path, name in found}


def test_clamav_finds_what_the_rules_say_and_nothing_else(tmp_path: Path) -> None:
    made = make_clamav(make_packs())
    write_export(made, tmp_path)
    samples = {
        "two": b"\0inert alpha INERT BETA inert deeed;",
        "wide": b"\0inert alpha inert ded;" + "inert gamma".encode("utf-16le"),
        "one": b"\0inert alpha INERT BETA", "text": b"inert alpha INERT BETA inert deeed;",
        "whole": b"inert whole, inert single mark", "half": b"inert whole",
        "large": b"\0inert alpha INERT BETA inert deeed;" + b"x" * 3000, "single": b"an inert single mark",
        "page": b"<html>x inert end</html>\n", "lesson": b"<html>inert end</html> and on",
        "late": b"x" * 40 + b"<html>inert end</html>",
    }  # fmt: skip
    for name, data in samples.items():
        (tmp_path / f"{name}.sample").write_bytes(data)
    likely = "CodeRed.likely.small.counted"
    whole = "CodeRed.likely.small.whole"
    assert scan(tmp_path, "codered.ldb") == {"two": likely, "wide": likely, "whole": whole}
    assert scan(tmp_path, "codered.ndb") == {"single": PLAIN, "whole": PLAIN}
    assert scan(tmp_path, "codered-pages.ldb", "--normalize=no") == {"page": "CodeRed.confirmed.small.page"}
    assert scan(tmp_path, "codered.hsb") == {}


def test_hashes_and_what_is_left_out(tmp_path: Path) -> None:
    made = make_clamav(make_packs())
    files = {file.name: file.data.decode() for file in made.files}
    assert set(files) == {"codered.ldb", "codered-pages.ldb", "codered.ndb", "codered.hsb"}
    hashes = [line for line in files["codered.hsb"].splitlines() if not line.startswith("#")]
    assert hashes == [f"{SHA}:*:CodeRed.likely.small.hashed:73",
                      f"{SHA}:7:CodeRed.likely.small.sized", f"{SHA}:9:CodeRed.likely.small.sized"]  # fmt: skip
    left = {one.sign: one.why for one in made.left_out}
    assert set(left) == {f"small/{name}" for name in ("other", "gone", "held", "twin", "placed")}
    assert left["small/other"] == "content: its condition has `math.in_range`"
    assert "memory" in left["small/held"]
    assert "--normalize=no" in files["codered-pages.ldb"]
    assert make_clamav(()).files == ()
