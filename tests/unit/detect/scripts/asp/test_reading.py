"""Classic ASP: what is found in inert snippets, and what is not in ordinary ones."""

import pytest

from codered.detect.scripts.asp.encoder import decode_block
from codered.detect.scripts.asp.reading import read_asp
from codered.detect.scripts.facts import Script, load_vocabulary

INERT = "<% Response.End %>"
HITS = {
    "statement": ('<% execute request("k") %>', "runs-request-code"),
    "through variables": ('<% a = request("k") : b = a : eval b %>', "runs-request-code"),
    "tab before the bracket": ('<% eval\t(request("k")) %>', "runs-request-code"),
    "empty text joined": ('<% For Each x In Request.Form\nexecute""&x&"=1"\nNext %>', "runs-request-code"),
    "session": ('<% session("k")=request("k"):execute session("k") %>', "runs-request-code"),
    "name of the source built": ('<% execute(eval(chr(114)&"equest")("k")) %>', "runs-request-code"),
    "reversed": (
        '<% Function t(x)\nt=Replace(StrReverse(x),"*",Chr(34))\nEnd Function\nExecute t(")*k*(tseuqer lave") %>',
        "runs-decoded-code",
    ),
    "loop of characters": (
        '<% Execute(d("%119%136%115%126"))\nFunction d(s)\nFor i=1 To 4\nd=d&Chr(s(i)-1)\nNext\nEnd Function %>',
        "runs-decoded-code",
    ),
    "shell": ('<% Set s=CreateObject("WScr"&"ipt.Shell")\ns.Run "cmd /c " & Request("c") %>', "runs-request-command"),
    "broken line": (
        '<% Set s=CreateObject("wscript.shell")\nCall s.Run("x" & Request("c") &\n"y",0) %>',
        "runs-request-command",
    ),
    "own maker": (
        '<% Function m(n)\nSet m=CreateObject(n)\nEnd Function\nSet s=m("WScr"&z&"ipt.Shell")\ns.Exec Request("c") %>',
        "runs-request-command",
    ),
    "object tag": (
        '<object runat=server id=s classid=clsid:72C24DD5-D70A-438B-8A42-98424B88AFB8><% s.Exec(Request("c")) %>',
        "runs-request-command",
    ),
    "control": ('<% Set c=CreateObject("ScriptControl")\nc.AddCode Request("c") %>', "runs-request-code"),
    "file": (
        '<% Set f=CreateObject("Scripting.FileSystemObject").CreateTextFile(Request("p"))\nf.Write Request("t") %>',
        "writes-request-file",
    ),
    "jscript": (
        '<script runat=server language=jscript>var k = Request.Form("k"); eval(k);</script>',
        "runs-request-code",
    ),
    "style sheet": ('<% x="<msxsl:script language=""JScript"">eval(1)</msxsl:script>" %>', "stylesheet-with-program"),
    "fetched": (
        (
            '<% Set x=CreateObject("Microsoft.XMLHTTP")\nx.Send\nSet s=CreateObject("ADODB.Stream")\n'
            's.Write x.responseBody\ns.SaveToFile "a.asp" %>'
        ),
        "fetches-file",
    ),
}
CLEAN = (
    '<% Set r=New RegExp\nSet m=r.Execute(Request("q")) %>',
    '<% Set c=CreateObject("ADODB.Connection")\nc.Execute "select a from b where id=" & Request("id") %>',
    '<% n = CInt(Request("n"))\nExecute "x = " & n %>',
    '<% \' execute request(1)\nrem eval request(2)\nResponse.Write "execute request(3)" %>',
    '<script>eval(request("k"))</script>',
    '<% If Request("a") = "b" Then c = "d"\nExecute c %>',
)


def read(text: str) -> dict[str, str]:
    return {fact.name: fact.shown for fact in read_asp(Script("asp", text))}


@pytest.mark.parametrize("name", HITS)
def test_flows_are_found(name: str) -> None:
    text, fact = HITS[name]
    found = read(INERT + text)
    assert fact in found
    assert found.keys() <= load_vocabulary().keys() | {"tiny"}


@pytest.mark.parametrize("text", CLEAN)
def test_ordinary_pages_give_no_flow(text: str) -> None:
    assert {name for name in read(text) if name.startswith(("runs-request", "runs-decoded", "writes"))} == set()


def test_what_the_encoder_hid_is_read() -> None:
    plain = "execute request(1)"
    hidden = ""
    for number, letter in enumerate(plain):
        tries = (chr(code) for code in (9, *range(32, 128)) if chr(code) not in "<>@")
        hidden += next(code for code in tries if decode_block("!" * number + code)[number] == letter)
    found = read(f'<%@ LANGUAGE="VBScript.Encode"%><%#@~^AAAAAA=={hidden}AAAAAA==^#~@%>')
    assert {"runs-request-code", "encoded-by-encoder"} <= found.keys()
