"""`codered hosts` as it is typed: import, show, tag, gaps, export; bad input is one line and the right exit code."""

from pathlib import Path

import msgspec
import pytest

from codered_hq.opening import open_headquarters
from codered_hq.sweeps.swept_hosts import HostList
from tests.fixtures.saying import Say

pytestmark = pytest.mark.django_db


@pytest.fixture
def enterprise(tmp_path: Path) -> Path:
    path = tmp_path / "enterprise.yaml"
    path.write_text(
        "zones:\n  - name: plant\n    kind: protected\n    blocked: firewall 7\n"
        "subnets:\n  - range: 10.61.0.0/24\n    vlan: 10\n    owner: office it\n"
        "owners:\n  - name: office it\n    mail: it@example.test\n"
        "hosts:\n  - name: web1.example.test\n    address: 10.61.0.5\n"
        "    mac: 02-00-00-00-00-05\n    owner: office it\n"
    )
    return path


def test_import_show_tag_gaps_export(say: Say, enterprise: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.csv"
    more.write_text("hostname;ip address;mac\nweb1;10.61.0.5;02:00:00:00:00:05\npc2;10.61.0.9;ff:ff:ff:ff:ff:ff\n")
    taken = say("hosts", "import", enterprise, more)
    assert (taken.code, "1 zone, 1 subnet, 1 owner, 1 host; 1 new" in taken.out) == (3, True), taken
    assert "not taken: line 3: mac: ff:ff:ff:ff:ff:ff belongs to no machine" in taken.out
    listed = say("hosts", "show")
    assert (listed.code, "2 hosts" in listed.out, "office it" in listed.out) == (0, True, True)
    told = say("hosts", "show", "web1")
    assert "has            10.61.0.5 on 02:00:00:00:00:05 in 10.61.0.0/24" in told.out
    gaps = say("hosts", "gaps")
    assert (gaps.code, "zone out of reach" in gaps.out, "firewall 7" in gaps.out) == (3, True, True)
    marked = say("hosts", "tag", "pc2", "--add", "pc", "--set-owner", "office it", "--set-criticality", "vital")
    assert (marked.code, marked.err) == (0, "1 host marked: pc2\n")
    found = msgspec.json.decode(say("hosts", "show", "--criticality", "vital", "--json").out, type=HostList)
    assert [(host.name, host.owner, host.tags) for host in found.hosts] == [("pc2", "office it", ("pc",))]
    out = tmp_path / "out.yaml"
    assert say("hosts", "export", "yaml", "-o", out).code == 0
    assert say("hosts", "import", "--dry-run", out).out.endswith("nothing recorded\n")
    assert "ansible_host" in say("hosts", "export", "ansible").out


def test_bad_input_is_one_line(say: Say, tmp_path: Path) -> None:
    open_headquarters()
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "odd").write_bytes(bytes(range(256)))
    for words, text in (
        (("import",), "nothing to import"),
        (("import", tmp_path / "none"), "can't be read"),
        (("import", tmp_path / "odd"), "no form"),
        (("import", tmp_path / "empty.csv"), "empty.csv"),
        (("import", tmp_path), "is no plain file"),
        (("import", "--form", "excel", tmp_path / "odd"), "no such form"),
        (("import", "--netbox", "ftp://x", "--token-file", tmp_path / "none"), "can't be read"),
        (("show", "nobody"), "no host is known by this"),
        (("show", "--subnet", "10.0.0.0/99"), "no address or range"),
        (("tag", "--add", "x"), "no host is named"),
        (("tag", "nobody"), "nothing to mark with"),
        (("export", "pdf"), "no such form"),
    ):
        answer = say("hosts", *words)
        assert (answer.code, answer.err.count("\n"), text in answer.err) == (2, 1, True), (words, answer)


def test_a_broken_file_leaves_nothing_half_done(say: Say, enterprise: Path, tmp_path: Path) -> None:
    (tmp_path / "odd").write_bytes(bytes(range(256)))
    assert say("hosts", "import", enterprise, tmp_path / "odd").code == 2
    assert say("hosts", "show").out == "no hosts yet; codered hosts import FILE takes them in\n"
    assert say("hosts", "show", "--state", "infected").out == "no host fits\n"


def test_names_that_would_paint_the_terminal_are_escaped(say: Say, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text('hosts:\n  - name: web1\n    owner: "\\e[31mred"\n')
    answer = say("hosts", "import", path)
    shown = say("hosts", "show").out
    assert "\x1b" not in answer.out + shown
