from codered.detect.scripts.facts import Script
from codered.detect.scripts.php.reading import read_facts

DEAD = "<?php die('inert example'); "


def find_facts(code: str) -> set[str]:
    return {fact.name for fact in read_facts(Script("php", DEAD + code))}


def test_items_properties_and_names_of_names() -> None:
    assert "runs-request-code" in find_facts("$i['w'] = 'assert'; $a[] = $i; $a[0]['w']($_POST['x']);")
    assert "runs-request-code" in find_facts("eval(${'_' . 'POST'}['x']);")
    assert "runs-request-code" in find_facts("$_POST['x'] = trim($_POST['x']); eval($_POST['x']);")
    assert "runs-request-code" in find_facts("eval($_SERVER['HTTP_ACCEPT']);")
    assert "runs-request-code" not in find_facts("eval($_SERVER['DOCUMENT_ROOT']);")


def test_a_template_of_the_site_is_not_what_a_visitor_sent() -> None:
    assert "runs-request-code" not in find_facts("$c = file_get_contents('t/x.tpl'); eval('?>' . $c);")
    made = "class T { function __construct($n) { $this->n = $n; } } $t = new T($_GET['t']); "
    read = "$t->code = file_get_contents('a.tpl'); eval('?>' . $t->code);"
    assert "runs-request-code" not in find_facts(made + read)
    assert "runs-request-code" in find_facts(made + "eval($t->n);")
    assert "runs-request-code" in find_facts(made + "$t->code = $_POST['c']; eval('?>' . $t->code);")
    other = "$o = json_decode($_POST['o']); $t->code = file_get_contents('a.tpl'); eval($o->code);"
    assert "runs-request-code" in find_facts(made + other)
    filled = "class T { function __construct($d) { foreach ($d as $k => $v) $this->$k = $v; } } $t = new T($_POST); "
    assert "runs-request-code" in find_facts(filled + "if (0) $t->c = ''; eval($t->c);")
