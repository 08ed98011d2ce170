import pytest

from codered.model.windows import WindowsSystem


@pytest.mark.parametrize(
    ("system", "told"),
    [
        (WindowsSystem(), "Windows"),
        (WindowsSystem(name="Windows 2000", service_pack=0), "Windows 2000"),
        (
            WindowsSystem(name="Windows 2000", service_pack=2, build="2195", iis="5.0", host="TESTHOST"),
            "Windows 2000 Service Pack 2, build 2195, IIS 5.0, host TESTHOST",
        ),
    ],
)
def test_a_system_in_a_line(system: WindowsSystem, told: str) -> None:
    assert system.describe() == told
