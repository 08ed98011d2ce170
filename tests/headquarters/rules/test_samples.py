from random import Random

import msgspec
import pytest

from codered_hq.rules.book import RuleBook
from codered_hq.rules.comparing import compare_rules
from codered_hq.rules.proving import find_doubts, prove
from codered_hq.rules.reading import read_rules
from codered_hq.rules.samples import read_sample
from codered_hq.rules.trying import try_examples
from tests.fixtures.rule_mutations import mutate
from tests.fixtures.rules_of_engagement import read_sample_book

SAMPLE = read_sample_book()
FEWEST_MUTATIONS = 30


def test_the_sample_keeps_its_promises_and_its_examples() -> None:
    assert prove(SAMPLE) == ()
    assert find_doubts(SAMPLE) == ()
    tried = try_examples(SAMPLE)
    assert (tried.misses, tried.unmet) == ((), ())
    assert tried.examples >= 40


@pytest.mark.parametrize("gone", [rule.id for rule in (*SAMPLE.never, *SAMPLE.allow)])
def test_each_rule_that_is_deleted_is_missed_by_an_example(gone: str) -> None:
    left = msgspec.structs.replace(
        SAMPLE,
        never=tuple(rule for rule in SAMPLE.never if rule.id != gone),
        allow=tuple(rule for rule in SAMPLE.allow if rule.id != gone),
    )
    assert try_examples(left).misses


def test_each_mistake_is_missed_by_an_example() -> None:
    random = Random(2026)
    real = 0
    for _ in range(60):
        changed, told = mutate(read_sample(), random.randrange(2**32))
        book = read_rules(changed, told)
        if means_the_same(book):
            continue
        real += 1
        tried = try_examples(book)
        assert tried.misses or tried.unmet, told
    assert real >= FEWEST_MUTATIONS


def means_the_same(book: RuleBook) -> bool:
    """Whether it answers as the sample in every situation, with the same caps."""
    difference = compare_rules(SAMPLE, book)
    alike = difference.complete and not difference.answers and not difference.settings
    return alike and list_caps(SAMPLE) == list_caps(book)


def list_caps(book: RuleBook) -> list[object]:
    return [(rule.kinds, rule.at_most, rule.condition) for rule in book.never if rule.at_most]
