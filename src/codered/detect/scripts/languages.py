"""Which parts of a file a server would run as a script, told from the content; a name alone proves nothing."""

import re

from codered.detect.scripts.facts import Script
from codered.detect.scripts.php.tokens import OPENING
from codered.detect.scripts.stretches import MOST_BYTES
from codered.model.indicators import ScriptLanguage

_PHP = re.compile(rb"<\?(?:php|=|\s)|<script[^>]{0,80}language\s*=\s*[\"']?php", re.IGNORECASE)
_PHP_BY_NAME = re.compile(OPENING.encode(), re.IGNORECASE)  # `<?exit;`: short tags, where the name says that it is PHP
_JAVA = re.compile(
    rb"<%@\s*(?:taglib\b|(?:page|include)\b[^%]{0,300}(?:\bjava\b|\bimport\s*=|pageEncoding|\bfile\s*=))|<jsp:"
    rb"|\bRuntime\.getRuntime|\brequest\.get(?:Parameter|InputStream|Reader|Header)|\bjava\.(?:io|lang|util|net)\.",
    re.IGNORECASE,
)
_JAVA_TAGS = re.compile(rb"<\w{1,20}:(?:scriptlet|declaration|expression)\b")
_EXPRESSION = re.compile(rb"[$#]\{[^}\n]{0,200}\b(?:param|header|cookie|pageContext)\b")
_EXPRESSION_ENDINGS = ("jsp", "tag", "xhtml")
_SOURCES = frozenset(("java", "kt", "scala", "class"))  # of programs: no server runs them as they are
_NO_PAGES = frozenset(("js", "ts", "mjs", "map", "md"))  # they speak of pages, and are none
_EBCDIC = re.compile(b"|".join(re.escape(word.encode("cp037")) for word in ("request", "<jsp:", "<%@", "Runtime")))
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}>")
_EBCDIC_START = re.compile(r"[\s\x85]{0,100}<(?:%|\?xml|jsp:|!|html\b)", re.IGNORECASE)
_NET = re.compile(
    rb"<%@\s*(?:(?:application|webhandler|webservice|control|master|assembly|import)\b|page\b(?![^%]{0,300}java\b))"
    rb"|<script[^>]{0,100}language\s*=\s*[\"']?c#|<%@[^%]{0,300}language\s*=\s*[\"']?\s*(?:c#|vb\b)|<asp:|<form[^>]{0,200}runat\s*=",
    re.IGNORECASE,
)
_NET_ENDINGS = frozenset(("aspx", "ascx", "ashx", "asmx", "asp", "master"))
_MARKUP = re.compile(rb"<%[@=#\s]{0,8}[\t\r\n -~]{6}|<script[^>]{0,100}runat\s*=\s*[\"']?server", re.IGNORECASE)
_ASP = re.compile(
    rb"\b(?:request|response|server|session|execute(?:global)?|eval|createobject|activexobject|getobject)\b"
    rb"|#@~\^|vbscript|jscript",
    re.IGNORECASE,
)
_COLD_FUSION = re.compile(
    rb"<cf(?:set|if|output|execute|file|param|include|script|query|component|function)\b", re.IGNORECASE
)
_PERL = re.compile(rb"\A#!.{0,60}perl|^\s*use (?:CGI|strict|Socket|IO::)|\$ENV\{'?QUERY_STRING", re.MULTILINE)
_PYTHON = re.compile(
    rb"\A#!.{0,60}python|^import (?:\w{1,30}, ?){0,8}"
    rb"(?:cgi|os|sys|socket|subprocess|base64|zlib|marshal|pty|requests|urllib2?)\b"
    rb"|^from (?:cgi|os|flask|base64|bottle|http\.server|socket|subprocess) import",
    re.MULTILINE,
)
# Modules of an interpreter: what runs commands there is a tool's part, and no server gives it to visitors.
_LIBRARIES = re.compile(
    r"(?:/usr/(?:local/)?(?:lib|lib64|share)/|/opt/[^/]{1,80}/lib(?:64)?/)"
    r"(?:.{0,200}/(?:site|dist)-packages/|python\d|(?:[\w-]{1,40}/)?perl5?/)"
    r"|[a-z]:/(?:program files[^/]{0,10}/)?python[\d.]{0,8}/lib/"
)
_WEB_ROOTS = re.compile(r"/(?:www|wwwroot|htdocs|httpdocs|public_html|html|webapps|inetpub|cgi-bin|sites?)/")
_NO_PROGRAMS = frozenset(("html", "htm", "xhtml", "shtml", "xml", "css", "md", "rst", "pod", "tex"))
"""Texts that show Perl and Python, and are never run as such."""
_SYSTEM_LANGUAGES = ("perl", "python", "shell")
_PROGRAM = re.compile(rb"\xef?\xbb?\xbf?\s{0,20}#!.{0,60}\b(perl|python)")
_SHELL = re.compile(rb"\A#!.{0,60}/(?:ba|da|k|z)?sh\b")

