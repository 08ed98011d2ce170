"""Links between the texts of the repository, as they work where it is read without a site: files and anchors."""

import re
from functools import cache
from pathlib import Path

import pytest

from scripts.docs_hooks import list_links
from tests.architecture.source_tree import ROOT, demand_none

TEXTS = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("packs/**/*.md"), *ROOT.glob("benchmarks/**/*.md")]
)
_FENCED = re.compile(r"^(?:```|~~~).*?^(?:```|~~~)[ ]*$", re.MULTILINE | re.DOTALL)


def name_anchor(heading: str) -> str:
    """What a heading is called in an address: letters, digits, `-` and `_` of it, in small letters, blanks as `-`."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


@cache
def list_anchors(path: Path) -> frozenset[str]:
    """Where one can go in a page; a heading that is there again gets a number."""
    anchors: set[str] = set()
    for heading in re.findall(r"^#{1,6} (.*?)[ #]*$", _FENCED.sub("", path.read_text("utf-8")), re.MULTILINE):
        name = wanted = name_anchor(heading)
        again = 0
        while name in anchors:
            again += 1
            name = f"{wanted}-{again}"
        anchors.add(name)
    return frozenset(anchors)


def find_broken(path: Path, text: str) -> list[str]:
    """Links of a page (its text given) that lead nowhere, or out of the repository."""
    broken = []
    for target in list_links(text):
        file, _, anchor = target.partition("#")
        to = (path.parent / file).resolve() if file else path
        if not to.exists() or not to.is_relative_to(ROOT):
            broken.append(f"{path.relative_to(ROOT)}: {target}: no such file")
        elif anchor and anchor not in list_anchors(to):
            broken.append(f"{path.relative_to(ROOT)}: {target}: no such heading")
    return broken


def test_every_link_leads_somewhere() -> None:
    assert len(TEXTS) > 60
    demand_none(line for path in TEXTS for line in find_broken(path, path.read_text("utf-8")))


@pytest.mark.parametrize("target", ["no-such.md", "../../outside.md", "api.md#no-such-heading", "#no-such-heading"])
def test_a_link_that_leads_nowhere_is_seen(target: str) -> None:
    page = ROOT / "docs" / "architecture.md"
    assert len(find_broken(page, f"see [it]({target}) and `[code]({target})`\n")) == 1
    assert find_broken(page, "see [it](api.md) [there](#rooms) [outside](https://example.org/x)\n") == []


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("Headquarters: `src/codered_hq/` (extra `hq`)", "headquarters-srccodered_hq-extra-hq"),
        ("A [link](x.md) – and more", "a-link--and-more"),
    ],
)
def test_anchors_are_named_as_they_are_shown(heading: str, anchor: str) -> None:
    assert name_anchor(heading) == anchor
