"""Comparing versions by the rules of who gave them: Debian, rpm, npm, and the dotted ones of Windows, PHP and Java.

Pure functions over text that may be hostile: time is linear, digits are compared as text, so no number is too long.
"""

import re
from itertools import zip_longest
from typing import Literal, TypeVar

Scheme = Literal["dpkg", "rpm", "semver", "loose", "dotted"]

MOST_CHARACTERS = 128
# Word of a pre-release or a later patch -> where it stands; 0 is the release itself.
_WORDS = {
    "dev": -6, "alpha": -5, "a": -5, "beta": -4, "b": -4, "milestone": -3, "m": -3, "rc": -2, "cr": -2, "c": -2,
    "pre": -2, "preview": -2, "snapshot": -1, "": 0, "final": 0, "ga": 0, "release": 0, "stable": 0, "sp": 1,
    "patch": 1, "pl": 1, "p": 1, "post": 1,
}  # fmt: skip
_UNKNOWN_WORD = -1
_LOOSE_PART = re.compile(r"[0-9]+|[a-z]+")
_RPM_PART = re.compile(r"[0-9]+|[A-Za-z]+|~|\^")
_DEBIAN_PART = re.compile(r"([^0-9]*)([0-9]*)")


def compare_versions(scheme: Scheme, one: str, other: str) -> int:
    """-1, 0 or 1. Any text has its place in the order; what is longer than 128 characters is compared by those."""
    return _COMPARE[scheme](one[:MOST_CHARACTERS].strip(), other[:MOST_CHARACTERS].strip())


def compare_debian(one: str, other: str) -> int:
    """By Debian policy 5.6.12: epoch, upstream version, revision; `~` sorts before the end."""
    for mine, yours in zip(_split_debian(one), _split_debian(other), strict=True):
        if order := _compare_debian_part(mine, yours):
            return order
    return 0


def compare_rpm(one: str, other: str) -> int:
    """As rpm does: epoch, version, release; `~` sorts before the end, `^` behind it."""
    for mine, yours in zip(_split_rpm(one), _split_rpm(other), strict=True):
        if order := _compare_rpm_part(mine, yours):
            return order
    return 0


def compare_semver(one: str, other: str) -> int:
    """By semver.org 2.0.0, item 11; what is behind `+` does not count."""
    (mine, before), (yours, after) = _split_semver(one), _split_semver(other)
    if order := _compare_lists(mine, yours, "0"):
        return order
    if bool(before) != bool(after):
        return -1 if before else 1
    return _compare_identifiers(before, after)


def compare_loose(one: str, other: str) -> int:
    """As PHP, Composer and Maven mean it: numbers, and words such as beta or RC before the release, p or sp behind."""
    for mine, yours in zip_longest(_split_loose(one), _split_loose(other)):
        if order := _compare_loose_part(mine, yours):
            return order
    return 0


def compare_dotted(one: str, other: str) -> int:
    """Numbers joined by dots (`5.0.2195.3645`); a missing one is 0."""
    return _compare_lists(re.findall("[0-9]+", one), re.findall("[0-9]+", other), "0")


_Sorted = TypeVar("_Sorted", int, str, tuple[int, str])


def _sign(one: _Sorted, other: _Sorted) -> int:
    return (one > other) - (one < other)


def _compare_numbers(one: str, other: str) -> int:
    mine, yours = one.lstrip("0"), other.lstrip("0")
    return _sign((len(mine), mine), (len(yours), yours))


def _compare_lists(one: list[str], other: list[str], filler: str) -> int:
    for mine, yours in zip_longest(one, other, fillvalue=filler):
        if order := _compare_numbers(mine, yours):
            return order
    return 0


def _split_debian(text: str) -> tuple[str, str, str]:
    epoch, colon, rest = text.partition(":")
    if not colon or not (epoch.isascii() and epoch.isdigit()):
        epoch, rest = "0", text
    upstream, dash, revision = rest.rpartition("-")
    return (epoch, upstream, revision) if dash else (epoch, rest, "0")


