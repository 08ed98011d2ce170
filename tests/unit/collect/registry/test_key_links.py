"""Where a link leads, in the kernel's words and in ours."""

from codered.collect.registry.key_links import KeyLink, name_target


def test_targets_in_and_out_of_the_registry() -> None:
    inside = {
        "\\Registry\\Machine\\SOFTWARE\\A": "HKLM\\SOFTWARE\\A",
        "\\REGISTRY\\USER\\S-1\\A": "HKU\\S-1\\A",
        "\\registry\\machine": "HKLM",
        "\\registry\\user\\": "HKU",
    }
    assert {text: name_target(KeyLink(1, text)) for text in inside} == inside
    for text in ("", "HKLM\\SOFTWARE", "\\Registry", "\\Registry\\Machines\\A", "\\Registry\\A\\x", "\\Device\\Disk"):
        assert name_target(KeyLink(1, text)) is None, text
