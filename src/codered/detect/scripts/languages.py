"""Which parts of a file a server would run as a script, told from the content; a name alone proves nothing."""

import re

from codered.detect.scripts.facts import Script
from codered.model.indicators import ScriptLanguage

MOST_BYTES = 1 << 20  # of a file are read as a script: the largest of the development corpus have 0.7 MB

_PHP = re.compile(rb"<\?(?:php|=|\s)|<script[^>]{0,80}language\s*=\s*[\"']?php", re.IGNORECASE)
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
    rb"\A#!.{0,60}python|^import (?:\w{1,30}, ?){0,8}(?:cgi|os|sys|socket|subprocess)\b|^from (?:cgi|os|flask) import",
    re.MULTILINE,
)
# Modules of an interpreter: what runs commands there is a tool's part, and no server gives it to visitors.
_LIBRARIES = re.compile(
    r"/(?:site|dist)-packages/|/lib(?:64)?/python\d|/python[\d.]{0,8}/lib/|/(?:share|lib|lib64)/(?:[\w-]{1,40}/)?perl5?/"
)
_SYSTEM_LANGUAGES = ("perl", "python", "shell")
_PROGRAM = re.compile(rb"\xef?\xbb?\xbf?\s{0,20}#!.{0,60}\b(perl|python)")
_SHELL = re.compile(rb"\A#!.{0,60}/(?:ba|da|k|z)?sh\b")


def find_script(data: bytes, path: str) -> Script | None:
    """The script in a file's first bytes, None if there is none. `path` decides where the content leaves it open."""
    head = data[:MOST_BYTES]
    head = _decode(head)
    language = _find_language(head, path.lower().rpartition(".")[2])
    if language in _SYSTEM_LANGUAGES and _LIBRARIES.search(path.lower().replace("\\", "/")):
        return None
    return Script(language, head.decode("latin-1")) if language else None


def _decode(head: bytes) -> bytes:
    """UTF-16 and EBCDIC, which Java's and Microsoft's servers read, as one byte a character; all else as it is."""
    if head[:4096].count(0) * 3 > min(len(head), 4096):
        return head.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").replace(b"\0", b"")
    if _EBCDIC.search(head):
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
    if _PERL.search(head):
        return "perl"
    if _PYTHON.search(head):
        return "python"
    return "shell" if _SHELL.search(head) else None
