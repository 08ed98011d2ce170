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


def test_what_a_script_carries_and_how_much_it_can_do() -> None:
    assert "carries-shell" in find_facts(r"$q = '<? system(\$_GET[c]) ?>';")
    assert "loads-database-program" in find_facts("$q = 'create function f returns string soname \"x.so\"';")
    many = "opendir($d); unlink($f); chmod($f, 1); readfile($f); php_uname(); posix_getpwuid(1); exec($c);"
    assert "has-many-abilities" in find_facts(many)
    assert "has-many-abilities" not in find_facts("require 'frame.php'; " + many)
    assert "has-many-abilities" not in find_facts("opendir($d); unlink($f); readfile($f);")
