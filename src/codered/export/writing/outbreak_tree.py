"""Who infected whom, where the requests show it: a tree of at most 200 hosts, and its picture as an inline SVG."""

from collections.abc import Sequence

import msgspec

from codered.export.writing.escaping import Markup, element, escape_html
from codered.export.writing.words import count_of, format_time
from codered.model.report import Passing

MOST_NODES = 200
MOST_DEPTH = 12
_COLUMN, _ROW, _BOX, _TALL = 230, 26, 176, 20
_MARGIN = 12


class Node(msgspec.Struct, frozen=True):
    """A host of the tree: how many hands the threat went through before it, its row, whose it has it from ("" = not
    seen), what it got, and when.
    """

    address: str
    depth: int
    row: int
    parent: str = ""
    passing: Passing | None = None


def plant_tree(passings: Sequence[Passing]) -> tuple[Node, ...]:
    """The hosts that were seen to get a threat and then to go on with it, and those whom they have it from. Each has it
    from the last one who sent it before it went on.
    """
    source_of = _choose_sources(passings)
    children: dict[str, list[str]] = {}
    for target in sorted(source_of, key=lambda target: (source_of[target].at, target)):
        children.setdefault(source_of[target].source, []).append(target)
    nodes: dict[str, Node] = {}
    for root in [source for source in children if source not in source_of] or list(children)[:1]:
        _grow(root, children, source_of, nodes)
    return tuple(nodes.values())


def draw_tree(nodes: Sequence[Node]) -> Markup:
    """The picture; "" for no nodes. It holds no script and loads nothing."""
    if not nodes:
        return Markup("")
    width = 2 * _MARGIN + max(node.depth for node in nodes) * _COLUMN + _BOX
    height = 2 * _MARGIN + (max(node.row for node in nodes) + 1) * _ROW
    places = {node.address: node for node in nodes}
    told = f"{count_of(len(nodes), 'host')}; from left to right, who has it from whom"
    svg = element(
        "svg",
        element("title", escape_html("Who infected whom"), id="tree-title"),
        element("desc", escape_html(told), id="tree-desc"),
        *(_draw_edge(places[node.parent], node) for node in nodes if node.parent in places),
        *(_draw_node(node) for node in nodes),
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        role="img",
        class_="tree",
        aria_labelledby="tree-title tree-desc",
    )
    return element("div", svg, class_="scroll", tabindex="0")


def _choose_sources(passings: Sequence[Passing]) -> dict[str, Passing]:
    chosen: dict[str, Passing] = {}
    for passing in passings:
        if passing.sent_on is None or passing.at > passing.sent_on or passing.source == passing.target:
            continue
        known = chosen.get(passing.target)
        if known is None or (passing.at, passing.source) > (known.at, known.source):
            chosen[passing.target] = passing
    return chosen


def _grow(root: str, children: dict[str, list[str]], source_of: dict[str, Passing], nodes: dict[str, Node]) -> None:
    """Depth first, without recursion: a chain may be as long as a worm's life."""
    waiting = [(root, 0)]
    while waiting and len(nodes) < MOST_NODES:
        address, depth = waiting.pop()
        if address in nodes:
            continue
        passing = source_of.get(address) if depth else None
        parent = passing.source if passing is not None else ""
        nodes[address] = Node(address, min(depth, MOST_DEPTH), len(nodes), parent, passing)
        waiting += [(child, depth + 1) for child in reversed(children.get(address, []))]


def _draw_edge(parent: Node, node: Node) -> Markup:
    x, y = _place(parent)
    to_x, to_y = _place(node)
    middle = x + _BOX / 2
    path = f"M{middle} {y + _TALL} V{to_y + _TALL / 2} H{to_x}"
    return element("path", d=path, class_="branch")


def _draw_node(node: Node) -> Markup:
    x, y = _place(node)
    told = node.address
    if node.passing is not None and node.passing.sent_on is not None:
        told += (
            f": got {node.passing.pack} from {node.parent} at {format_time(node.passing.at)}, "
            f"went on at {format_time(node.passing.sent_on)} (UTC)"
        )
    shown = node.address if len(node.address) <= 24 else node.address[:23] + "…"
    return element(
        "g",
        element("title", escape_html(told)),
        element("rect", x=x, y=y, width=_BOX, height=_TALL, rx=4, class_="host"),
        element("text", escape_html(shown), x=x + 8, y=y + 14),
    )


def _place(node: Node) -> tuple[int, int]:
    return _MARGIN + node.depth * _COLUMN, _MARGIN + node.row * _ROW
