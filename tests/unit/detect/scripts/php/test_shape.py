from codered.detect.scripts.facts import Script
from codered.detect.scripts.php.reading import read_facts

DEAD = "<?php die('inert example'); "


def find_facts(code: str) -> set[str]:
    return {fact.name for fact in read_facts(Script("php", DEAD + code))}


def test_the_whole_of_a_script() -> None:
    assert {"tiny", "short", "alone-in-file"} <= find_facts("echo 1;")
    assert "mostly-encoded" in find_facts("$a = '" + "QUJD" * 400 + "';")
    assert "does-file-work" in find_facts("opendir($_GET['d']); unlink($_GET['f']); readfile($_GET['r']);")
    assert "alone-in-file" not in find_facts("function f() {}")
