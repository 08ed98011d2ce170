from codered.detect.scripts.facts import Script
from codered.detect.scripts.php.reading import read_facts

DEAD = "<?php die('inert example'); "


def find_facts(code: str) -> set[str]:
    return {fact.name for fact in read_facts(Script("php", DEAD + code))}


def test_loops_and_branches() -> None:
    assert "runs-request-code" in find_facts(
        "foreach (array('_GET', '_POST') as $n) foreach ($$n as $k => $v) $$k = $v; eval($v);"
    )
    assert "runs-request-command" in find_facts("$c = 'ls'; if (isset($_GET['c'])) $c = $_GET['c']; system($c);")
    assert "hides-name-of-execution" in find_facts("foreach (array('sys', 'tem') as $p) { $f .= $p; } $f('id');")


def test_a_method_behind_static_is_not_read_where_it_stands() -> None:
    assert "runs-unset-value" not in find_facts("class A { public static function exec($cmd) { exec($cmd); } }")
