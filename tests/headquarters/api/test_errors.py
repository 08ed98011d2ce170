"""Each error is a problem with its status, and says what to do."""

import json

from codered.model.errors import CodeRedError, Refused, RolledBack, WrongUse
from codered_hq.api.errors import NotProved, NotThere, TooLarge, show_error
from codered_hq.fleet.posts import NumberTaken
from codered_hq.incidents.current import SeveralOpen


def test_statuses_and_words() -> None:
    kinds: tuple[tuple[type[CodeRedError], int], ...] = (
        (WrongUse, 400), (NotProved, 401), (Refused, 403), (NotThere, 404), (NumberTaken, 409), (SeveralOpen, 409),
        (RolledBack, 409), (TooLarge, 413),
    )  # fmt: skip
    for kind, status in kinds:
        answer = show_error(kind("what", where="there", advice="so"))
        told = json.loads(answer.content)
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
        assert (told["status"], told["detail"], told["where"], told["advice"]) == (status, "what", "there", "so")
