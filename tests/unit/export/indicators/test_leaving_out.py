from codered.export.indicators.exported import LeftOut
from codered.export.indicators.leaving_out import LAYERS, leave_layers, leave_sign
from codered.model.indicators import Indicator
from codered.model.pack import ThreatPack
from tests.fixtures.exported_packs import make_log, make_sent, with_signs


def test_every_sign_of_other_layers_is_named_with_its_reason() -> None:
    pack = with_signs(make_log("a"), make_log("b"), make_sent("c"))
    assert list(leave_layers((pack,), ("logs",), "it can't hear")) == [LeftOut("inert/c", "traffic: it can't hear")]
    assert [one.sign for one in leave_layers((pack,), (), "no")] == ["inert/a", "inert/b", "inert/c"]
    assert leave_sign(pack.loaded.pack, make_log("x"), "why") == LeftOut("inert/x", "why")


def test_no_layer_of_signs_is_forgotten() -> None:
    told = {name for name in ThreatPack.__struct_fields__ if "Indicator, ..." in str(ThreatPack.__annotations__[name])}
    assert set(LAYERS) == told
    assert issubclass(type(make_log()), Indicator)
