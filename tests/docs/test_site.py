"""The site: what it does with links, that a broken one fails the build, and that its pages ask nobody for anything.

The whole site is built by `./test docs` (scripts/make-docs); here a small one, by the same configuration and hooks.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.docs_hooks import change_links, list_links
from tests.architecture.source_tree import ROOT

INDEX = "# A front page\n\n[one](one.md#two-words) and [the licence](../LICENSE), [contributing](../CONTRIBUTING.md).\n"
ONE = "# One\n\n## Two words\n\n```sh\n# [no](link.md)\ntrue\n```\n"
NAV = "nav:\n  - Home: index.md\n  - One: one.md\n  - Contributing: contributing.md\n"


def lay_out(folder: Path, index: str, one: str = ONE) -> Path:
    """A repository with two pages, and the site's own configuration, hooks and style."""
    for name in ("docs/stylesheets", "scripts"):
        (folder / name).mkdir(parents=True)
    shutil.copy(ROOT / "scripts/docs_hooks.py", folder / "scripts")
    shutil.copy(ROOT / "docs/stylesheets/site.css", folder / "docs/stylesheets")
    text, found, _ = (ROOT / "mkdocs.yml").read_text("utf-8").partition("nav:\n")
    assert found
    (folder / "mkdocs.yml").write_text(text.replace("not_in_nav: |\n  /decisions/0*.md\n", "") + NAV)
    (folder / "LICENSE").write_text("Apache")
    (folder / "CONTRIBUTING.md").write_text("# Contributing\n\n[home](docs/index.md)\n")
    (folder / "docs/index.md").write_text(index)
    (folder / "docs/one.md").write_text(one)
    return folder


def build(folder: Path) -> subprocess.CompletedProcess[str]:
    """As scripts/make-docs does it."""
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict"],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(folder), "NO_MKDOCS_2_WARNING": "1", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_site_is_built_whose_pages_ask_nobody_for_anything(tmp_path: Path) -> None:
    built = build(lay_out(tmp_path, INDEX))
    assert built.returncode == 0, built.stdout + built.stderr
    site = tmp_path / "dist" / "site"
    index = (site / "index.html").read_text("utf-8")
    assert 'href="one.html#two-words"' in index
    assert "the licence (<code>LICENSE</code>)" in index
    assert 'href="contributing.html"' in index
    assert 'href="index.html"' in (site / "contributing.html").read_text("utf-8")
    asked = [
        (page.name, address)
        for page in site.rglob("*.html")
        for address in re.findall(
            r"<(?:script|img|iframe|link|source|video)\b[^>]*?(?:src|href)=\"?([a-z]+:)?//", page.read_text("utf-8")
        )
    ]
    assert asked == []
    assert not re.findall(r"url\((?:[a-z]+:)?//", (site / "stylesheets" / "site.css").read_text("utf-8"))


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ("[x](no-such.md)", "docs/index.md: links to no-such.md, which is not there"),
        ("[x](one.md#no-such)", "no-such"),
        ("[x](../no-such.txt)", "docs/index.md: links to ../no-such.txt, which is not there"),
    ],
)
def test_a_broken_link_fails_the_build(tmp_path: Path, link: str, said: str) -> None:
    built = build(lay_out(tmp_path, f"# Home\n\n{link}\n"))
    assert built.returncode != 0
    assert said in built.stdout + built.stderr


def test_a_page_that_the_contents_do_not_name_fails_the_build(tmp_path: Path) -> None:
    (lay_out(tmp_path, INDEX) / "docs" / "lost.md").write_text("# Lost\n")
    built = build(tmp_path)
    assert built.returncode != 0
    assert "lost.md" in built.stdout + built.stderr


@pytest.mark.parametrize(
    ("source", "place", "before", "after"),
    [
        ("docs/api.md", "api.md", "[a](console.md#x)", "[a](console.md#x)"),
        ("docs/api.md", "api.md", "[the front page](../README.md)", "the front page (`README.md`)"),
        ("docs/api.md", "api.md", "[`packs/`](../packs)", "`packs/` (`packs`)"),
        ("docs/api.md", "api.md", "[changes](../CHANGELOG.md)", "[changes](changelog.md)"),
        ("docs/reference/cli.md", "reference/cli.md", "[c](../../CHANGELOG.md)", "[c](../changelog.md)"),
        ("CHANGELOG.md", "changelog.md", "[a](docs/api.md)", "[a](api.md)"),
        ("CHANGELOG.md", "changelog.md", "![war](docs/images/console/war.png)", "![war](images/console/war.png)"),
        (
            "docs/api.md",
            "api.md",
            "`[a](no.md)` [out](https://example.org/)",
            "`[a](no.md)` [out](https://example.org/)",
        ),
        ("docs/api.md", "api.md", "```\n[a](no.md)\n```\n", "```\n[a](no.md)\n```\n"),
    ],
)
def test_links_of_a_page(source: str, place: str, before: str, after: str) -> None:
    assert change_links(before, source, place) == after


def test_a_link_out_of_the_repository_is_none() -> None:
    with pytest.raises(ValueError, match="not there"):
        change_links("[x](../../etc/passwd)", "docs/api.md", "api.md")


def test_links_in_code_are_none() -> None:
    assert list_links("[a](b.md) `[c](d.md)` ![e](f.png) [g](mailto:x) [h](#i)") == ["b.md", "f.png", "#i"]
