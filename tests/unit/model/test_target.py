import msgspec
import pytest

from codered.model.target import ChangeableTarget, Target, TargetInfo, Unsupported, Volume
from codered.targets.rooted import RootedTarget


def test_what_is_known_of_a_target_survives_json() -> None:
    info = TargetInfo(
        kind="offline_root",
        root="/mnt",
        system="windows",
        offers=("files",),
        unsupported=(Unsupported("registry", "no reader"),),
        volumes=(Volume("c", "C"),),
    )
    assert msgspec.json.decode(msgspec.json.encode(info), type=TargetInfo) == info


def test_nothing_is_offered_unless_it_is_said() -> None:
    assert TargetInfo(kind="log_files", root="/").offers == ()


@pytest.mark.parametrize(("field", "value"), [("kind", "moon"), ("offers", ["moods"]), ("system", "plan9")])
def test_unknown_words_are_refused(field: str, value: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"kind": "live_linux", "root": "/", field: value}, TargetInfo)


def test_the_target_we_have_is_of_the_described_shape() -> None:
    wanted = {name for kind in (Target, ChangeableTarget) for name in vars(kind) if not name.startswith("_")}
    assert {"open_dir", "open_file", "find", "changeable"} <= wanted
    assert wanted <= set(dir(RootedTarget))
