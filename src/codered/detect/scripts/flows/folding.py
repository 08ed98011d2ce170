"""Texts that are put together from pieces: joined, decoded and counted out, as far as that is plain to see."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import unquote_to_bytes

from codered.detect.scripts.encoded import DECODERS
from codered.detect.scripts.flows.grammar import Grammar
from codered.detect.scripts.flows.tokens import Token

MOST_TEXT = 1 << 17  # joining costs the square of it, in the worst case
# What Perl's `pack` and `unpack` do by the letter of their pattern, and Python's `decode` by the name of a code.
_PACKED = {"H": "hex", "u": "uu"}
_NAMED = {
    "hex": "hex",
    "hexcodec": "hex",
    "base64": "base64",
    "base64codec": "base64",
    "rot13": "rot13",
    "zlib": "unzip",
}
_PLAIN_WAYS = ("same", "character", "replace", "reverse", "percent", "url")
_TAKES_NOTHING = ("decode", "encode", "tostring", "strip", "trim")
_NUMBER = re.compile(r"(?:0x|&h)([0-9a-f]{1,8})&?", re.IGNORECASE)


def fold(tokens: Sequence[Token], grammar: Grammar, values: Mapping[str, str]) -> list[Token]:
    """The tokens with all joined and decoded texts as one text each. `values`: what variables are known to hold. A text
    that came about so has the kind `built`.
    """
    stack: list[Token] = []
    for number, token in enumerate(tokens):
        if token.kind == "name" and values:
            token = _know(token, tokens, number, values)  # noqa: PLW2901
        stack.append(token)
        while _reduce(stack, grammar):
            pass
    return stack


def _know(token: Token, tokens: Sequence[Token], number: int, values: Mapping[str, str]) -> Token:
    before = tokens[number - 1].text if number else ""
    after = tokens[number + 1].text if number + 1 < len(tokens) else ""
    known = values.get(token.text.lower()) if before != "." and after not in ("(", ".", "[") else None
    return token if known is None else Token("built", known, token.at)


def is_text(token: Token) -> bool:
    """Whether the token is a text, as it stands there or put together."""
    return token.kind in ("text", "plain", "built", "decoded")


def _reduce(stack: list[Token], grammar: Grammar) -> bool:
    last = stack[-1]
    if is_text(last):
        return _join(stack, grammar)
    if last.kind == "number":
        return _count(stack)
    if last.text == ")" and last.kind == "op":
        return _call(stack, grammar)
    return False


def _join(stack: list[Token], grammar: Grammar) -> bool:
    if len(stack) < 3 or stack[-2].kind != "op" or stack[-2].text not in grammar.joins or not is_text(stack[-3]):
        return False
    first, second = stack[-3], stack[-1]
    if len(first.text) + len(second.text) > MOST_TEXT:
        return False
    kind = "decoded" if "decoded" in (first.kind, second.kind) else "built"
    stack[-3:] = [Token(kind, first.text + second.text, first.at)]
    return True


def _count(stack: list[Token]) -> bool:
    if len(stack) < 4 or stack[-2].text not in "+-*/^" or stack[-3].kind != "number" or stack[-4].text not in "(,":
        return False
    left, right = _read_number(stack[-3].text), _read_number(stack[-1].text)
    counted = {"+": left + right, "-": left - right, "*": left * right}.get(stack[-2].text)
    if stack[-2].text == "/" and right:
        counted = left // right
    if counted is None or abs(counted) > 1 << 32:
        return False
    stack[-3:] = [Token("number", str(counted), stack[-3].at)]
    return True


def _read_number(text: str) -> int:
    if match := _NUMBER.fullmatch(text):
        return int(match[1], 16)
    whole = text.partition(".")[0].lstrip("-")[:12]
    return (-1 if text.startswith("-") else 1) * (int(whole) if whole.isdigit() else 0)


def _call(stack: list[Token], grammar: Grammar) -> bool:
    """`(text)` becomes the text, `decode(text, …)` what it gives."""
    opening = len(stack) - 2
    least = max(0, len(stack) - 9)
    while opening >= least and not (stack[opening].kind == "op" and stack[opening].text == "("):
        if not (is_text(stack[opening]) or stack[opening].kind == "number" or stack[opening].text == ","):
            return False
        opening -= 1
    if opening == len(stack) - 2 and opening > 2 and stack[opening - 1].text.lower() in _TAKES_NOTHING:
        plain = stack[opening - 2].text == "." and is_text(stack[opening - 3])
        stack[opening - 2 :] = [] if plain else stack[opening - 2 :]
        return plain
    if opening < least or opening == len(stack) - 2:
        return False
    given = [token for token in stack[opening + 1 : -1] if token.text != "," or is_text(token)]
    if not given:
        return False
    name = stack[opening - 1] if opening and stack[opening - 1].kind == "name" else None
    if name is None or name.text.lower() in ("execute", "eval", "executeglobal", "call", "return"):
        if len(given) != 1 or not is_text(given[0]) or name is not None:
            return False
        stack[opening:] = [given[0] if given[0].kind == "decoded" else Token("built", given[0].text, given[0].at)]
        return True
    how = grammar.texts.get(name.text.lower(), "")
    made = _work_out(how, given)
    if made is None:
        return False
    start = _find_start(stack, opening - 1)
    unpacked = any(token.kind == "decoded" for token in given) or how not in _PLAIN_WAYS
    unpacked = unpacked and not (how == "named" and made == given[0].text and given[0].kind != "decoded")
    stack[start:] = [Token("decoded" if unpacked else "built", made[:MOST_TEXT], stack[start].at)]
    return True


def _find_start(stack: list[Token], number: int) -> int:
    """Where `a.b(1).c` begins that ends with a name."""
    depth = 0
    least = max(0, number - 40)
    while number > least:
        before = stack[number - 1]
        if before.text in (")", "]") and before.kind == "op":
            depth += 1
        elif before.text in ("(", "[") and before.kind == "op":
            if not depth:
                break
            depth -= 1
        elif not depth and before.text != "." and not (before.kind == "name" and stack[number].text in (".", "(")):
            break
        number -= 1
    return number


def _work_out(how: str, given: list[Token]) -> str | None:
    first = given[0]
    if how == "character":
        number = _read_number(first.text)
        return chr(number % 256 if number > 0xFFFF else number) if first.kind == "number" and number >= 0 else None
    if how == "packed" and len(given) > 1 and is_text(first) and is_text(given[1]):
        how, first = _PACKED.get(first.text[:1], ""), given[1]
    elif how == "named" and len(given) > 1 and is_text(given[1]):
        how = _NAMED.get(given[1].text.lower().replace("-", "").replace("_", ""), "")
    if not how or not is_text(first):
        return None
    text = first.text
    if how in ("same", "named"):
        return text
    if how == "percent":
        return unquote_to_bytes(text.encode("latin-1", "replace")).decode("latin-1")
    if how == "replace" and len(given) >= 3 and all(map(is_text, given[1:3])) and given[1].text:
        made = len(text) + text.count(given[1].text) * len(given[2].text)
        return text.replace(given[1].text, given[2].text) if made <= MOST_TEXT else None
    decode = DECODERS.get(how)
    return decode(text) if decode else None
