"""Where a host scan looks when nobody names a place: web roots, web logs, autostart, temporary and home folders."""

import os
import re
from importlib import resources

import msgspec

from codered.model.target import Place

WEB_ROOTS = "web roots"
_CONFIG_FOLDERS = (
    "/etc/apache2", "/etc/apache2/sites-enabled", "/etc/apache2/conf-enabled", "/etc/httpd/conf", "/etc/httpd/conf.d",
    "/etc/nginx", "/etc/nginx/sites-enabled", "/etc/nginx/conf.d", "/etc/lighttpd",
)  # fmt: skip
_DOCUMENT_ROOT = re.compile(
    r"""(?:^|[{;])[ \t]*(?:DocumentRoot|root|server\.document-root)[ \t=]+(?:"(/[^"\n]+)"|'(/[^'\n]+)'|(/[^"';\s]+))""",
    re.MULTILINE | re.IGNORECASE,
)
_MOST_CONFIG_BYTES = 1_000_000
_NEVER = ("/", "/etc", "/usr", "/var", "/proc", "/sys", "/dev")


def list_host_places() -> tuple[Place, ...]:
    """The places of this host that exist, by their real paths (a walk follows no link, also not at its start), document
    roots named in the web servers' configuration included.
    """
    configured = _find_document_roots()
    return tuple(Place(place.what, _real_paths(_with(place, configured))) for place in _read_places())


def list_usual_web_roots() -> tuple[str, ...]:
    """Where web roots usually lie on a Linux system, whether they are there or not."""
    return next(place.paths for place in _read_places() if place.what == WEB_ROOTS)


def _read_places() -> tuple[Place, ...]:
    text = resources.files("codered.targets").joinpath("host_places.json").read_bytes()
    return msgspec.json.decode(text, type=tuple[Place, ...])


def _with(place: Place, configured: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(place.paths + configured)) if place.what == WEB_ROOTS else place.paths


def _real_paths(paths: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(os.path.realpath(path) for path in paths if os.path.exists(path)))


def _find_document_roots() -> tuple[str, ...]:
    found: set[str] = set()
    for folder in _CONFIG_FOLDERS:
        for path in _files_in(folder):
            for match in _DOCUMENT_ROOT.finditer(_read_config(path)):
                found.add(os.path.realpath(match[1] or match[2] or match[3]))
    return tuple(sorted(path for path in found if path not in _NEVER))


def _files_in(folder: str) -> list[str]:
    try:
        return [entry.path for entry in os.scandir(folder) if entry.is_file()]
    except OSError:
        return []


def _read_config(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return file.read(_MOST_CONFIG_BYTES).decode(errors="replace")
    except OSError:
        return ""
