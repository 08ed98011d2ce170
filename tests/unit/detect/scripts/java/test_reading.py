"""The whole reader over inert pages: each begins with an unconditional return."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codered.detect.scripts.facts import Script, load_vocabulary
from codered.detect.scripts.java.reading import read_java
from codered.detect.scripts.languages import find_script

INERT = "<% if (true) return; %>"

SHOWN = {
    # commands: plain, in arrays and lists, by methods, sessions, threads, cookies
    "Runtime.getRuntime().exec(request.getParameter(q));": "runs-request-command",
    'String[] a = {"x", request.getHeader(q)}; Runtime.getRuntime().exec(a);': "runs-request-command",
    "List<String> l = new ArrayList<>(); l.add(request.getQueryString()); new ProcessBuilder(l).start();": (
        "runs-request-command"
    ),
    'session.setAttribute("k", request.getParameter(q)); Runtime.getRuntime().exec("" + session.getAttribute("k"));': (
        "runs-request-command"
    ),
    "for (Cookie c : request.getCookies()) { Runtime.getRuntime().exec(c.getValue()); }": "runs-request-command",
    "final String c = request.getParameter(q); new Thread() { public void run() { Runtime.getRuntime().exec(c); } };": (
        "runs-request-command"
    ),
    # reflection with names that are put together, reversed, decoded
    'Class.forName("java.lang.Run" + "time").getMethod(new StringBuilder("cexe").reverse().toString(), String.class)'
    ".invoke(r, request.getParameter(q));": "runs-request-command",
    'String n = new String(decoder.decodeBuffer("amF2YS5sYW5nLlByb2Nlc3NCdWlsZGVy")); Class k = Class.forName(n);'
    "k.getDeclaredConstructors()[0].newInstance(request.getParameter(q));": "hides-names",
    'Class.forName(decode("?")).getMethod(decode("?"), String.class).invoke(o, request.getParameter(q));': (
        "calls-hidden-method"
    ),
    # code and classes
    'new ScriptEngineManager().getEngineByName("js").eval(request.getParameter(q));': "runs-request-code",
    "new U(loader).defineClass(cipher.doFinal(request.getReader().readLine().getBytes()));": "loads-request-code",
    "new URLClassLoader(new URL[]{new URL(request.getParameter(q))});": "loads-request-code",
    'new ClassLoader().loadClass("$$BCEL$$" + request.getParameter(q));': "loads-request-code",
    "new ObjectInputStream(request.getInputStream()).readObject();": "reads-request-objects",
    "new InitialContext().lookup(request.getParameter(q));": "looks-up-request-name",
    # files
    "new FileOutputStream(dir + request.getParameter(q)).write(request.getParameter(q).getBytes());": (
        "writes-request-file"
    ),
    "Files.write(Paths.get(request.getParameter(q)), request.getParameter(q).getBytes());": "writes-request-file",
    'FileWriter w = new FileWriter(dir + "/x.jsp"); w.write(request.getParameter(q));': "writes-script",
    "Part p = request.getPart(q); p.write(dir + p.getSubmittedFileName());": "keeps-upload-as-sent",
    "File f = new File(request.getParameter(q)); f.listFiles(); f.delete(); new FileInputStream(f);": "does-file-work",
    # databases, networks, the server itself
    "Connection c = DriverManager.getConnection(request.getParameter(q)); c.createStatement()"
    ".executeQuery(request.getParameter(q));": "runs-request-query",
    "SocketChannel s = SocketChannel.open(); s.connect(new InetSocketAddress(request.getHeader(q), 1));": (
        "connects-for-request"
    ),
    "context.addFilterMapBefore(map);": "adds-itself",
}

HARMLESS = (
    "int id = Integer.parseInt(request.getParameter(q)); new File(dir + id).delete();",
    'statement.executeQuery("select * from t where a = \'" + request.getParameter(q) + "\'");',
    "out.print(Runtime.getRuntime().freeMemory());",
    'String a = request.getParameter(q); if ("save".equals(a)) { out.print(a); }',
    'response.sendRedirect(request.getContextPath() + "/index.jsp?q=" + request.getParameter(q));',
    'Class.forName("org.example.Driver").newInstance();',
    "response.getOutputStream().write(request.getParameter(q).getBytes());",
)


def read(page: str) -> set[str]:
    return {fact.name for fact in read_java(Script("jsp", page))}


@pytest.mark.parametrize(("code", "fact"), SHOWN.items())
def test_what_a_visitor_sends_is_followed_to_what_it_does(code: str, fact: str) -> None:
    assert fact in read(f"{INERT}<% {code} %>")


def test_ordinary_pages_show_nothing() -> None:
    for code in HARMLESS:
        assert read(f"{INERT}<% {code} %>") <= {"tiny", "alone-in-file"}, code


def test_methods_and_classes_of_the_page() -> None:
    page = (
        f"{INERT}<%! Process go(String a) {{ return Runtime.getRuntime().exec(a); }} %>"
        "<%= go(request.getParameter(q)) %>"
    )
    assert "runs-request-command" in read(page)
    stays = f"""{INERT}<%! class F implements Filter {{ public void doFilter(ServletRequest a, ServletResponse b) {{
        Runtime.getRuntime().exec(a.getParameter("q")); }} }} %><% c.addFilterDef(new F()); %>"""
    assert {"adds-itself", "holds-handler-class", "runs-request-command"} <= read(stays)
    talks = f"{INERT}<%! class E {{ public void onMessage(String s) {{ new ProcessBuilder(s).start(); }} }} %>"
    assert "runs-request-command" in read(talks)


def test_expressions_and_tags() -> None:
    assert "runs-request-code" in read('${false ? e.getEngineByName("js").eval(param.q) : ""}')
    assert "runs-request-query" in read('<sql:query var="r">${param.q}</sql:query>')
    assert not read("<p>${param.q}</p>") - {"tiny"}


def as_xml(prefix: str) -> str:
    return (
        f'<{prefix}:root xmlns:{prefix}="http://java.sun.com/JSP/Page"><{prefix}:scriptlet>if (true) return; '
        "Runt<![CDATA[ime.getRuntime().ex]]>ec(request.getParameter(&quot;q&quot;));"
        f"</{prefix}:scriptlet></{prefix}:root>"
    )


def hide() -> Iterator[bytes]:
    plain = INERT + '<% Runtime.getRuntime().exec(request.getParameter("q")); %>'
    yield plain.encode()
    yield plain.replace("Runtime", "\\uu0052untime").replace("Parameter", "\\u0050arameter").encode()
    yield plain.encode("utf-16")
    yield plain.encode("utf-16-be")
    yield as_xml("jsp").encode()
    yield as_xml("hi").encode()
    yield b"<?xml version='1.0' encoding='cp037'?>" + as_xml("jsp").encode("cp037")


@pytest.mark.parametrize("data", [*hide()])
def test_encodings_hide_nothing(data: bytes) -> None:
    script = find_script(data, "/srv/a.jsp")
    assert script is not None
    assert script.language == "jsp"
    assert "runs-request-command" in {fact.name for fact in read_java(script)}


def test_facts_carry_their_place_and_are_in_the_vocabulary() -> None:
    page = f"{INERT}<p>text</p><%! int a; %><% Runtime.getRuntime().exec(request.getParameter(q)); %>"
    facts = list(read_java(Script("jsp", page, 100)))
    command = next(fact for fact in facts if fact.name == "runs-request-command")
    assert page[command.at - 100 :].startswith("exec(")
    assert "exec(request" in command.shown
    assert len(command.shown) <= 200
    assert {fact.name for fact in facts} <= load_vocabulary().keys()


@pytest.mark.parametrize("piece", ["(", '"', ".", "$a.", "/*", "${", "(a)", "<%", "a(", "new A(){", "x=", "f(f("])
def test_a_lot_of_nonsense_ends(piece: str) -> None:
    read("<% " + piece * (100_000 // len(piece)))
    read(piece * (100_000 // len(piece)))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([*"(){}[]<>.,;:?=+-\"'$@\\ ", "<%", "%>", "new ", "class A", "a", "1", "->", "request"]))
)
def test_any_words_are_read(words: list[str]) -> None:
    read("<% " + "".join(words))
