from codered.detect.scripts.facts import Script
from codered.detect.scripts.php.reading import read_facts

DEAD = "<?php die('inert example'); "


def find_facts(code: str) -> set[str]:
    return {fact.name for fact in read_facts(Script("php", DEAD + code))}


def test_what_a_visitor_sends_is_followed_to_where_it_is_run() -> None:
    assert "runs-request-code" in find_facts("$a = trim($_POST['x']); if ($b) { eval($a); }")
    assert "runs-request-command" in find_facts(
        "function f($c) { return shell_exec($c . ' 2>&1'); } echo f($_GET['c']);"
    )
    assert "runs-request-code" in find_facts(
        "class A { public $x; function s() { $this->x = $_GET['n']; } } $o = new A; $o->s(); assert($o->x);"
    )
    assert not find_facts("$a = intval($_GET['x']); echo htmlspecialchars($_GET['y']); system('uptime');") & {
        "runs-request-code",
        "runs-request-command",
        "mixes-request-into-command",
    }


def test_a_fact_carries_its_place_and_the_words_around() -> None:
    fact = next(
        fact for fact in read_facts(Script("php", DEAD + "eval($_GET['x']);")) if fact.name == "runs-request-code"
    )
    assert (fact.at, "eval($_GET" in fact.shown) == (len(DEAD), True)


def test_hostile_text_ends() -> None:
    for piece in ("(", "$a.", "/*", "{", "function f(){", '"{$', "new "):
        list(read_facts(Script("php", "<?php " + piece * (60_000 // len(piece)))))
