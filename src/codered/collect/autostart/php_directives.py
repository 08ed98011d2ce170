"""PHP settings as they stand in php.ini, in web servers' files and in drop-ins: what runs with every page."""

import re

from codered.collect.autostart.known_names import is_known, known_names

_SETTING = re.compile(
    r"(?:php_(?:admin_)?value[ \t\[]+)?[\"']?(auto_prepend_file|auto_append_file|allow_url_include)[\"']?\]?"
    r"[ \t]*(?:=|[ \t])[ \t]*[\"']?([^\"'\s;]*)",
    re.IGNORECASE,
)
_HANDLER = re.compile(
    r"(?:AddHandler|AddType|SetHandler|ForceType)[ \t]+[\"']?(?:application/x-httpd-(?:php|cgi)|php\d?-script|"
    r"x-httpd-php|cgi-script|application/x-httpd-lsphp|proxy:[^ \t\"']{0,80}php)[^ \t\"']{0,80}[\"']?(.*)",
    re.IGNORECASE,
)
_STREAMS = ("http:", "https:", "ftp:", "php:", "data:", "zip:", "phar:", "expect:", "\\\\")


def judge_setting(text: str) -> tuple[set[str], str]:
    """What a line sets: facts, and the file that is run with every page ("" = none)."""
    match = _SETTING.search(text)
    if match is None or not match[2] or match[2].lower() in ("none", "off", "0", "no", "false"):
        return set(), ""
    name, value = match[1].lower(), match[2]
    if name == "allow_url_include":
        return ({"php-includes-urls"}, "") if value.lower() in ("on", "1", "yes", "true") else (set(), "")
    facts = {"php-prepends"}
    base = value.rpartition("/")[2]
    if is_known("known-prepends", base.lower().encode(errors="replace")):
        facts.add("php-prepend-known")
    if value.lower().startswith(_STREAMS):
        return facts | {"php-prepend-odd"}, ""
    if is_image(base) or base.startswith(".") or is_temporary(value) or _lies_in_uploads(value):
        facts.add("php-prepend-odd")
    return facts, value if value.startswith("/") else ""


def judge_handler(text: str) -> set[str]:
    """What a line makes into a program: files with the endings of images and documents."""
    match = _HANDLER.search(text)
    if match is None:
        return set()
    facts = {"php-handler"}
    endings = [word.strip("\"'>").lstrip(".").lower() for word in match[1].split()]
    if any(is_known("image-endings", ending.encode(errors="replace")) for ending in endings):
        facts.add("php-handler-on-images")
    return facts


def is_image(name: str) -> bool:
    """Whether a file of this name is an image or document and no program."""
    return is_known("image-endings", name.rpartition(".")[2].lower().encode(errors="replace")) and "." in name


def is_temporary(path: str) -> bool:
    """Whether it lies where everybody may write."""
    return (
        path.lstrip("/")
        .encode(errors="replace")
        .startswith(tuple(place + b"/" for place in known_names("temporary-folders")))
    )


def _lies_in_uploads(path: str) -> bool:
    return any(is_known("upload-folders", part.encode(errors="replace")) for part in path.lower().split("/")[:-1])