def _weigh(character: str) -> int:
    if character == "~":
        return -1
    is_letter = character.isascii() and character.isalpha()
    return ord(character) if is_letter else ord(character) + 256


def _compare_debian_part(one: str, other: str) -> int:
    mine, yours = _DEBIAN_PART.findall(one), _DEBIAN_PART.findall(other)
    for (word, number), (word2, number2) in zip_longest(mine, yours, fillvalue=("", "")):
        weights = zip_longest(map(_weigh, word), map(_weigh, word2), fillvalue=0)
        if order := next((_sign(a, b) for a, b in weights if a != b), 0):
            return order
        if order := _compare_numbers(number, number2):
            return order
    return 0


def _split_rpm(text: str) -> tuple[str, str, str]:
    epoch, colon, rest = text.partition(":")
    if not colon or not (epoch.isascii() and epoch.isdigit()):
        epoch, rest = "0", text.removeprefix(":") if colon and not epoch else text
    version, dash, release = rest.rpartition("-")
    return (epoch, version, release) if dash else (epoch, rest, "")


def _compare_rpm_part(one: str, other: str) -> int:
    for mine, yours in zip_longest(_RPM_PART.findall(one), _RPM_PART.findall(other)):
        if mine == yours:
            continue
        if "~" in (mine, yours):
            return -1 if mine == "~" else 1
        if mine is None or yours is None:  # what goes on is newer; `^` too, but older than anything else that goes on
            return -1 if mine is None else 1
        if "^" in (mine, yours):
            return -1 if mine == "^" else 1
        if mine[0].isdigit() != yours[0].isdigit():
            return 1 if mine[0].isdigit() else -1
        if order := _compare_numbers(mine, yours) if mine[0].isdigit() else _sign(mine, yours):
            return order
    return 0


def _split_semver(text: str) -> tuple[list[str], list[str]]:
    core, _, before = text.lstrip("vV=").partition("+")[0].partition("-")
    return re.findall("[0-9]+", core), before.split(".") if before else []


def _compare_identifiers(one: list[str], other: list[str]) -> int:
    for mine, yours in zip_longest(one, other):
        if mine is None or yours is None:
            return -1 if mine is None else 1
        numeric = [part.isascii() and part.isdigit() for part in (mine, yours)]
        if numeric[0] != numeric[1]:
            return -1 if numeric[0] else 1
        if order := _compare_numbers(mine, yours) if numeric[0] else _sign(mine, yours):
            return order
    return 0


def _split_loose(text: str) -> list[str]:
    """Zeros before a word or the end say nothing, nor does a word for the release: 1.0.0, 1 and 1.Final are one."""
    parts: list[str] = []
    for part in (*_LOOSE_PART.findall(text.lower().lstrip("v").partition("+")[0]), ""):
        if not part.isdigit():
            while parts and parts[-1].isdigit() and not parts[-1].strip("0"):
                parts.pop()
        if part and _WORDS.get(part) != 0:
            parts.append(part)
    return parts


def _compare_loose_part(one: str | None, other: str | None) -> int:
    mine, yours = _rank_loose(one), _rank_loose(other)
    if mine != yours:
        return _sign(mine, yours)
    one, other = one or "", other or ""
    return _compare_numbers(one, other) if one.isdigit() or other.isdigit() else _sign(_plain(one), _plain(other))


def _rank_loose(part: str | None) -> int:
    """Words before the release, the end, words behind it, numbers."""
    if part is None:
        return 0
    return 2 if part.isdigit() else _WORDS.get(part, _UNKNOWN_WORD)


def _plain(word: str) -> str:
    """Words of one meaning are one; one that is not known is itself."""
    return "" if word in _WORDS else word


_COMPARE = {
    "dpkg": compare_debian,
    "rpm": compare_rpm,
    "semver": compare_semver,
    "loose": compare_loose,
    "dotted": compare_dotted,
}
