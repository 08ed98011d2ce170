from pathlib import Path

import pytest

from codered.collect.dumps.named import refuse_named
from codered.model.errors import WrongUse
from tests.fixtures.dump_files import make_elf, make_lime, opened


@pytest.mark.parametrize(
    ("start", "what"),
    [
        (b"hibr", "hibernation"), (b"HIBR", "hibernation"), (b"wake", "hibernation"), (b"RSTR", "hibernation"),
        (b"AVML\x02\0\0\0", "AVML"), (b"\xd2\xbe\xd2\xbe", "VMware"), (b"\xd0\xbe\xd2\xbe", "VMware"),
        (b"KDUMP   ", "kdump"), (b"MDMP", "minidump"), (b"\x1f\x8b\x08", "compressed"), (b"QEVM", "QEMU"),
    ],
)  # fmt: skip
def test_formats_are_named_by_how_they_start(start: bytes, what: str, tmp_path: Path) -> None:
    with opened(tmp_path, start + bytes(100)) as file, pytest.raises(WrongUse, match=what) as told:
        refuse_named(file)
    assert told.value.advice


@pytest.mark.parametrize(
    ("name", "what"), [("HiberFil.sys", "hibernation"), ("vm-1.VMSN", "VMware"), ("a.vmrs", "Hyper")]
)
def test_formats_are_named_by_their_names(name: str, what: str, tmp_path: Path) -> None:
    with opened(tmp_path, bytes(100), name) as file, pytest.raises(WrongUse, match=what):
        refuse_named(file)


@pytest.mark.parametrize("data", [b"", make_elf(), make_lime(), b"PAGEDU64", b"PAGEDUMP", b"\x53\xff\x00\xf0"])
def test_what_can_be_read_is_let_through(data: bytes, tmp_path: Path) -> None:
    with opened(tmp_path, data, "ram.vmem") as file:
        refuse_named(file)
