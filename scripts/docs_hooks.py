"""What the site does with the pages of docs/ beyond MkDocs: links that leave docs/, pages from the repository's root,
and the pages of the words below "Command line".
"""

import os
import posixpath
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
BROUGHT: Mapping[str, str] = {
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "CHANGELOG.md": "changelog.md",
}
"""Pages of the repository's root that are pages of the site too: where they are there."""
_LINK = re.compile(
    r"(?P<code>^(?:```|~~~).*?^(?:```|~~~)[ ]*$|(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`))"
    r"|(?P<picture>!?)\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])*)\]\((?P<target>[^()\s]+)\)",
    re.MULTILINE | re.DOTALL,
)
_OUTSIDE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Each page of a word stands below "Command line", in the order of the alphabet."""
    _add_words(config.nav or [])
    return config


def _add_words(nav: object) -> None:
    for entry in nav if isinstance(nav, list) else []:
        for value in entry.values() if isinstance(entry, dict) else []:
            if value == ["reference/cli.md"]:
                found = sorted((ROOT / "docs" / "reference" / "cli").glob("*.md"))
                value += [{path.stem: f"reference/cli/{path.name}"} for path in found]
            _add_words(value)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Bring the pages of the root in."""
    for source, page in BROUGHT.items():
        if (ROOT / source).is_file():
            files.append(File.generated(config, page, content=(ROOT / source).read_text("utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, **_given: Any) -> str:
    """Each link as the site needs it. Raises PluginError for one that leads nowhere."""
    place = page.file.src_uri
    source = next((name for name, to in BROUGHT.items() if to == place), f"docs/{place}")
    try:
        return change_links(markdown, source, place)
    except ValueError as error:
        raise PluginError(str(error)) from None


def change_links(markdown: str, source: str, place: str) -> str:
    """The Markdown of the file `source` (below the repository) as that of the page `place` (below docs/).

    A link to a file of the repository that is no page is shown as its path. Raises ValueError if there is no such file.
    """
    return _LINK.sub(lambda found: _change(found, source, place), markdown)


def list_links(markdown: str) -> list[str]:
    """The targets of all links and pictures in a page that lead to another place of the repository or the page."""
    targets = (found["target"] for found in _LINK.finditer(markdown) if not found["code"])
    return [target for target in targets if not _OUTSIDE.match(target)]


def _change(found: re.Match[str], source: str, place: str) -> str:
    target = found["target"]
    if found["code"] or _OUTSIDE.match(target) or target.startswith("#"):
        return found[0]
    path, hash_sign, anchor = target.partition("#")
    full = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
    if full.startswith("../") or not os.path.lexists(ROOT / full):
        raise ValueError(f"{source}: links to {target}, which is not there")
    to = BROUGHT.get(full) or (full.removeprefix("docs/") if full.startswith("docs/") else "")
    if not to or (ROOT / full).is_dir():
        return f"{found['text']} (`{full}`)" if found["text"].strip("`") != full else f"`{full}`"
    near = posixpath.relpath(to, posixpath.dirname(place) or ".")
    return f"{found['picture']}[{found['text']}]({near}{hash_sign}{anchor})"
