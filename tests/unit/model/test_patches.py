import msgspec

from codered.model.patches import PatchAnswer, PatchFacts, PatchSubject
from codered.model.paths import FilePath


def test_an_answer_survives_its_way_into_a_report_and_back() -> None:
    subject = PatchSubject(says="vulnerable", name="next", version="15.0.4", path=FilePath("/srv/\\xff", b"/srv/\xff"))
    answer = PatchAnswer(says="vulnerable", hole="a hole", because="it is older", subjects=(subject,))
    assert msgspec.json.decode(msgspec.json.encode(answer), type=PatchAnswer) == answer


def test_what_was_not_looked_at_is_not_what_is_not_there() -> None:
    facts = PatchFacts(platform="linux")
    assert facts.packages is None
    assert facts.keys is None
    assert facts.components == ()
