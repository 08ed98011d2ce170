from codered_hq.model.sweep import STATES, Block
from codered_hq.probing.ledger import Ledger
from codered_hq.probing.ranges import AddressSpace


def test_a_block_comes_when_all_of_it_is_settled() -> None:
    space = AddressSpace(("10.0.0.0/23", "10.0.9.0/31"))
    blocks: list[Block] = []
    ledger = Ledger(space, blocks.append)
    places = [space.locate(index) for index in space.walk(1)]
    late = next(place for place in places if place.text == "10.0.1.7")
    for place in places:
        if place is not late:
            ledger.settle(place, "infected" if place.text == "10.0.0.3" else "no_answer")
    assert sorted(block.first for block in blocks) == ["10.0.0.0", "10.0.9.0"]
    states = next(block.states for block in blocks if block.first == "10.0.0.0")
    assert [number for number, state in enumerate(states) if STATES[state] == "infected"] == [3]
    assert ledger.settled == 513
    assert ledger.count(1) == {"infected": 1, "no_answer": 512, "not_asked": 1}
    ledger.settle(late, "clean")
    assert (blocks[-1].first, blocks[-1].states[7], len(blocks[-1].states)) == ("10.0.1.0", STATES.index("clean"), 256)
    assert "not_asked" not in ledger.count(0)
