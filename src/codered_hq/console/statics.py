"""The console's own files (scripts, styles, pictures): served from where they are installed, under names that carry a
hash of what is in them, so that a browser keeps them for ever and never an old one.
"""

import hashlib
import os
import posixpath
from functools import lru_cache

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

SIGNS = 12


class HashedFiles(StaticFilesStorage):
    """Gives `console/console.css` the address /static/console/console.HASH.css; nothing is copied."""

    def url(self, name: str | None) -> str:
        """Where a browser gets it. One that is not there has the plain address, where nothing is."""
        found = finders.find(name or "")
        return super().url(make_hashed_name(str(name), hash_file(found)) if isinstance(found, str) else name)


def make_hashed_name(name: str, digest: str) -> str:
    """`a/b.css` and `0123` become `a/b.0123.css`."""
    stem, ending = posixpath.splitext(name)
    return f"{stem}.{digest}{ending}"


@lru_cache(maxsize=1024)
def hash_file(path: str) -> str:
    """The first signs of its SHA-256; read once, as the files are when the server starts. Raises OSError."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:SIGNS]


class Statics(WhiteNoiseMiddleware):  # type: ignore[misc]  # it has no types
    """WhiteNoise, which knows each file under its plain name, too: styles name pictures so."""

    def add_file_to_dictionary(self, url: str, path: str, stat_cache: dict[str, os.stat_result] | None = None) -> None:
        """Under both names."""
        super().add_file_to_dictionary(url, path, stat_cache=stat_cache)
        super().add_file_to_dictionary(make_hashed_name(url, hash_file(path)), path, stat_cache=stat_cache)

    def immutable_file_test(self, path: str, url: str) -> bool:
        """Whether the name carries the hash."""
        return f".{hash_file(path)}." in posixpath.basename(url)

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        """In one piece: these files are small, and a server of many at once can't wait for a file's parts."""
        found = static_file.get_response(request.method, request.META)
        content = b""
        if found.file is not None:
            with found.file as file:
                content = file.read()
        response = HttpResponse(content, status=int(found.status))
        del response.headers["Content-Type"]
        for name, value in found.headers:
            response.headers[name] = value
        return response
