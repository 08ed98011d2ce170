"""ASP.NET: what is found in inert snippets, and what is not in ordinary ones."""

import pytest

from codered.detect.scripts.dotnet.reading import read_aspx
from codered.detect.scripts.facts import Script

CS = '<%@ Page Language="C#" %><% return; '
HITS = {
    "process": (CS + 'System.Diagnostics.Process.Start("cmd.exe", "/c " + Request["c"]); %>', "runs-request-command"),
    "start info": (
        CS + 'ProcessStartInfo p = new ProcessStartInfo(); p.Arguments = "/c " + Request.Form["c"]; %>',
        "runs-request-command",
    ),
    "typed by a visitor": (
        (
            '<%@ Page Language="VB" %><script runat="server">Sub G()\nDim p As New Process()\n'
            'p.StartInfo.FileName = what.Text\nEnd Sub</script><asp:TextBox id="what" runat="server"/>'
        ),
        "runs-request-command",
    ),
    "jscript": ('<%@ Page Language="Jscript"%><% eval(Request.Item["k"], "un" + "safe"); %>', "runs-request-code"),
    "escaped name": ('<%@ Page Language="Jscript"%><% \\u0065val(Request.Item["k"]); %>', "runs-request-code"),
    "decoded": (
        (
            '<%@ Page Language="Jscript"%><% eval(eval(System.Text.Encoding.GetEncoding(936).GetString('
            "System.Convert.FromBase64String('UmVxdWVzd'+'C5JdGVtWyJ6Il0=')))); %>"
        ),
        "runs-request-code",
    ),
    "assembly": (
        CS + "byte[] k = a(), c = Request.BinaryRead(9); Assembly.Load(b.TransformFinalBlock(c, 0, 9)); %>",
        "loads-request-code",
    ),
    "handler": (
        (
            '<%@ WebHandler Language="C#" Class="H" %>class H { void P(HttpContext context) { string z = '
            'context.Request["z"]; File.WriteAllText(z, context.Request["y"]); } }'
        ),
        "writes-request-file",
    ),
    "upload": (CS + 'Request.Files[0].SaveAs(Server.MapPath(Request["f"])); %>', "writes-request-file"),
    "query": (CS + 'var q = new SqlCommand(Request["sql"], c); %>', "runs-request-query"),
}
CLEAN = (
    CS + 'Process.Start("tool.exe"); %>',
    CS + 'int n = Convert.ToInt32(Request["n"]); Process.Start("x", n); %>',
    CS + 'var q = new SqlCommand("select a from b where c = " + Request["d"], e); %>',
    CS + 'string a = @"eval(Request[""k""])"; // Process.Start(Request["c"])\n %>',
)


def read(text: str) -> set[str]:
    return {fact.name for fact in read_aspx(Script("aspx", text))}


@pytest.mark.parametrize("name", HITS)
def test_flows_are_found(name: str) -> None:
    text, fact = HITS[name]
    assert fact in read(text)


@pytest.mark.parametrize("text", CLEAN)
def test_ordinary_pages_give_no_flow(text: str) -> None:
    assert {name for name in read(text) if name.startswith(("runs-request", "loads"))} == set()
