"""What is asked of a value or key that lies below a key which goes as a whole: the key's own action does it."""

from collections.abc import Sequence

from msgspec.structs import replace

from codered.model.plan import Action
from codered.model.registry import fold_name
from codered.remediate.drafts import Draft


def join_covered(drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts, those below a key that goes with that key's action in place of their own."""
    covers = sorted((draft.action for draft in drafts if draft.action.kind == "delete_key"), key=_length)
    joined = []
    for draft in drafts:
        cover = next((action for action in covers if _covers(action, draft.action)), None)
        joined.append(draft if cover is None else replace(draft, action=cover))
    return joined


def _length(action: Action) -> int:
    return len(action.registry.key) if action.registry else 0


def _covers(cover: Action, other: Action) -> bool:
    top, below = cover.registry, other.registry
    if top is None or below is None or (cover.path, top.hive) != (other.path, below.hive):
        return False
    return (fold_name(below.key) + "\\").startswith(fold_name(top.key) + "\\")
