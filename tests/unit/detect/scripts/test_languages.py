import pytest

from codered.detect.scripts.languages import find_script


@pytest.mark.parametrize(
    ("data", "path", "language"),
    [
        (b"<?php die('inert');", "/x.txt", "php"),
        (b"GIF89a<?= 1 ?>", "/x.gif", "php"),
        (b"#!/usr/bin/perl\nexit;", "/x.cgi", "perl"),
        (b"<cfset x=1>", "/x.cfm", "cfm"),
        (b"plain words", "/x.php", None),
    ],
)
def test_content_decides(data: bytes, path: str, language: str | None) -> None:
    script = find_script(data, path)
    assert (script.language if script else None) == language
