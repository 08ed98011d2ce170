import json
import os
import subprocess
import sys
from pathlib import Path

from codered.detect.scripts.facts import Fact
from codered.detect.scripts.judging import weigh
from codered.model.finding import Confidence
from codered.model.indicators import ScriptIndicator


def sign(name: str, weight: int, confidence: Confidence = "confirmed", unless: tuple[str, ...] = ()) -> ScriptIndicator:
    return ScriptIndicator(
        id=name, because=f"{name} holds.", confidence=confidence, severity="high", references=("r",), when=(name,),
        weight=weight, unless=unless, languages=("php",),
    )  # fmt: skip


def test_weights_add_up_and_the_highest_confidence_caps_them() -> None:
    facts = {name: Fact(name) for name in ("a", "b", "c")}
    assert weigh("p", (sign("a", 40),), "php", facts) is None
    both = weigh("p", (sign("a", 60), sign("b", 140)), "php", facts)
    assert both
    assert (both.confidence, both.weight, both.holding[0].id) == ("confirmed", 200, "b")
    capped = weigh("p", (sign("a", 200, "likely"),), "php", facts)
    assert capped
    assert capped.confidence == "likely"
    assert weigh("p", (sign("a", 200, unless=("c",)),), "php", facts) is None
    assert weigh("p", (sign("a", 200),), "jsp", facts) is None


def test_a_text_for_people_is_at_most_suspicious() -> None:
    facts = {name: Fact(name) for name in ("a", "named-as-document")}
    found = weigh("p", (sign("a", 200),), "php", facts)
    assert found
    assert found.confidence == "suspicious"


def test_a_plain_text_is_at_most_likely() -> None:
    for confidence, told in (("confirmed", "likely"), ("suspicious", "suspicious")):
        found = weigh("p", (sign("a", 200, confidence),), "php", {name: Fact(name) for name in ("a", "named-as-text")})  # type: ignore[arg-type]
        assert found
        assert found.confidence == told


def test_scripts_in_pictures_and_databases_pass_the_gates_of_binary_files(tmp_path: Path) -> None:
    picture = b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1" + bytes(range(256)) * 20
    site = tmp_path / "site"
    site.mkdir()
    (site / "photo.jpg").write_bytes(picture + b"<?php die('inert example'); @eval($_POST['x']); ?>" + picture)
    (site / "called.jpg").write_bytes(picture + b"<?php die('inert example'); $_GET['f']($_POST['x']); ?>\0")
    (site / "page.jpg").write_bytes(picture + b'<% Response.End %><%eval request("inert")%>')
    (site / "plain.jpg").write_bytes(picture + b"<?php die('inert example'); echo 1; ?>")
    command = [sys.executable, "-m", "codered", "scan", str(site), "--packs", "webshell", "--no-cache", "--json"]
    state = {"CODERED_STATE": str(tmp_path / "state"), "CODERED_CACHE": str(tmp_path / "cache")}
    answer = subprocess.run(command, capture_output=True, env=os.environ | state, check=False, timeout=120)
    findings = json.loads(answer.stdout)["findings"]
    assert {Path(finding["subject"]["path"]).name: finding["confidence"] for finding in findings} == {
        "photo.jpg": "confirmed",
        "called.jpg": "confirmed",
        "page.jpg": "confirmed",
    }
