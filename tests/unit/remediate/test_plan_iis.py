from pathlib import Path

import pytest

from codered.model.finding import Finding
from codered.model.plan import Plan
from codered.remediate.applying import apply_plan, roll_back
from codered.remediate.drafts import Wishes
from codered.remediate.plan_iis import is_about_iis
from codered.remediate.planning import make_plan
from codered.targets.offline_root import OfflineRoot
from tests.fixtures.changing import hash_tree
from tests.fixtures.iis_configs import (
    APPLICATION_HOST,
    CLEAN_HOST,
    CLEAN_METABASE,
    METABASE_XML,
    collect,
    judge,
    load_rules,
    write_config,
)
from tests.fixtures.packs_for_plans import make_report

APPLICATION = b'<application path="/z"><virtualDirectory path="/" physicalPath="C:\\ProgramData\\COM\\z"/>'
ALL = Wishes(include_suspicious=True)


def plan_for(root: Path, *packs: str, wishes: Wishes = ALL) -> Plan:
    target = OfflineRoot(str(root))
    findings = judge(collect(root), *packs).values()
    return make_plan(make_report(target, *findings), load_rules(*packs).packs, target, wishes)  # type: ignore[arg-type]


def apply(root: Path, plan: Plan, case: Path) -> None:
    apply_plan(plan, OfflineRoot(str(root)), case)


def check_there_and_back(root: Path, case: Path, *packs: str, wishes: Wishes = ALL) -> tuple[Plan, bytes]:
    """Plan, apply, look again, roll back: the outcome's bytes of the one file that changed."""
    before, plan = hash_tree(root), plan_for(root, *packs, wishes=wishes)
    assert [action.kind for action in plan.actions] == ["reset_setting"]
    apply(root, plan, case)
    made = Path(plan.actions[0].path.text).read_bytes()
    seen = collect(root)
    assert seen.unread == (), "it is well-formed"
    left = judge(seen, *packs)
    assert not [finding for finding in left.values() if finding.confidence != "suspicious"], left.keys()
    roll_back(plan, OfflineRoot(str(root)), case)
    assert hash_tree(root) == before
    return plan, made


def why_left(plan: Plan) -> str:
    return " | ".join(item.because for item in plan.left_alone)


def test_rogue_directories_go_and_nothing_else(tmp_path: Path) -> None:
    clean = CLEAN_HOST.read_bytes()
    mark = b'        <application path="/owa"'
    rogues = (
        b'          <virtualDirectory path="/WHO" physicalPath="C:\\ProgramData\\COM\\WHO" />\r\n'
        b'          <virtualDirectory path="/ZING"\r\n              physicalPath="C:\\ProgramData\\COM\\ZING">\r\n'
        b"          </virtualDirectory>\r\n"
    )
    application = (
        b'        <application path="/shell" applicationPool="DefaultAppPool">\r\n'
        b'          <virtualDirectory path="/" physicalPath="C:\\ProgramData\\COM\\shell" />\r\n'
        b"        </application>\r\n"
    )
    ends = b"        </application>\r\n" if b"\r\n" in clean else b"        </application>\n"
    first = clean.index(ends)
    infected = clean[:first] + rogues + clean[first:]
    infected = infected.replace(mark, application + mark, 1)
    write_config(tmp_path / "root", APPLICATION_HOST, infected)
    plan, made = check_there_and_back(tmp_path / "root", tmp_path / "case", wishes=Wishes())
    assert made == clean
    assert any("inetpub\\history" in line for line in plan.advice)


def test_code_red_in_a_metabase(tmp_path: Path) -> None:
    clean = CLEAN_METABASE.read_bytes()
    planted = (
        b'<IIsWebVirtualDir\tLocation ="/LM/W3SVC/1/root/c"\r\n\t\tAccessFlags="AccessExecute | AccessRead |'
        b' AccessWrite | AccessScript"\r\n\t\tPath="c:\\"\r\n\t>\r\n</IIsWebVirtualDir>\r\n'
        b'<IIsWebDirectory\tLocation ="/LM/W3SVC/1/root/c/winnt"\r\n\t>\r\n</IIsWebDirectory>\r\n'
    )
    scripts = (
        b'<IIsWebVirtualDir\tLocation ="/LM/W3SVC/1/root/Scripts"\r\n\t\tAccessFlags="%s"\r\n'
        b'\t\tPath="c:\\inetpub\\scripts"\r\n\t>\r\n</IIsWebVirtualDir>\r\n'
    )
    end = b"</MBProperty>"
    bad = b"AccessRead | AccessWrite | AccessExecute | AccessScript"
    good = scripts % b"AccessRead | AccessScript"
    write_config(tmp_path / "root", METABASE_XML, clean.replace(end, planted + scripts % bad + end))
    write_config(tmp_path / "root", "inetpub/scripts/x.txt", b"")
    plan, made = check_there_and_back(tmp_path / "root", tmp_path / "case", "codered2")
    assert made == clean.replace(end, good + end)
    assert any("IIS must not run" in line for line in plan.advice)
    assert "the metabase of every site" in plan.actions[0].because
    assert all(change.becomes is None for change in plan.actions[0].edit.lines if b"root/c" in change.shown.encode())  # type: ignore[union-attr]


