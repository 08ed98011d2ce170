from pathlib import Path

from codered.model.target import Place
from codered.scan.web_roots import WEB_ROOTS, find_web_roots
from codered.targets import open_target
from tests.fixtures.autostart_roots import make_root, write
from tests.fixtures.windows_roots import lay_out_windows2000


def test_those_of_a_linux_system_each_once_and_never_the_whole_system(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    assert find_web_roots(open_target(str(root)), ()) is None
    write(
        root, {"var/www/html/a": "", "srv/www/b": "", "usr/share/wordpress/c": "", "etc/nginx/nginx.conf": "root /;\n"}
    )
    (root / "usr/local").mkdir(parents=True)
    (root / "usr/local/www").symlink_to("/")
    named = Place(WEB_ROOTS, (f"{root}/data",))
    found = find_web_roots(open_target(str(root)), (named, Place("home folders", (f"{root}/home",))))
    assert found is not None
    assert found.what == WEB_ROOTS
    assert sorted(found.paths) == [f"{root}/data", f"{root}/srv", f"{root}/usr/share/wordpress", f"{root}/var/www"]


def test_those_of_a_windows_system_in_any_case(tmp_path: Path) -> None:
    root = lay_out_windows2000(tmp_path / "root")
    exchange = "Program Files/Microsoft/Exchange Server"
    write(root, {"INETPUB2/x": "", f"{exchange}/V15/FrontEnd/HttpProxy/a": "", f"{exchange}/V15/Bin/b": ""})
    found = find_web_roots(open_target(str(root)), ())
    assert found is not None
    shown = sorted(path.removeprefix(f"{root}/").lower() for path in found.paths)
    assert "inetpub" in shown
    assert f"{exchange}/V15/FrontEnd/HttpProxy".lower() in shown
    assert not [path for path in shown if path.endswith(("bin", "inetpub2"))]
