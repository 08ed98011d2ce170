import pytest

from codered.detect.scripts.cold_fusion.reading import read_cfm
from codered.detect.scripts.facts import Script

HITS = {
    "tag": ('<cfexecute name="sh" arguments="-c #form.c#">', "runs-request-command"),
    "field without its scope": ('<cfif isDefined("form.c")><cfexecute name="#c#"></cfif>', "runs-request-command"),
    "evaluate": ("<cfset x = evaluate(url.x)>", "runs-request-code"),
    "script": (
        '<cfscript>r = createObject("java", "java.lang.Runtime").getRuntime(); r.exec(form.c);</cfscript>',
        "runs-request-command",
    ),
    "file": ('<cffile action="write" file="#form.p#" output="#form.t#">', "writes-request-file"),
    "query": ('<cfquery datasource="#form.d#">#form.q#</cfquery>', "runs-request-query"),
}


@pytest.mark.parametrize("name", HITS)
def test_flows_are_found(name: str) -> None:
    text, fact = HITS[name]
    assert fact in {found.name for found in read_cfm(Script("cfm", "<cfabort>" + text))}


@pytest.mark.parametrize(
    "text",
    [
        '<cfquery datasource="a">select b from c where d = #url.d#</cfquery>',
        '<!--- <cfexecute name="#form.c#"> --->',
        '<cfset n = val(form.n)><cfexecute name="seq" arguments="#n#">',
    ],
)
def test_ordinary_pages_give_no_flow(text: str) -> None:
    assert not [fact for fact in read_cfm(Script("cfm", text)) if fact.name.startswith("runs-request")]
