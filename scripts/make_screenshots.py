"""Writes docs/images/console/*.png: the console of the demonstration as its incident commander sees it. The pictures
are taken by a real browser of pages that are really served; names and numbers in them are invented.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.fixtures.browsers import ARGUMENTS, CHROMIUM, NARROW, Visit, visit
from tests.fixtures.served_consoles import ServedConsole, run_child, serve_console

FOLDER: Final = Path(__file__).resolve().parent.parent / "docs" / "images" / "console"
SIZE: Final = (1280, 860)
HIGHEST, COLOURS, LIMIT = 1500, 96, 150_000
"""Of one picture: its height, its colours, its bytes."""
PAGES: Final = {
    "subnets": "/subnets/", "subnet": "/subnets/#", "hosts": "/hosts/", "host": "/hosts/?state=infected#",
    "hosts-infected": "/hosts/?state=infected", "findings": "/findings/", "finding": "/findings/#",
    "containments": "/containments/",
    "runs": "/runs/", "incident": "/incident/", "roster": "/roster/", "tasks": "/tasks/", "task": "/tasks/#",
    "approvals": "/approvals/", "approval": "/approvals/#", "timeline": "/timeline/", "messages": "/messages/",
    "message": "/messages/#", "rumours": "/rumours/", "lessons": "/lessons/", "reports": "/reports/",
    "rules": "/rules/", "what-if": "/rules/what-if/", "evidence": "/evidence/", "ledger": "/ledger/",
    "packs": "/packs/", "pack": "/packs/codered2/", "drills": "/drills/", "drill": "/drills/#", "admin": "/admin/",
    "accounts": "/admin/accounts/", "programs": "/admin/programs/", "account": "/account/", "war": "/",
}  # fmt: skip
"""By the picture's name, the page; # at its end: the first page that is listed there."""
_INVITE: Final = """
import sys
from codered_hq.cli.entering import enter_headquarters
enter_headquarters("codered_hq.console_settings")
from django.conf import settings
from django.test import Client
from codered_hq.incidents.people import find_person
from tests.fixtures.console_desk import sign_in
settings.ALLOWED_HOSTS.append("testserver")
client = Client()
sign_in(client, find_person(sys.argv[1]), True)
print(client.cookies[settings.SESSION_COOKIE_NAME].value)
"""
_FIRST: Final = "kind => [...document.querySelectorAll('main a[href]')].map(link => link.pathname).find("
_FIRST_OF: Final = _FIRST + "path => path.startsWith(kind) && /^[\\w-]+\\/$/.test(path.slice(kind.length)) && "
_OWN_PAGE: Final = _FIRST_OF + "!/^(part|new|next|export|declare|what-if)\\//.test(path.slice(kind.length)))"


def main(words: list[str]) -> int:
    """Take those whose names are given, all if none is. 1 if a picture became too large."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as top, _serve(Path(top)) as served, sync_playwright() as playwright:
        cookie = run_child(served.environment, "-c", _INVITE, "Cora")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        taken = [_reduce(path) for path in _take_all(browser, served, cookie, words)]
        browser.close()
    large = [path.name for path in taken if path.stat().st_size > LIMIT]
    print(f"{len(taken)} pictures, {sum(path.stat().st_size for path in taken):,} bytes; too large: {large or 'none'}")
    return 1 if large else 0


@contextmanager
def _serve(top: Path) -> Iterator[ServedConsole]:
    with serve_console(top, "--demo") as served:
        yield served


def _take_all(browser: Browser, served: ServedConsole, cookie: str, words: list[str]) -> Iterator[Path]:
    with visit(browser, served, cookie, SIZE) as seen:
        for name, path in PAGES.items():
            if not words or name in words:
                yield _take(seen, path, name)
    if not words or "war-dark" in words:
        with visit(browser, served, cookie, SIZE, color_scheme="dark") as seen:
            yield _take(seen, "/", "war-dark")
    for name in ("war", "host", "approvals"):
        if not words or f"{name}-narrow" in words:
            with visit(browser, served, cookie, NARROW, is_mobile=True, has_touch=True) as seen:
                yield _take(seen, PAGES[name], f"{name}-narrow")
    if not words or "war-printed" in words:
        with visit(browser, served, cookie, SIZE) as seen:
            yield _print(seen, "war-printed")
    with visit(browser, served, size=SIZE) as seen:
        doors = {"login": "/account/login/", "first-account": served.link.removeprefix(served.address)}
        for name, path in doors.items():
            if not words or name in words:
                yield _take(seen, path, name)


def _take(seen: Visit, path: str, name: str) -> Path:
    """The page from its top, as high as it is, up to HIGHEST."""
    asked, marked, _ = path.partition("#")
    seen.go(asked)
    if marked:
        kind = asked.split("?")[0]
        found = seen.page.evaluate(_OWN_PAGE, kind)
        if not found:
            raise SystemExit(f"{name}: {asked} lists no page of its own")
        seen.go(found)
    file = FOLDER / f"{name}.png"
    seen.page.screenshot(path=file, full_page=True, animations="disabled")
    seen.check_quiet()
    return file


def _print(seen: Visit, name: str) -> Path:
    """The first sheet of the war room on paper."""
    seen.go("/")
    file = FOLDER / name
    paper = file.with_suffix(".pdf")
    seen.page.pdf(
        path=paper,
        format="A4",
        print_background=False,
        margin={"top": "12mm", "bottom": "12mm", "left": "12mm", "right": "12mm"},
    )
    pdftoppm = shutil.which("pdftoppm")
    if pdftoppm is None:
        raise SystemExit("pdftoppm is not there (Debian: poppler-utils)")
    subprocess.run(  # noqa: S603 - our own file
        [pdftoppm, "-png", "-r", "80", "-singlefile", "-f", "1", str(paper), str(file)], check=True
    )
    paper.unlink()
    return file.with_suffix(".png")


def _reduce(file: Path) -> Path:
    """To few colours: it stays readable, and the repository small."""
    with Image.open(file) as picture:
        cut = picture.convert("RGB").crop((0, 0, picture.width, min(picture.height, HIGHEST)))
        few = cut.quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(file, optimize=True)
    return file


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
