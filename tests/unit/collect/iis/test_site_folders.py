from pathlib import Path

import pytest

from codered.collect.iis import site_folders
from tests.fixtures.iis_configs import APPLICATION_HOST, collect, write_config

HOST = """<configuration><system.applicationHost><sites><site name="S" id="3"><application path="/">{}
</application></site></sites></system.applicationHost></configuration>"""


def lay_out(root: Path, *paths: str) -> None:
    body = "".join(f'<virtualDirectory path="/v{n}" physicalPath="{path}"/>' for n, path in enumerate(paths))
    write_config(root, APPLICATION_HOST, HOST.format(body))


def test_folders_of_sites_are_looked_into(tmp_path: Path) -> None:
    lay_out(tmp_path, "C:\\InetPub\\WWWROOT", "C:\\gone", "E:\\other", "\\\\host\\share", "F:\\", "%UNKNOWN%\\x")
    handler = '<configuration><handlers><add path="*.{}"/></handlers></configuration>'
    write_config(tmp_path, "inetpub/wwwroot/a/b/Web.Config", handler.format("one"))
    write_config(tmp_path, "inetpub/wwwroot/.vs/config/applicationhost.config", handler.format("two"))
    write_config(tmp_path, "inetpub/wwwroot/applicationhost.config", handler.format("three"))
    write_config(tmp_path, "elsewhere/web.config", handler.format("four"))
    (tmp_path / "inetpub/wwwroot/out").symlink_to(tmp_path / "elsewhere")
    seen = collect(tmp_path)
    assert [(item.name, item.scope) for item in seen.items] == [("*.two", ""), ("*.one", "C:\\inetpub\\wwwroot\\a\\b")]
    assert [item.present for item in seen.directories] == [True, False, None, None, None, None]
    assert dict(seen.undetermined) == {
        "E:\\other as /v2": "it lies on a drive that is not part of what is looked at: look at it too",
        "F:\\ as /v4": "it lies on a drive that is not part of what is looked at: look at it too",
        "\\\\host\\share as /v3": "it is published from another machine: look at that one too",
    }


def test_a_whole_drive_is_looked_into_last(tmp_path: Path) -> None:
    lay_out(tmp_path, "C:\\", "C:\\inetpub")
    write_config(tmp_path, "x/web.config", "<configuration/>")
    write_config(tmp_path, "inetpub/web.config", "<configuration/>")
    seen = collect(tmp_path)
    assert [item.present for item in seen.directories] == [True, True]
    assert [path.text.removeprefix(str(tmp_path)) for path in seen.files[1:]] == [
        "/inetpub/web.config",
        "/x/web.config",
    ]


def test_the_look_is_bounded_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(tmp_path, "C:\\inetpub")
    for number in range(6):
        write_config(tmp_path, f"inetpub/{number}/web.config", "<configuration/>")
    assert len(collect(tmp_path).files) == 7
    monkeypatch.setattr(site_folders, "MOST_CONFIGS", 3)
    seen = collect(tmp_path)
    assert len(seen.files) == 4
    assert [where for where, _ in seen.unread] == ["folders of sites"]
    monkeypatch.setattr(site_folders, "MOST_CONFIGS", 500)
    monkeypatch.setattr(site_folders, "MOST_FOLDERS", 2)
    seen = collect(tmp_path)
    assert len(seen.files) == 2
    assert "more than 2 folders" in seen.unread[0][1]
