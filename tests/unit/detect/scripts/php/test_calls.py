from codered.detect.scripts.facts import Script
from codered.detect.scripts.php.reading import read_facts

DEAD = "<?php die('inert example'); "


def find_facts(code: str) -> set[str]:
    return {fact.name for fact in read_facts(Script("php", DEAD + code))}


def test_calls_by_hidden_and_chosen_names() -> None:
    assert {"hides-name-of-execution", "runs-request-code"} <= find_facts("$f = 'as' . 'se' . 'rt'; $f($_POST['x']);")
    assert "calls-request-with-request" in find_facts("$_GET['f']($_GET['a']);")
    assert "runs-request-code" in find_facts("array_map('assert', array($_POST['x']));")
    assert "runs-request-command" in find_facts("$r = new ReflectionFunction('system'); $r->invoke($_GET['x']);")
    assert "runs-request-command" in find_facts("$c = function ($x) { system($x); }; $c($_REQUEST['a']);")


def test_an_ordinary_callback_is_nothing() -> None:
    assert find_facts("usort($list, 'compare'); array_map('trim', $_POST['list']);") <= {
        "tiny",
        "short",
        "alone-in-file",
    }


def test_no_function_of_php_is_replaced_outside_of_a_namespace() -> None:
    assert "runs-request-command" in find_facts("if(0){function system($x){return 1;}} system($_GET['c']);")
    assert "runs-request-command" in find_facts("class A{function system($x){}} $f='system'; $f($_GET['c']);")
    named = "namespace A; function system($x){return 1;} "
    assert "runs-request-command" not in find_facts(named + "system($_GET['c']);")
    assert "runs-request-command" in find_facts(named + "\\system($_GET['c']);")
    assert "runs-request-command" in find_facts("namespace A; if(0){function system($x){}} system($_GET['c']);")
    apart = "namespace A { function system($x){} } namespace { system($_GET['c']); }"
    assert "runs-request-command" in find_facts(apart)
