import msgspec

from codered.export.controls.making import make_controls
from codered.export.controls.orders import PLATFORMS, ControlsOrder
from codered.export.controls.showing import Controls, list_control_files, render_controls
from codered.export.writing.layout import WIDTH


def test_each_control_shows_what_to_enter_and_the_undo(order: ControlsOrder) -> None:
    controls = make_controls(msgspec.structs.replace(order, platforms=("cisco", "openc2", "windows")))
    text = render_controls(controls)
    assert text.count("--- enter ") == text.count("--- undo ") == 2
    assert text.count("--- then ") == 1
    assert text.count("--- contain-on.ps1 ") == text.count("--- contain-off.ps1 ") == 1
    assert text.startswith("1. cisco: Cisco IOS\n\n   Stops: nothing from 192.0.2.5")
    for control in controls:
        assert control.apply.rstrip("\n") in text
        assert control.undo.rstrip("\n") in text


def test_what_is_ours_fits_the_page(order: ControlsOrder) -> None:
    for control in make_controls(msgspec.structs.replace(order, platforms=PLATFORMS)):
        head = render_controls((control,)).partition("\n---")[0]
        assert all(len(line) <= WIDTH or " " not in line.strip("- ") for line in head.split("\n"))


def test_files_hold_the_same_and_the_undo_lies_beside(order: ControlsOrder) -> None:
    controls = make_controls(msgspec.structs.replace(order, platforms=("cisco", "nftables", "windows")))
    files = dict(list_control_files(controls))
    assert list(files) == [
        "01-cisco.notes.txt", "01-cisco.apply.txt", "01-cisco.then.txt", "01-cisco.undo.txt",
        "02-nftables.notes.txt", "02-nftables.apply.txt", "02-nftables.undo.txt",
        "03-windows.notes.txt", "contain-on.ps1", "contain-confirm.ps1", "contain-off.ps1",
    ]  # fmt: skip
    assert files["01-cisco.undo.txt"] == controls[0].undo
    assert files["contain-off.ps1"] == controls[2].undo
    assert controls[1].what in files["02-nftables.notes.txt"]


def test_as_a_document_it_is_tagged(order: ControlsOrder) -> None:
    data = msgspec.json.encode(Controls(controls=make_controls(order)))
    assert msgspec.json.decode(data)["format"] == "codered/controls/1"
    assert msgspec.json.decode(data, type=Controls).controls[0].platform == "cisco"
