from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from codered import respond
from codered.cli import changes, contain_choices
from codered.cli import containing as words
from codered.model.errors import Refused, WrongUse
from codered.model.firewall import Session
from codered.model.plan import Plan
from codered.remediate.keeping.records import list_containments
from codered.respond import containing
from tests.fixtures.command import SOURCE
from tests.fixtures.contain_words import ask_for, leave_nothing, switch_off, switch_on
from tests.fixtures.contained import within
from tests.fixtures.networks import Network, running_network

OURS = (Session(local="10.20.30.40", local_port=22, remote="10.20.30.1", remote_port=50000),)


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    with running_network() as found:
        yield found


@pytest.fixture(autouse=True)
def none_left(network: Network, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PYTHONPATH", str(SOURCE))
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    yield
    leave_nothing(network)


def test_on_and_off(network: Network, capsys: pytest.CaptureFixture[str]) -> None:
    status = switch_on(network, capsys, ask_for(block=("tcp:80",)))
    assert (status.kind, status.state, status.opens) == ("block_outbound", "holding", None)
    assert "codered" in network.host.run("nft", "list", "ruleset").stdout
    assert switch_off(network) == 0
    assert network.host.run("nft", "list", "ruleset").stdout == ""
    assert switch_off(network) == 0
    assert "nothing is contained" in capsys.readouterr().err


def test_over_ssh_isolating_waits_for_a_confirmation(
    network: Network, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "find_own_sessions", lambda _: OURS)
    status = switch_on(network, capsys, ask_for())
    assert (status.kind, status.state) == ("isolate_host", "armed")
    assert status.opens is not None
    assert (status.opens - status.since).total_seconds() == words.USUAL_CONFIRM
    assert within(network.host, lambda: contain_choices.confirm("")) == 0
    assert within(network.host, lambda: containing.describe(status.plan)).state == "holding"
    assert switch_off(network, status.plan) == 0


def test_what_would_cut_its_user_off_is_refused(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(_: object) -> tuple[Session, ...]:
        raise Refused("you come over the network, and your own connection was not found", advice="--allow NET")

    monkeypatch.setattr(words, "find_own_sessions", lost)
    with pytest.raises(Refused, match="cut-my-session"):
        within(network.host, partial(words.switch_on, ask_for()))
    for dry_run in (True, False):
        with pytest.raises(WrongUse, match="needs --yes"):
            within(network.host, partial(words.switch_on, ask_for(cut_my_session=True, yes=False, dry_run=dry_run)))
    assert network.host.run("nft", "list", "ruleset").stdout == ""
    assert within(network.host, lambda: words.switch_on(ask_for(cut_my_session=True, dry_run=True))) == 0
    assert within(network.host, lambda: words.switch_on(ask_for(block=("80",), dry_run=True))) == 0


def test_a_dry_run_gives_the_plan(network: Network, capsys: pytest.CaptureFixture[str]) -> None:
    assert within(network.host, lambda: words.switch_on(ask_for(dry_run=True, allow=("192.0.2.0/24",)))) == 0
    plan = msgspec.json.decode(capsys.readouterr().out, type=Plan)
    assert plan.actions[0].firewall is not None
    assert plan.actions[0].firewall.management == ("192.0.2.0/24",)
    assert list_containments(respond.state_folder()) == ()


def test_without_rights_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 65534)
    with pytest.raises(Refused, match="root"):
        words.switch_on(ask_for())


@pytest.mark.parametrize("option", ["confirm_within", "undo_after"])
def test_a_length_that_is_none_or_too_long_is_told(network: Network, option: str) -> None:
    for text in ("soon", "90d"):
        with pytest.raises((WrongUse, Refused)):
            within(network.host, partial(words.switch_on, ask_for(**{option: text})))
    assert network.host.run("nft", "list", "ruleset").stdout == ""


def test_keeping_what_is_off_ends_at_once(network: Network, capsys: pytest.CaptureFixture[str]) -> None:
    status = switch_on(network, capsys, ask_for(block=("tcp:80",)))
    assert switch_off(network) == 0
    assert words.keep(status.plan) == 0
    with pytest.raises(WrongUse, match="no containment"):
        words.keep("contain-of-nobody")


@pytest.mark.parametrize("answer", [True, False])
def test_whoever_can_still_answer_may_have_it_stay(
    network: Network, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, answer: bool
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr(changes, "ask", lambda *_: None)
    monkeypatch.setattr("rich_click.confirm", lambda *_, **__: answer)
    status = switch_on(network, capsys, ask_for(block=("tcp:80",), confirm_within="60s", yes=False))
    assert status.state == ("holding" if answer else "armed")
    assert switch_off(network) == 0


@pytest.mark.parametrize("at_console", [False, True])
def test_only_at_the_machine_itself_isolation_needs_no_confirmation(
    network: Network, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, at_console: bool
) -> None:
    monkeypatch.setattr(words, "is_at_console", lambda: at_console)  # sudo, a web console, a remote desktop: not there
    status = switch_on(network, capsys, ask_for())
    assert status.state == ("holding" if at_console else "armed")
    assert switch_off(network) == 0
    assert switch_on(network, capsys, ask_for(confirm_within="0")).state == "holding"
    assert switch_off(network) == 0


@pytest.mark.parametrize("option", [{"undo_after": "0s"}, {"cut_my_session": True, "yes": False, "dry_run": True}])
def test_what_would_not_be_as_it_sounds_is_refused(network: Network, option: dict[str, Any]) -> None:
    with pytest.raises(WrongUse, match=r"undo-after 0s|cut-my-session"):
        within(network.host, partial(words.switch_on, ask_for(block=("80",), **option)))


def test_where_nothing_can_be_kept_nothing_is_shown(
    network: Network, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "full").write_text("")
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "full" / "state"))
    with pytest.raises(Refused, match="nothing can be written"):
        within(network.host, partial(words.switch_on, ask_for(block=("80",), as_json=False)))
    assert capsys.readouterr().out == ""
