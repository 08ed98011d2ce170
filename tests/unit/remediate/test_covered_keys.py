"""What lies below a key that goes is no action of its own."""

from msgspec.structs import replace

from codered.model.finding import Finding, Subject
from codered.model.paths import FilePath
from codered.model.plan import Action, ActionKind, KeyState, ValueState
from codered.remediate.covered_keys import join_covered
from codered.remediate.drafts import LINES, Draft, Order
from tests.fixtures.registry_plans import place

FINDING = Finding(
    id="f", pack="p", indicator="i", layer="settings", subject=Subject(kind="setting", path="/h"),
    confidence="likely", severity="high", because="x",
)  # fmt: skip


def draft(kind: ActionKind, key: str, value: str | None = None, path: str = "/h") -> Draft:
    expects = KeyState(exists=True) if value is None else ValueState(exists=True)
    where = place(key, value)
    action = Action(id="a", kind=kind, path=FilePath(path), expects=expects, because="", registry=where)
    return Draft(finding=FINDING, order=Order(LINES, 0, 0), action=action)


def test_the_highest_key_does_it() -> None:
    top, inner = draft("delete_key", "A\\Svc"), draft("delete_key", "a\\svc\\Below")
    value, beside = draft("set_value", "A\\SVC", "Start"), draft("set_value", "A\\Svc2", "Start")
    other = draft("delete_value", "A\\Svc", "x", path="/other")
    plain = replace(draft("set_value", "x", "y"), action=replace(value.action, registry=None))
    joined = join_covered([inner, value, top, beside, other, plain])
    assert [each.action for each in joined[:3]] == [top.action] * 3
    assert [each.action for each in joined[3:]] == [beside.action, other.action, plain.action]


def test_names_that_windows_tells_apart() -> None:
    top, other = draft("delete_key", "Stra\xdfe"), draft("delete_value", "Strasse", "x")
    assert [each.action for each in join_covered([top, other])] == [top.action, other.action]
