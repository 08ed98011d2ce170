from codered.detect.scripts.facts import Script
from codered.detect.scripts.php.reading import read_facts

DEAD = "<?php die('inert example'); "
SENT = "$a = ['a', 'b']; $f = $_GET['f']; "
CALL = "$f($_GET['x']);"
GUARD = "if (!in_array($f, $a, true)) exit; "
CHOSEN = "calls-request-with-request"


def find_facts(code: str) -> set[str]:
    return {fact.name for fact in read_facts(Script("php", DEAD + code))}


def test_one_of_fixed_names_is_not_what_a_visitor_sent() -> None:
    for code in (
        GUARD + CALL,
        "if (!in_array($f, ['a', 'b'])) { echo 'no'; die('no'); } " + CALL,
        "if (in_array($f, $a)) { " + CALL + " }",
        "if (1) { " + GUARD + CALL + " }",
        "$m = ['a' => 1]; if (!array_key_exists($f, $m)) { exit; } " + CALL,
    ):
        assert CHOSEN not in find_facts(SENT + code), code
    assert "runs-request-name" not in find_facts(SENT + GUARD + "$f();")
    looked_up = find_facts("$m = ['a' => 'one', 'b' => 'two']; $m[$_GET['k']]($_GET['x']); eval($m[$_GET['k']]);")
    assert not looked_up & {CHOSEN, "runs-request-name", "runs-request-code"}
    chosen = "$m = ['a' => 'system', 'b' => 'strlen']; $m[$_GET['k']]($_GET['x']);"
    assert "runs-request-command" in find_facts(chosen)


def test_a_check_that_checks_nothing_is_not_trusted() -> None:
    for code in (
        CALL + GUARD,
        "if (0) { " + GUARD + " } " + CALL,
        "if (0) " + GUARD + CALL,
        "if (1) {} else " + GUARD + CALL,
        "if (0): echo 1; " + GUARD + "endif; " + CALL,
        "goto x; " + GUARD + "x: " + CALL,
        "if (!in_array($f, $a, true)) { if (0) exit; } " + CALL,
        "if (in_array($f, $a)) exit; " + CALL,
        "if (!in_array($f, [0])) exit; " + CALL,
        "if (!in_array($f, ['system'])) exit; " + CALL,
        "$a[] = $_GET['g']; " + GUARD + CALL,
        "array_push($a, $_GET['g']); " + GUARD + CALL,
        GUARD + "$f = $_GET['g']; " + CALL,
        "if (in_array($f, $a)) { } " + CALL,
    ):
        assert CHOSEN in find_facts(SENT + code), code


def test_a_plain_word_is_no_code_but_may_name_a_function() -> None:
    word = "$f = $_GET['f']; if (!preg_match('/^[a-z0-9_]+$/i', $f)) exit; "
    assert "runs-request-command" not in find_facts(word + 'system("convert $f.png");')
    assert "mixes-request-into-command" not in find_facts(word + 'system("convert $f.png");')
    assert "includes-request-file" not in find_facts(word + "include $f . '.php';")
    assert CHOSEN in find_facts(word + CALL)
    assert "runs-request-code" in find_facts(word + "eval(hex2bin($f));")
    loose = "$f = $_GET['f']; if (!preg_match('/[a-z]+/', $f)) exit; "
    assert "mixes-request-into-command" in find_facts(loose + 'system("convert $f.png");')
