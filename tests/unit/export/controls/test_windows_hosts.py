"""The texts for Windows: there is none here to run them on, so their form is checked word by word."""

import re
import shlex

import pytest
import tree_sitter
import tree_sitter_powershell

from codered.export.controls.orders import CheckedOrder, ControlsOrder, Platform, check_order
from codered.export.controls.windows_hosts import (
    SCRIPTS,
    fill_script,
    make_nt4_control,
    make_old_windows_control,
    make_windows_control,
    read_old_windows_words,
)
from codered.model.errors import WrongUse
from codered.model.firewall import PortRange

OLD: tuple[Platform, ...] = ("windows_2003", "windows_2000")
# The words that `netsh ipsec static` documents, as (verb, noun) -> names of its arguments.
NETSH = {
    ("add", "policy"): {"name", "description"},
    ("add", "filteraction"): {"name", "action"},
    ("add", "filterlist"): {"name"},
    ("add", "filter"): {
        "filterlist", "srcaddr", "srcmask", "dstaddr", "dstmask", "protocol", "srcport", "dstport", "mirrored"
    },
    ("add", "rule"): {"name", "policy", "filterlist", "filteraction"},
    ("set", "policy"): {"name", "assign"},
    ("delete", "policy"): {"name"},
    ("delete", "filterlist"): {"name"},
    ("delete", "filteraction"): {"name"},
}  # fmt: skip
IPSECPOL = re.compile(
    r'ipsecpol -w REG -p "CRDRT"'
    r'( -r "CRDRT (block|permit) \d+" -f (0|\*|[\d./]+)[=+](0|\*|[\d./]+)(:\d+:(TCP|UDP))? -n (BLOCK|PASS)| -[xyo])'
)


def find_unclosed(script: str) -> list[str]:
    """Brackets that close nothing or stay open, outside of texts and comments of a PowerShell script."""
    plain = re.sub(r"'(?:[^']|'')*'|\"(?:[^\"`]|`.)*\"|#[^\n]*", "", script)
    assert not set("'\"") & set(plain), "a text is not closed"
    closes, open_now, wrong = {")": "(", "]": "[", "}": "{"}, [], []
    for letter in plain:
        if letter in "([{":
            open_now.append(letter)
        elif letter in closes and (not open_now or open_now.pop() != closes[letter]):
            wrong.append(letter)
    return wrong + open_now


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_whole(name: str, checked: CheckedOrder) -> None:
    script = fill_script(name, checked)
    assert find_unclosed(script) == []
    assert "@@" not in script
    assert script.isascii()
    assert find_unclosed(script.replace("}", "", 1))


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_parser_of_powershell_takes_a_script(name: str, checked: CheckedOrder) -> None:
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))
    assert not parser.parse(fill_script(name, checked).encode()).root_node.has_error
    assert parser.parse(fill_script(name, checked).replace("}", "", 1).encode()).root_node.has_error


def test_the_way_out_is_there_before_the_door_closes(checked: CheckedOrder) -> None:
    script = make_windows_control(checked).apply
    steps = ["Set-Content -LiteralPath $Saved", "RegisterTaskDefinition", "Add-Allowed", ".Enabled = $false"]
    places = [script.rindex(step) if step == "Add-Allowed" else script.index(step) for step in steps]
    assert places == sorted(places)
    assert places[-1] < script.index("DefaultOutboundAction($One) = 0")


def test_a_script_never_blocks_everything_by_a_rule(checked: CheckedOrder) -> None:
    script = make_windows_control(checked).apply
    assert set(re.findall(r"\$Rule\.Action = (\d)", script)) == {"1"}
    assert "BlockAllInboundTraffic($One) = $true" not in script


def test_the_undo_gives_back_all_that_was_saved(checked: CheckedOrder) -> None:
    control = make_windows_control(checked)
    saved = set(re.findall(r"^        (\w+) = ", control.apply.partition("$Open")[0], re.MULTILINE))
    assert saved == {"profile", "enabled", "inbound", "outbound", "block_all"}
    assert all(f"$One.{name}" in control.undo for name in saved)
    for name in ("Get-RuleKey",):
        texts = [
            re.findall(rf"function {name}.*?^}}", text, re.MULTILINE | re.DOTALL)
            for text in (control.apply, control.undo)
        ]
        assert texts[0] == texts[1] != []
    assert "DeleteTask($TaskName, 0)" in control.then
    assert {text.split("$TaskName = ")[1].split("\n")[0] for text in (control.apply, control.then, control.undo)} == {
        "'CRDRT open again'"
    }


