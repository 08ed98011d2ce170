import subprocess
from pathlib import Path

import pytest

from codered.export.indicators import blocklists
from codered.export.indicators.blocklists import block_attackers, make_blocklists
from codered.model.report import LogSummary, TrafficSummary
from tests.fixtures.exported_packs import make_log, with_signs, write_export
from tests.unit.export.controls.test_reported import make_attacker, make_report

ODD = ("127.0.0.1", "::1", "224.0.0.1", "0.0.0.0", "255.255.255.255", "fe80::1", "fe80::1%eth0", "::ffff:198.51.100.9",
       "10.0.0.0/8", "host.example", "198.51.100.1; flush ruleset", "", "1" * 5000)  # fmt: skip
GOOD = ("198.51.100.7", "203.0.113.9", "2001:db8::5")
REPORT = make_report(
    id="r\x1b\nelements",
    logs=LogSummary(lines=9, attackers=tuple(make_attacker(each) for each in (*GOOD, *ODD, GOOD[0]))),
    traffic=TrafficSummary(attackers=(make_attacker(GOOD[2]), make_attacker("198.51.100.200", internal=True))),
)


def in_network(*words: str | Path, given: str = "") -> str:
    """Run in a network of its own that ends with it."""
    whole = ["unshare", "--net", *map(str, words)]
    return subprocess.run(whole, input=given, capture_output=True, text=True, timeout=60, check=True).stdout


def test_attackers_of_a_report_for_the_real_firewalls(tmp_path: Path) -> None:
    made = block_attackers((with_signs(make_log()),), REPORT)
    write_export(made, tmp_path)
    nft = tmp_path / "codered.nft"
    in_network("nft", "-c", "-f", nft)
    listed = in_network("sh", "-c", f"nft -f {nft} && nft -f {nft} && nft list ruleset")
    sets = in_network("ipset", "restore", "-exist", given=(tmp_path / "codered.ipset").read_text() + "list\n")
    for address in GOOD:
        assert listed.count(address) == 1
        assert (tmp_path / "addresses.txt").read_text().splitlines().count(address) == 1
        assert f"{address}\n" in sets
    assert "198.51.100.200" not in listed + sets
    assert "ALL: [2001:db8::5]\n" in (tmp_path / "hosts.deny").read_text()
    left = {one.sign: one.why for one in made.left_out}
    assert left["report/198.51.100.200"].startswith("an own host")
    assert {name for name in left if name.startswith("report/")} == {
        "report/198.51.100.200", *(f"report/{each[:60]}" for each in ODD)}  # fmt: skip
    assert "inert/request" in left
    text = (tmp_path / "addresses.txt").read_text().splitlines()
    assert [line for line in text if not line.startswith("#")] == list(GOOD)


def test_what_looks_like_our_own_sweep_is_in_no_list() -> None:
    sweep = make_attacker("198.51.100.7", like_sweep=True)
    made = block_attackers((), make_report(logs=LogSummary(lines=1, attackers=(sweep,))))
    assert made.files == ()
    assert [(one.sign, one.why) for one in made.left_out] == [
        ("report/198.51.100.7", "looks like a sweep by this tool: see that it was yours first")]  # fmt: skip


def test_without_attackers_there_is_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    packs = (with_signs(make_log()),)
    assert make_blocklists(packs).files == ()
    assert [one.sign for one in make_blocklists(packs).left_out] == ["inert/request"]
    assert block_attackers(packs, make_report()).files == ()
    monkeypatch.setattr(blocklists, "MOST_ADDRESSES", 2)
    made = block_attackers((), REPORT)
    assert "report/2001:db8::5" in {one.sign for one in made.left_out}
    assert b"2001:db8::5" not in made.files[0].data
    one_family = make_report(logs=LogSummary(lines=1, attackers=(make_attacker(GOOD[2]),)))
    (nft, *_) = block_attackers((), one_family).files
    in_network("nft", "-f", "-", given=nft.data.decode())