def test_mappings_filters_handlers_and_modules(tmp_path: Path) -> None:
    root = tmp_path / "root"
    clean = CLEAN_METABASE.read_bytes()
    windows = b"C:\\WINDOWS\\system32"
    maps = b'\r\n\t\t\t.ida,%s\\idq.dll,7,GET,HEAD,POST\r\n\t\t\t.printer,%s\\msw3prt.dll,1,GET,POST"' % (
        windows,
        windows,
    )
    one = clean.replace(b'asp.dll,5,GET,HEAD,POST,TRACE"', b"asp.dll,5,GET,HEAD,POST,TRACE" + maps)
    filters = b'FilterLoadOrder="ASP.NET_2.0.50727.0,bad"'
    rogue = (
        b'<IIsFilter\tLocation ="/LM/W3SVC/Filters/bad" FilterPath="C:\\Windows\\Temp\\bad.dll">\r\n</IIsFilter>\r\n'
    )
    two = one.replace(b'FilterLoadOrder="ASP.NET_2.0.50727.0"', filters).replace(
        b"</MBProperty>", rogue + b"</MBProperty>"
    )
    assert len({clean, one, two}) == 3
    write_config(root, METABASE_XML, two)
    _, made = check_there_and_back(root, tmp_path / "case")
    assert made == clean

    (root / METABASE_XML).unlink()
    host = CLEAN_HOST.read_bytes()
    rest = host.replace(
        b"<globalModules>", b'<globalModules><add name="Evil" image="C:\\ProgramData\\x\\evil.dll" />', 1
    ).replace(b"<modules>", b'<modules><add name="Evil" />', 1)
    rest = rest.replace(
        b'<add name="ASPClassic"',
        b'<add name="x" path="*.jpg" verb="*" modules="IsapiModule" '
        b'scriptProcessor="%windir%\\system32\\inetsrv\\asp.dll" />'
        b'<add name="y" path="*.y" verb="*" scriptProcessor="C:\\Windows\\System32\\cmd.exe /c %s" />'
        b'<add name="ASPClassic"',
    )
    write_config(root, APPLICATION_HOST, rest)
    plan, made = check_there_and_back(root, tmp_path / "case2")
    assert made == host
    assert len(plan.actions[0].findings) == 3, "several on one line"


def test_web_config_in_utf16_keeps_its_form(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write_config(root, APPLICATION_HOST, CLEAN_HOST.read_bytes())
    text = (
        '<?xml version="1.0" encoding="UTF-16"?>\r\n<!-- Ċ -->\r\n<configuration>\r\n<system.webServer>\r\n'
        "<handlers>\r\n{}</handlers>\r\n</system.webServer>\r\n</configuration>\r\n"
    )
    rogue = (
        '<add name="web_config" path="*.config" verb="*" modules="IsapiModule"\r\n'
        ' scriptProcessor="%windir%\\system32\\inetsrv\\asp.dll" />\r\n'
    )
    write_config(root, "inetpub/wwwroot/up/web.config", b"\xff\xfe" + text.format(rogue).encode("utf-16-le"))
    _, made = check_there_and_back(root, tmp_path / "case", wishes=Wishes())
    assert made == b"\xff\xfe" + text.format("").encode("utf-16-le")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b'"%SystemDrive%\\inetpub\\wwwroot"', b'"C:\\ProgramData\\COM\\x"', "root of the site itself"),
        (
            b'<application path="/owa"',
            APPLICATION + b'<virtualDirectory path="/y" physicalPath="C:\\y"/></application><application path="/owa"',
            "other directories are published below it",
        ),
    ],
)  # fmt: skip
def test_what_a_site_needs_is_left_to_its_owner(tmp_path: Path, old: bytes, new: bytes, why: str) -> None:
    body = CLEAN_HOST.read_bytes()
    assert old in body
    write_config(tmp_path, APPLICATION_HOST, body.replace(old, new, 1))
    plan = plan_for(tmp_path)
    assert plan.actions == ()
    assert why in why_left(plan)


def test_what_can_not_be_edited_is_left_with_words(tmp_path: Path) -> None:
    rogue = b'<virtualDirectory path="/w" physicalPath="C:\\ProgramData\\COM\\w" />'
    host = CLEAN_HOST.read_bytes().replace(b"</application>", rogue + b"</application>", 1)
    write_config(tmp_path, APPLICATION_HOST, host[: host.index(b"</sites>")])
    assert "can't be edited safely" in why_left(plan_for(tmp_path))
    write_config(tmp_path, APPLICATION_HOST, host)
    findings = tuple(judge(collect(tmp_path)).values())
    write_config(tmp_path, APPLICATION_HOST, host.replace(b"COM\\w", b"COM\\q"))
    target = OfflineRoot(str(tmp_path))
    plan = make_plan(make_report(target, *findings), (), target, ALL)  # type: ignore[arg-type]
    assert "changed since the scan" in why_left(plan)
    (tmp_path / APPLICATION_HOST).unlink()
    write_config(tmp_path, "WINNT/system32/inetsrv/MetaBase.bin", b"\0ROOT/c\0\1\1c:\\\0")
    plan = plan_for(tmp_path)
    assert plan.actions == ()
    assert "never edited from outside" in why_left(plan)


def test_only_findings_about_a_web_server_are_planned_here(tmp_path: Path) -> None:
    write_config(
        tmp_path, APPLICATION_HOST, CLEAN_HOST.read_bytes().replace(b"C:\\Program Files\\Microsoft\\E", b"C:\\TEMP\\E")
    )
    found: list[Finding] = list(judge(collect(tmp_path)).values())
    assert found
    assert all(map(is_about_iis, found))
