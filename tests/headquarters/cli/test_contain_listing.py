"""`codered contain list`: stuck ones first and red; hostile words are escaped."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from codered_hq.containment.acting import KEEPER_FOLDER
from codered_hq.containment.models import Containment
from codered_hq.devices.kept_orders import DONE, KeptResult, write_file
from codered_hq.gate.asking import ask
from codered_hq.opening import open_headquarters
from tests.fixtures.gate_crew import ASKER, machine, wish
from tests.fixtures.saying import Say


@pytest.mark.django_db
def test_list(headquarters: Path, say: Say) -> None:
    open_headquarters()
    assert say("contain", "list").out == "nothing is contained in the network\n"
    decision, at = ask(wish(machine(1)), {}, ASKER), datetime.now(UTC)
    for number, (state, error) in enumerate((("holding", ""), ("stuck", "no \x1b[2Janswer"), ("undone", ""))):
        order = {"kind": "disable_port", "device": "sw1", "label": "x", "port": f"p{number}"}
        Containment.objects.create(
            uid=str(number) * 32, decision=decision, kind="disable_port", device="sw1", port=f"p{number}", order=order,
            state=state, error=error, requested_by="me", begun_at=at, undo_at=at + timedelta(hours=1), tries=3,
        )  # fmt: skip
    listed = say("contain", "list")
    assert [line.split()[0] for line in listed.out.splitlines()] == ["uid", "11111111", "11111111:", "00000000"]
    assert (listed.code, "\x1b" in listed.out, "no \\x1b[2Janswer (tried 3 times)" in listed.out) == (1, False, True)
    document = msgspec.json.decode(say("contain", "list", "--ended", "--json").out)
    assert [each["state"] for each in document["containments"]] == ["stuck", "holding", "undone"]
    Containment.objects.filter(state="stuck").delete()
    assert say("contain", "list").code == 0
    Containment.objects.update(undo_at=at - timedelta(hours=1))
    late = say("contain", "list")
    assert (late.code, "OVERDUE" in late.out, "not read yet" in late.out) == (3, True, True)
    result = KeptResult(uid="0" * 32, outcome="undone", at=at)
    write_file(headquarters / KEEPER_FOLDER / DONE / f"{result.uid}.json", msgspec.json.encode(result))
    heard = say("contain", "list")
    assert (heard.code, "taken back by keeper" in heard.err) == (0, True), heard
    assert "nothing is contained" in heard.out
