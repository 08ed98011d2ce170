"""That the libraries have what their shapes say."""

import pyewf
import pyqcow
import pytest
import pytsk3
import pyvhdi
import pyvmdk

from codered.targets.images import shapes


def members(shape: type) -> set[str]:
    return {name for name in vars(shape) if not name.startswith("_") or name == "__iter__"} - {"info"}


@pytest.mark.parametrize(
    ("real", "shape"),
    [(pytsk3.File, shapes.TskFile), (pytsk3.Attribute, shapes.TskAttribute), (pytsk3.Img_Info, shapes.TskImage)],
)
def test_tsk(real: type, shape: type) -> None:
    assert {name for name in members(shape) if not hasattr(real, name)} == set()


@pytest.mark.parametrize("real", [pyewf.handle, pyqcow.file, pyvhdi.file, pyvmdk.handle])
def test_libyal(real: type) -> None:
    own = {"get_identifier", "get_content_identifier"}  # of one kind each
    assert {name for name in members(shapes.LibraryHandle) - own if not hasattr(real, name)} == set()
    assert hasattr(pyvhdi.file, "get_identifier")
    assert hasattr(pyvmdk.handle, "get_content_identifier")
