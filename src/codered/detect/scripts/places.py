"""Facts from where a script lies and how its file is named."""

import re
from collections.abc import Iterator

_PICTURES = re.compile(r"/(?:images?|img|imgs|pics?|pictures?|photos?|icons?|avatars?|thumbs?|gallery)/")
_UPLOADS = re.compile(r"/(?:uploads?|uploaded|files?/upload|cache|tmp|temp|attachments?|userfiles|aspnet_client)/")
_NAMED = re.compile(r"\.(?:jpe?g|gif|png|bmp|ico|svg|webp|pdf|docx?|mp[34]|css|woff2?)(?:\.|;|$)")
_DOCUMENT = re.compile(
    r"\.(?:md|markdown|mdown|rst|adoc|asciidoc|tex|org|po|pot|eml|mbox|patch|diff"
    r"|ya?ml|json|sql|log(?:\.\d{1,3})?|csv|ipynb|toml|ini|cfg|rules|yar|yara|sig|ldb)$"
)
_TEXT = re.compile(r"\.(?:txt|text)$")
_PROGRAM = re.compile(r"\.(?:py|rb|go|rs|java|js|mjs|ts|c|h|cc|cpp|hpp|cs|sh|pl|pm)$")
_PAGES = ("php", "asp", "aspx", "jsp")  # languages that a server does not run in files named as other programs
_PICTURE_HEADS = (b"\xff\xd8\xff", b"GIF8", b"\x89PNG", b"BM", b"\0\0\1\0", b"%PDF")


def find_place_facts(path: str, data: bytes, language: str = "") -> Iterator[str]:
    """The facts of a system path (with `/` or `\\`), of the first bytes, and of a script in this language there."""
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
    if _DOCUMENT.search(name) or (language in _PAGES and _PROGRAM.search(name)):
        yield "named-as-document"
    if _TEXT.search(name):
        yield "named-as-text"
    if name.startswith("."):
        yield "named-hidden"
