from codered.detect.scripts.facts import Script
from codered.detect.scripts.php.program import Program
from codered.detect.scripts.php.reading import LONG, list_places_that_matter, read_facts
from codered.detect.scripts.php.tokens import tokenize

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


def test_of_a_long_script_what_matters_is_read() -> None:
    library = "".join(f"function f{number}($a) {{ return $a + {number}; }} " for number in range(LONG // 10))
    assert "runs-request-command" in find_facts(library + "class A { function g() { system($_GET['c']); } }")
    assert "runs-request-code" in find_facts(library + "function h($x) { eval($x); } h($_POST['c']);")
    assert not find_facts(library) - {"alone-in-file"}
    program = Program(tokenize("<?php a(1); $b(2); $c['d'](3); `e`; \"{$_GET['f']}\"; system('g');"))
    told = [program.tokens[index].text for index in list_places_that_matter(program)]
    assert told == ["$b", "]", "`e`", "\"{$_GET['f']}\"", "system"]


def test_objects_that_can_be_called_and_shared_variables() -> None:
    assert "runs-request-code" in find_facts(
        "class C { function __invoke($p) { eval($p . ''); } } call_user_func(new C(), $_POST['x']);"
    )
    assert "runs-request-code" in find_facts("function s() { global $v; $v = $_POST['x']; } s(); assert($v);")
    assert "runs-computed-code" in find_facts("function d($t) { return unknown($t); } eval(d('abc'));")
    assert "runs-computed-code" not in find_facts("assert($a instanceof B); eval('1;');")