def test_networks_and_time_are_filled_in(order: ControlsOrder) -> None:
    script = make_windows_control(check_order(order)).apply
    assert "$Management = @('10.0.0.0/24', '2001:db8:1::/64')\n" in script
    assert "$ConfirmWithin = 600\n" in script
    bare = make_windows_control(check_order(ControlsOrder(confirm_within=0)))
    assert "$Management = @()\n$ConfirmWithin = 0\n" in bare.apply
    assert bare.what == "nothing in or out but the remote sessions that exist"


def read_netsh(line: str) -> tuple[str, str, dict[str, str]]:
    """The verb, the noun and the arguments of a line."""
    words = shlex.split(line)
    assert words[:3] == ["netsh", "ipsec", "static"], line
    return words[3], words[4], dict(word.split("=", 1) for word in words[5:])


def test_lines_for_2003_are_of_the_documented_form(checked: CheckedOrder) -> None:
    control = make_old_windows_control("windows_2003", checked)
    made: dict[str, set[str]] = {}
    for line in (control.apply + control.undo).splitlines():
        verb, noun, given = read_netsh(line)
        assert set(given) <= NETSH[verb, noun], line
        if verb == "add" and noun != "filter":
            made.setdefault(noun, set()).add(given["name"])
        if noun == "filter":
            assert given["filterlist"] in made["filterlist"]
    undone = [read_netsh(line) for line in control.undo.splitlines()]
    assert undone[0][:2] == ("set", "policy")
    assert undone[0][2]["assign"] == "no"
    for noun in ("policy", "filterlist", "filteraction"):
        assert {given["name"] for verb, what, given in undone if (verb, what) == ("delete", noun)} == made[noun]
    filters = [read_netsh(line)[2] for line in control.apply.splitlines() if " add filter " in line]
    assert [(one["protocol"], one["dstport"]) for one in filters if "dstport" in one] == [
        ("TCP", "80"), ("UDP", "1000"), ("UDP", "1001"), ("UDP", "1002")
    ]  # fmt: skip
    assert any(one.get("dstaddr") == "10.0.0.0" and one["dstmask"] == "255.255.255.0" for one in filters)


def test_lines_for_2000_are_of_the_documented_form(checked: CheckedOrder) -> None:
    control = make_old_windows_control("windows_2000", checked)
    lines = (control.apply + control.undo).splitlines()
    assert all(IPSECPOL.fullmatch(line) for line in lines)
    assert [line[-2:] for line in lines if IPSECPOL.fullmatch(line) and " -r " not in line] == ["-x", "-y", "-o"]
    names = re.findall(r'-r "([^"]+)"', control.apply)
    assert len(names) == len(set(names)) == 4 + 2 + 1


@pytest.mark.parametrize("platform", OLD)
def test_without_ports_an_old_windows_is_isolated(platform: Platform) -> None:
    control = make_old_windows_control(platform, check_order(ControlsOrder(management=("10.0.0.0/8",))))
    assert control.what == "nothing in or out but 10.0.0.0/8"
    assert ("mirrored=yes" if platform == "windows_2003" else "-f 0+*") in control.apply
    assert set(read_old_windows_words()) == set(OLD)


@pytest.mark.parametrize("platform", OLD)
def test_what_old_filters_do_not_know_is_said(platform: Platform, checked: CheckedOrder) -> None:
    notes = [note for note in make_old_windows_control(platform, checked).notes if note.startswith("NOT covered")]
    assert len(notes) == 2
    wide = check_order(ControlsOrder(ports=(PortRange(protocol="tcp", first=1, last=1000),)))
    with pytest.raises(WrongUse, match="too many"):
        make_old_windows_control(platform, wide)


def test_nt4_is_contained_by_its_router(checked: CheckedOrder) -> None:
    control = make_nt4_control(checked)
    assert control.platform == "windows_nt4"
    assert " permit ip any any\n" in control.apply
    assert "router" in control.notes[0]
