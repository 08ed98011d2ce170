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
