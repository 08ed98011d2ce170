"""Which strings tell a threat: in its samples, in no clean file, in no installed package, and nobody's own."""

import math
import re
from collections import Counter
from collections.abc import Iterable

from codered.authoring.orders import Choice, Goodware, Mark
from codered.authoring.runs import find_runs, find_words
from codered.authoring.words import load_words, tell_personal
from codered.engine import Matcher, RuleSource, compile_sources

MOST_MARKS = 8
ENOUGH_MARKS = 3
MOST_TRIED = 200  # of the best ones that are held against the clean files
_LEAST_ENTROPY = 2.2  # bits a character; `aaaaaaaa` and `=======` have less
_LEAST_SCORE = 10.0
_LONG = 10  # characters: so many are not random by chance


class StringJudge:
    """Says of each string whether it is worth choosing, and counts what was left out and why."""

    def __init__(self, goodware: Goodware, clean: Iterable[bytes] = ()) -> None:
        self._goodware = goodware
        self._clean = {text for data in clean for text, _ in find_runs(data)}
        self._known: dict[bytes, tuple[float, str]] = {}
        self._left_out: Counter[str] = Counter()

    def is_useful(self, text: bytes) -> bool:
        """Whether the string may be chosen."""
        return self._judge(text)[0] >= _LEAST_SCORE

    def rank(self, strings: dict[tuple[bytes, bool], bool]) -> list[Mark]:
        """The strings worth choosing, the best first, MOST_TRIED at most."""
        found = [Mark(text, wide, ended, *self._judge(text)) for (text, wide), ended in strings.items()]
        useful = [mark for mark in found if mark.score >= _LEAST_SCORE]
        return sorted(useful, key=lambda mark: (-mark.score, mark.text, mark.wide))[:MOST_TRIED]

    def list_left_out(self) -> list[Choice]:
        """What was left out, and why."""
        return [Choice("strings", f"{count} left out", why) for why, count in sorted(self._left_out.items())]

    def _judge(self, text: bytes) -> tuple[float, str]:
        known = self._known.get(text)
        if known is None:
            why = "a clean file holds it" if text in self._clean else _refuse(text, self._goodware)
            known = (0.0, why) if why else score(text, self._goodware)
            self._known[text] = known
            if known[0] < _LEAST_SCORE:
                self._left_out[why or "says too little"] += 1
        return known


def pick(ranked: list[Mark], most: int = MOST_MARKS) -> tuple[Mark, ...]:
    """The best ones that are not parts of one another; where long ones leave fewer than ENOUGH_MARKS, the short ones
    that they consist of if these are more. What looks random is taken only where nothing else is left.
    """
    ranked = [mark for mark in ranked if not looks_random(mark.text)] or ranked
    best = _pick_apart(ranked, most)
    if len(best) >= ENOUGH_MARKS:
        return best
    short = _pick_apart(sorted(ranked, key=lambda mark: (len(mark.text), -mark.score, mark.text)), most)
    return tuple(sorted(short, key=lambda mark: -mark.score)) if len(short) > len(best) else best


def _pick_apart(ordered: list[Mark], most: int) -> tuple[Mark, ...]:
    chosen: list[Mark] = []
    for mark in ordered:
        if any(mark.text in other.text or other.text in mark.text for other in chosen):
            continue
        chosen.append(mark)
        if len(chosen) == most:
            break
    return tuple(chosen)


def find_in_clean(marks: Iterable[Mark], clean: Iterable[tuple[str, bytes]]) -> dict[Mark, str]:
    """The marks that stand in a clean file, each with the first such file."""
    tried = list(marks)
    if not tried:
        return {}
    lines = "".join(f"  $m{number} = {{ {mark.form().hex(' ')} }}\n" for number, mark in enumerate(tried))
    source = f"rule marks {{\n strings:\n{lines} condition: any of them\n}}\n"
    matcher = Matcher(compile_sources([RuleSource("marks", source, "marks")]), seconds=60, most=1)
    found: dict[Mark, str] = {}
    for path, data in clean:
        for match in matcher.match(data):
            for pattern in match.patterns:
                found.setdefault(tried[int(pattern.pattern.removeprefix("$m"))], path)
    return found


def score(text: bytes, goodware: Goodware) -> tuple[float, str]:
    """How much a string tells, and why in words: its shape, length, entropy, and how many of its words are known."""
    shown = text.decode("ascii")
    points, why = min(len(text), 40) * 0.6 + measure_entropy(text) * 2, ""
    for item in load_words().telling:
        if re.search(item.pattern, shown):
            points += item.points
            why = why or item.why
    words = [word for word in find_words(text) if word.decode() not in load_words().everyday_strings]
    strange = [word for word in words if not goodware.knows(word)]
    if strange:
        points += 12 + 6 * min(len(strange), 3)
        why = why or "words that no installed package has"
    elif " " not in shown:
        points -= 12
    letters = sum(character.isalpha() for character in shown)
    if letters < len(shown) * 0.4:
        points -= 15  # code and numbers that happen to be printable
    return points, why or "long and of its own"


def looks_random(text: bytes) -> bool:
    """Whether a short string is letters of both cases and digits with hardly a vowel, as bytes by chance are."""
    shown = text.decode("ascii", "replace")
    letters = [character for character in shown if character.isalpha()]
    if len(shown) >= _LONG or not shown.isalnum() or len(letters) == len(shown):
        return False
    is_mixed = not (shown.isupper() or shown.islower())
    return is_mixed and 4 * sum(character in "aeiouAEIOU" for character in letters) < len(letters)


def measure_entropy(text: bytes) -> float:
    """Bits a character, 0 to about 6.5."""
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values())


def _refuse(text: bytes, goodware: Goodware) -> str:
    """Why a string is no candidate at all; "" if it may be one."""
    shown = text.decode("ascii")
    if why := tell_personal(shown):
        return f"personal: {why}"
    if shown in load_words().everyday_strings:
        return "every program may hold it"
    if goodware.knows(text):
        return "installed packages hold it"
    if measure_entropy(text) < _LEAST_ENTROPY:
        return "too even to tell anything"
    return ""
