"""The console's own files: from where they are installed, under names with a hash."""

from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.test import Client

from codered_hq.console.statics import hash_file, make_hashed_name

NAME = "console/console.css"


def test_a_name_with_its_hash_is_kept_for_ever(client: Client) -> None:
    found = finders.find(NAME)
    assert isinstance(found, str)
    answer = client.get(static(NAME))
    assert static(NAME) == f"/static/{make_hashed_name(NAME, hash_file(found))}"
    assert (answer.status_code, answer.content) == (200, Path(found).read_bytes())
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Type"].startswith("text/css")
    assert not answer.streaming  # a server of many can't wait for its parts


def test_the_plain_name_is_asked_for_again(client: Client) -> None:
    answer = client.get(f"/static/{NAME}")
    assert answer.status_code == 200
    assert "immutable" not in answer.headers["Cache-Control"]
    again = client.get(f"/static/{NAME}", headers={"if-modified-since": answer.headers["Last-Modified"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.head(f"/static/{NAME}").content == b""


def test_a_part_of_it(client: Client) -> None:
    whole = client.get(f"/static/{NAME}").content
    answer = client.get(f"/static/{NAME}", headers={"range": "bytes=2-5"})
    assert (answer.status_code, answer.content) == (206, whole[2:6])


@pytest.mark.parametrize("path", ["/static/console/none.css", "/static/../console_settings.py", "/static/"])
@pytest.mark.django_db
def test_nothing_else_is_served(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_name_that_is_not_there() -> None:
    assert static("console/none.css") == "/static/console/none.css"
    assert make_hashed_name("a.b/c.min.js", "0123") == "a.b/c.min.0123.js"
