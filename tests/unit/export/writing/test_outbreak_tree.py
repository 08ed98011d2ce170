from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from codered.export.writing.outbreak_tree import MOST_NODES, draw_tree, plant_tree
from codered.model.report import Passing
from tests.fixtures.outbreak_reports import BEGAN, make_outbreak


def passing(source: str, target: str, at: float, sent_on: float | None) -> Passing:
    moment = None if sent_on is None else BEGAN + timedelta(seconds=sent_on)
    return Passing(at=BEGAN + timedelta(seconds=at), source=source, target=target, pack="worm", sent_on=moment)


def test_only_who_went_on_after_it_got_it_is_a_branch() -> None:
    nodes = plant_tree(make_outbreak().passings)
    assert [(node.address, node.parent, node.depth, node.row) for node in nodes] == [
        ("203.0.113.9", "", 0, 0), ("10.0.0.5", "203.0.113.9", 1, 1), ("10.0.0.6", "10.0.0.5", 2, 2),
    ]  # fmt: skip


def test_the_last_one_who_sent_it_before_is_to_blame() -> None:
    nodes = plant_tree((passing("a", "c", 1, 9), passing("b", "c", 8, 9), passing("d", "c", 10, 9)))
    assert [(node.address, node.parent) for node in nodes] == [("b", ""), ("c", "b")]


def test_a_ring_is_no_endless_story() -> None:
    nodes = plant_tree((passing("a", "b", 1, 1), passing("b", "a", 1, 1), passing("a", "a", 1, 1)))
    assert {node.address for node in nodes} == {"a", "b"}
    assert draw_tree(nodes).count("<rect") == 2


def test_a_chain_and_a_star_are_bounded() -> None:
    chain = plant_tree([passing(str(one), str(one + 1), one, one) for one in range(5000)])
    star = plant_tree([passing("x", str(one), one, one) for one in range(5000)])
    assert len(chain) == len(star) == MOST_NODES
    assert draw_tree(chain).count("<path") == MOST_NODES - 1
    assert draw_tree(()) == ""


@given(
    st.lists(st.tuples(st.text(max_size=60), st.text(max_size=60), st.integers(0, 9), st.none() | st.integers(0, 9)))
)
def test_hostile_names_stay_text(told: list[tuple[str, str, int, int | None]]) -> None:
    page = draw_tree(plant_tree([passing(a + "<script>", b + "<script>", at, on) for a, b, at, on in told]))
    assert "<script" not in page
