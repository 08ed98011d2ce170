"""The man pages: one for each command, without a warning of the program that shows them."""

import subprocess
from pathlib import Path

import pytest

from scripts.command_pages import read_words
from scripts.man_pages import escape, render_man_page, write_man_pages


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    return write_man_pages(tmp_path_factory.mktemp("man"), "1.2.3", "2026-01-01", headquarters=True)


def test_every_command_has_one(pages: tuple[Path, ...], tmp_path: Path) -> None:
    assert {page.name for page in pages} == {f"{'-'.join(word.path)}.1" for word in read_words()}
    host = {page.name for page in write_man_pages(tmp_path, "1.2.3", "2026-01-01", headquarters=False)}
    assert {"codered.1", "codered-self-check.1", "codered-packs-list.1"} <= host
    assert not {"codered-serve.1", "codered-hosts.1", "codered-contain-host.1"} & host


def test_they_are_shown_without_a_warning(pages: tuple[Path, ...]) -> None:
    groff = ["groff", "-man", "-Tutf8", "-ww", "-k", "-z", *map(str, pages)]
    done = subprocess.run(groff, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_broken_page_gives_a_warning(tmp_path: Path) -> None:
    (tmp_path / "broken.1").write_text(".TH X 1\n.NOSUCH macro\n")
    groff = ["groff", "-man", "-Tutf8", "-ww", "-z", str(tmp_path / "broken.1")]
    assert "NOSUCH" in subprocess.run(groff, capture_output=True, text=True, check=False).stderr


def test_a_page_has_what_the_help_has() -> None:
    words = list(read_words())
    word = next(each for each in words if each.path == ("codered", "self-check"))
    page = render_man_page(word, words, "1.2.3", "2026-01-01")
    assert page.startswith('.TH CODERED\\-SELF\\-CHECK 1 2026-01-01 "codered 1.2.3"')
    assert "\n.B \\-\\-release FILE\n" in page
    assert "\n.BR codered (1)\n" in page


@pytest.mark.parametrize(
    ("text", "roff"),
    [
        (".hidden", "\\&.hidden"),
        ("'quoted'", "\\&\\(aqquoted\\(aq"),
        ("C:\\x --y", "C:\\ex \\-\\-y"),
        ("see `codered plan` …", "see codered plan ..."),
    ],
)
def test_text_is_never_a_request(text: str, roff: str) -> None:
    assert escape(text) == roff
