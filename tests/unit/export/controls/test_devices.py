from codered.export.controls.devices import make_device_control, show_network, show_ports, tell_what
from codered.export.controls.orders import LISTED, CheckedOrder, ControlsOrder, check_order, read_networks
from codered.model.firewall import PortRange


def test_every_device_has_what_to_enter_and_the_way_back(checked: CheckedOrder) -> None:
    for platform in LISTED:
        control = make_device_control(platform, checked)
        assert control.platform == platform
        assert control.apply.endswith("\n")
        assert control.undo.endswith("\n")
        assert control.notes
        assert not any("$name" in text or "$side" in text for text in (control.apply, control.then, control.undo))


def test_what_a_device_is_not_about_is_said(checked: CheckedOrder) -> None:
    control = make_device_control("ciscoasa", checked)
    left_out = [note for note in control.notes if note.startswith("NOT covered")]
    assert [note.split(": ")[1].split(" Block")[0] for note in left_out] == [
        "2001:db8::5.", "203.0.113.0/24.", "2001:db8::9."
    ]  # fmt: skip
    assert "shun 198.51.100.7\n" in control.then
    assert "no shun 198.51.100.7\n" in control.undo
    whole = make_device_control("nftables", checked)
    assert not any(note.startswith("NOT covered") for note in whole.notes)


def test_sessions_that_exist_are_ended_where_the_device_keeps_them(checked: CheckedOrder) -> None:
    assert "clear conn address 192.0.2.5\n" in make_device_control("ciscoasa", checked).then
    assert "source-prefix 203.0.113.0/24\n" in make_device_control("srx", checked).then
    assert "source 192.0.2.5\n" in make_device_control("paloalto", checked).then


def test_a_commit_is_said_once_and_can_run_out(checked: CheckedOrder) -> None:
    control = make_device_control("juniper", checked)
    assert control.then.endswith("commit confirmed 10\n")
    assert control.undo.count("commit\n") == 1


def test_a_control_says_what_it_stops(checked: CheckedOrder) -> None:
    assert tell_what(checked) == (
        "nothing from 192.0.2.5, 2001:db8::5 to tcp 80, udp 1000-1002; "
        "nothing from 198.51.100.7, 203.0.113.0/24, 2001:db8::9"
    )
    many = check_order(ControlsOrder(infected=tuple(f"192.0.2.{n}" for n in range(1, 10))))
    assert tell_what(many) == "nothing from 192.0.2.1, 192.0.2.2, 192.0.2.3 and 6 more to anywhere"
    assert show_ports((PortRange(protocol="tcp", first=1, last=1),)) == "tcp 1"
    assert [show_network(one) for one in read_networks(("192.0.2.1", "192.0.2.0/30"))] == ["192.0.2.0/30", "192.0.2.1"]
