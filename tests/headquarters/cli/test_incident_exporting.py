"""`codered incident export`: each form, where it goes, and what is refused."""

import json
import os
import socket
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
import stix2  # type: ignore[import-untyped]

from codered.evidence.standalone_verifier import verify_container
from codered.model.errors import WrongUse
from codered_hq.cli.incident_exporting import export
from codered_hq.ledger.models import LedgerEntry
from tests.fixtures.cacao_checking import find_wrongs as find_cacao_wrongs
from tests.fixtures.incident_rows import make_small_incident
from tests.fixtures.ocsf_checking import find_wrongs as find_ocsf_wrongs

pytestmark = pytest.mark.django_db


def say(form: str, **given: str) -> int:
    return export({"name": "red-2026", "form": form} | given)


def test_each_form_is_written_for_its_owner_alone(tmp_path: Path) -> None:
    make_small_incident()
    for form in ("ocsf", "syslog", "stix", "cacao", "ledger"):
        assert say(form, output=str(tmp_path / form)) == 0
        assert stat.S_IMODE(os.stat(tmp_path / form).st_mode) == 0o600
    events = [json.loads(line) for line in (tmp_path / "ocsf").read_text().splitlines()]
    assert [one["class_uid"] for one in events] == [2005, 2004, 2004, 7004, 7004, 7001, 7001]
    assert [wrong for event in events for wrong in find_ocsf_wrongs(event)] == []
    assert (tmp_path / "syslog").read_text().count("\n") == 7
    bundle = stix2.parse((tmp_path / "stix").read_text(), allow_custom=False)
    assert {"indicator", "sighting", "incident"} <= {one.type for one in bundle.objects}
    assert find_cacao_wrongs(json.loads((tmp_path / "cacao").read_text())) == []
    verdict = verify_container(str(tmp_path / "ledger"))
    assert (verdict.problems, verdict.notes[0]) == ([], "a ledger of 1 entries")


def test_a_ledger_that_does_not_hold_is_written_and_said_to_be_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_small_incident()
    assert say("ledger") == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["what"] == "Declared"
    assert "entries: 1, head: " in shown.err
    LedgerEntry.objects.update(what="Something else")
    assert say("ledger", output=str(tmp_path / "ledger")) == 1
    assert "WRONG: entry 1: its columns say something else" in capsys.readouterr().err
    assert (tmp_path / "ledger").exists()


def test_syslog_is_sent(capsys: pytest.CaptureFixture[str]) -> None:
    make_small_incident()
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_hear, args=(server, heard))
        thread.start()
        assert say("syslog", to=f"tcp://127.0.0.1:{server.getsockname()[1]}") == 0
        thread.join(20)
    assert b"".join(heard).count(b" codered-hq - ocsf-") == 7
    shown = capsys.readouterr()
    assert (shown.out, "7 messages sent" in shown.err) == ("", True)


@pytest.mark.parametrize("given", [
    {"form": "ocsf", "to": "tcp://127.0.0.1:1"}, {"form": "syslog", "to": "http://x"}, {"form": "stix", "ca": "x"},
    {"form": "syslog", "to": "tcp://127.0.0.1:1", "output": "x"}, {"form": "ocsf", "output": "/none/x"},
    {"form": "ocsf", "name": "another"},
])  # fmt: skip
def test_what_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(WrongUse):
        export(given)


def _hear(server: socket.socket, heard: list[bytes]) -> None:
    server.settimeout(20)
    stream, _ = server.accept()
    with stream:
        while piece := stream.recv(1 << 16):
            heard.append(piece)