MOST_LANGUAGES = 3
_ENDINGS: dict[ScriptLanguage, frozenset[str]] = {
    "php": frozenset(("php", "php3", "php4", "php5", "php7", "php8", "phtml", "pht", "phps", "phar")),
    "asp": frozenset(("asp", "asa", "cer", "cdx")),
    "aspx": frozenset(("aspx", "ascx", "ashx", "asmx", "master", "asax")),
    "jsp": frozenset(("jsp", "jspx", "jspf", "jsw", "jsv", "tag", "tagx")),
    "cfm": frozenset(("cfm", "cfml", "cfc")),
    "perl": frozenset(("pl", "cgi", "pm")),
    "python": frozenset(("py",)),
    "shell": frozenset(("sh",)),
}
_OPENINGS: dict[ScriptLanguage, re.Pattern[bytes]] = {
    "php": _PHP_BY_NAME,
    "asp": _MARKUP,
    "aspx": _NET,
    "jsp": re.compile(rb"<%|<jsp:"),
    "cfm": _COLD_FUSION,
    "perl": _PERL,
    "python": _PYTHON,
    "shell": _SHELL,
}
_PAGES: tuple[ScriptLanguage, ...] = ("php", "jsp", "aspx", "asp", "cfm")


def find_script(data: bytes, path: str) -> Script | None:
    """The script in a file's first bytes as it most likely is meant, None if there is none."""
    return next(iter(find_scripts(data, path)), None)


def find_scripts(data: bytes, path: str) -> list[Script]:
    """The scripts that a server may see in a file's first bytes: one for each language that opens there, at most three.
    What the file's ending says comes first: a comment that looks like another language must not choose the reader.
    """
    head = _decode(data[: 2 * MOST_BYTES])
    lowered = path.lower().replace("\\", "/")
    languages = _list_languages(head, lowered.rpartition("/")[2].rpartition(".")[2])
    if _LIBRARIES.match(lowered) and not _WEB_ROOTS.search(lowered):
        languages = [language for language in languages if language not in _SYSTEM_LANGUAGES]
    text = head.decode("latin-1") if languages else ""
    return [Script(language, text) for language in languages]


def _list_languages(head: bytes, ending: str) -> list[ScriptLanguage]:
    chosen = _find_language(head, ending)
    if ending in _SOURCES:
        return []
    told = next((language for language, endings in _ENDINGS.items() if ending in endings), None)
    found: list[ScriptLanguage] = [told] if told and _OPENINGS[told].search(head) else []
    if chosen and chosen not in found:
        found.append(chosen)
    if told is None and chosen in _PAGES and ending not in _NO_PAGES:  # its name leaves it open
        found += [language for language in _PAGES if language not in found and _may_be(language, head)]
    return found[:MOST_LANGUAGES]


def _may_be(language: ScriptLanguage, head: bytes) -> bool:
    if language == "asp":
        return bool(_MARKUP.search(head) and _ASP.search(head))
    return bool({"php": _PHP, "jsp": _JAVA}.get(language, _OPENINGS[language]).search(head))


def _decode(head: bytes) -> bytes:
    """UTF-16 and EBCDIC, which Java's and Microsoft's servers read, as one byte a character; all else as it is."""
    if head[:4096].count(0) * 3 > min(len(head), 4096):
        return head.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").replace(b"\0", b"")
    body = head[declared.end() :] if (declared := _DECLARED.match(head)) else head
    plain = b"<?" in body or b"<%" in body
    if not plain and _EBCDIC_START.match(body[:200].decode("cp037")) and _EBCDIC.search(body):
        return head.decode("cp037").encode("latin-1", "replace")
    return head


def _find_java(head: bytes, ending: str) -> re.Match[bytes] | None:
    if ending in _NO_PAGES:
        return None
    found = _JAVA.search(head) or _JAVA_TAGS.search(head)
    return found or (_EXPRESSION.search(head) if ending.startswith(_EXPRESSION_ENDINGS) else None)


def _find_language(head: bytes, ending: str) -> ScriptLanguage | None:
    if ending in _SOURCES:
        return None
    if program := _PROGRAM.match(head):  # it may carry pages of all languages
        return "perl" if program[1] == b"perl" else "python"
    if ending in ("cfm", "cfml", "cfc") and _COLD_FUSION.search(head):
        return "cfm"  # it may name classes of Java, and show tags of other languages
    java, net = _find_java(head, ending), _NET.search(head)
    if _MARKUP.search(head) or java or net:
        if java and (
            ending.startswith("jsp") or not net or (java.start() <= net.start() and ending not in _NET_ENDINGS)
        ):
            return "jsp"
        if net:
            return "jsp" if ending.startswith("jsp") else "aspx"
        if not _PHP.search(head) or ending in ("asp", "asa", "cer", "cdx"):
            return "jsp" if ending.startswith("jsp") else ("asp" if _ASP.search(head) else None)
    if _PHP.search(head):
        return "php"
    if _COLD_FUSION.search(head):
        return "cfm"
    if ending in _NO_PROGRAMS:
        return None
    if _PERL.search(head):
        return "perl"
    if _PYTHON.search(head):
        return "python"
    return "shell" if _SHELL.search(head) else None
