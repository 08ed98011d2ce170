"""Facts from where a script lies and how its file is named."""

import re
from collections.abc import Iterator

_PICTURES = re.compile(r"/(?:images?|img|imgs|pics?|pictures?|photos?|icons?|avatars?|thumbs?|gallery)/")
_UPLOADS = re.compile(r"/(?:uploads?|uploaded|files?/upload|cache|tmp|temp|attachments?|userfiles|aspnet_client)/")
_NAMED = re.compile(r"\.(?:jpe?g|gif|png|bmp|ico|svg|webp|pdf|docx?|mp[34]|css|woff2?)(?:\.|;|$)")
_DOCUMENT = re.compile(r"\.(?:md|markdown|mdown|rst|adoc|asciidoc|tex|org|po|pot|eml|mbox|patch|diff)$")
_PICTURE_HEADS = (b"\xff\xd8\xff", b"GIF8", b"\x89PNG", b"BM", b"\0\0\1\0", b"%PDF")


def find_place_facts(path: str, data: bytes) -> Iterator[str]:
    """The facts of a system path (with `/` or `\\`) and of the first bytes."""
    lowered = path.lower().replace("\\", "/")
    name = lowered.rpartition("/")[2]
    if _PICTURES.search(lowered):
        yield "lies-among-pictures"
    if _UPLOADS.search(lowered):
        yield "lies-among-uploads"
    if _NAMED.search(name):
        yield "named-as-picture"
    if data.startswith(_PICTURE_HEADS):
        yield "starts-as-picture"
    if _DOCUMENT.search(name):
        yield "named-as-document"
    if name.startswith("."):
        yield "named-hidden"
