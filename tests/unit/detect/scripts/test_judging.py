from codered.detect.scripts.facts import Fact
from codered.detect.scripts.judging import weigh
from codered.model.finding import Confidence
from codered.model.indicators import ScriptIndicator


def sign(name: str, weight: int, confidence: Confidence = "confirmed", unless: tuple[str, ...] = ()) -> ScriptIndicator:
    return ScriptIndicator(
        id=name, because=f"{name} holds.", confidence=confidence, severity="high", references=("r",), when=(name,),
        weight=weight, unless=unless, languages=("php",),
    )  # fmt: skip


def test_weights_add_up_and_the_highest_confidence_caps_them() -> None:
    facts = {name: Fact(name) for name in ("a", "b", "c")}
    assert weigh("p", (sign("a", 40),), "php", facts) is None
    both = weigh("p", (sign("a", 60), sign("b", 140)), "php", facts)
    assert both
    assert (both.confidence, both.weight, both.holding[0].id) == ("confirmed", 200, "b")
    capped = weigh("p", (sign("a", 200, "likely"),), "php", facts)
    assert capped
    assert capped.confidence == "likely"
    assert weigh("p", (sign("a", 200, unless=("c",)),), "php", facts) is None
    assert weigh("p", (sign("a", 200),), "jsp", facts) is None


def test_a_text_for_people_is_at_most_suspicious() -> None:
    facts = {name: Fact(name) for name in ("a", "named-as-document")}
    found = weigh("p", (sign("a", 200),), "php", facts)
    assert found
    assert found.confidence == "suspicious"
