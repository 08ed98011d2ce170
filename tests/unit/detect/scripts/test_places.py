from codered.detect.scripts.places import find_place_facts


def test_places() -> None:
    assert set(find_place_facts("/www/images/a.php.jpg", b"GIF89a")) == {
        "lies-among-pictures",
        "named-as-picture",
        "starts-as-picture",
    }
    assert set(find_place_facts("C:\\www\\upload\\.x.php", b"")) == {"lies-among-uploads", "named-hidden"}
    assert not set(find_place_facts("/www/index.php", b"<?php"))


def test_what_quotes_scripts_is_no_script() -> None:
    for name in ("a.md", "a.yaml", "a.json", "a.sql", "access.log", "access.log.1", "a.csv", "a.yar", "a.ini"):
        assert "named-as-document" in set(find_place_facts(f"/www/{name}", b"")), name
    assert "named-as-document" in set(find_place_facts("/www/test.py", b"", "php"))
    assert "named-as-document" not in set(find_place_facts("/www/test.py", b"", "python"))
    assert set(find_place_facts("/www/a.txt", b"", "php")) == {"named-as-text"}
    assert not set(find_place_facts("/www/a.phtml", b"", "php"))
