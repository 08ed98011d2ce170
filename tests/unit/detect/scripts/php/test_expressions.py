from codered.detect.scripts.facts import Script
from codered.detect.scripts.php.reading import read_facts

DEAD = "<?php die('inert example'); "


def find_facts(code: str) -> set[str]:
    return {fact.name for fact in read_facts(Script("php", DEAD + code))}


def test_operators_and_casts() -> None:
    assert "runs-request-code" in find_facts("eval(isset($_GET['a']) ? $_GET['a'] : 'x');")
    assert "runs-request-code" in find_facts("eval($_GET['a'] ?? '1;');")
    assert "runs-request-code" not in find_facts("eval((int) $_GET['a']);")
    assert "runs-request-command" in find_facts("echo `$_GET[c]`;")
    assert "hides-name-of-execution" in find_facts("$a = ('!' ^ '@') . 'ssert'; $a($_POST['x']);")


def test_answers_in_arguments() -> None:
    assert "runs-request-command" in find_facts("preg_match('/(.*)/', $_GET['x'], $m); system($m[1]);")


def test_a_text_made_letter_by_letter_is_hidden() -> None:
    loop = "for ($i = 0; $i < 9; $i++) {"
    made = f"function d($t) {{ $o = ''; {loop} $o .= chr(ord($t[$i]) - 1); }} return $o; }} eval(d($x));"
    assert "runs-hidden-code" in find_facts(made)
    changed = f"$t = base64_decode($t); {loop} $t[$i] = chr(ord($t[$i]) - 1); }} eval($t);"
    assert "runs-decoded-code" in find_facts(changed)
