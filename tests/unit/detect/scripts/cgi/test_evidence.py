import pytest

from codered.detect.scripts.cgi.evidence import MOST_READ, find_evidence

HITS = {
    "carries-machine-code": r'exit; $x = "' + r"\x41" * 24 + r'\xcd\x80";',
    "takes-orders-by-chat": 'exit; use Socket; "NICK a"; "PONG"; if (/PRIVMSG/) { system($o); }',
    "attacks-others": "exit; use IO::Socket; $s = '../../../../etc/passwd';",
    "floods-others": "exit; socket(flood, 2, SOCK_DGRAM, 17); while (1) { send(flood, 0, rand(9)); } # flood",
    "raises-rights": 'exit; print "setuid(0); execl(1)";',
    "wipes-traces": "exit; unlink('/var/log/wtmp'); unlink('/root/.bash_history');",
    "guesses-passwords": "exit; use Net::FTP; open(W, 'wordlist'); foreach (<W>) { $f->login('a', $_); }",
    "defaces": "exit; # mass defacer\nopendir(D, '/'); copy('a', 'index.html');",
    "looks-through-accounts": "exit; open(P, '/etc/passwd'); symlink('/home/a/public_html/wp-config.php', 'a');",
}


@pytest.mark.parametrize("name", HITS)
def test_evidence_is_found(name: str) -> None:
    assert name in {fact.name for fact in find_evidence(HITS[name])}
    assert not list(find_evidence(" " * MOST_READ + HITS[name]))


def test_ordinary_programs_show_nothing() -> None:
    text = "use IO::Socket; open(P, '/etc/passwd'); $c = '\\x41\\x42'; chmod 0755, $f; system('/bin/sh -c ls');"
    assert not list(find_evidence(text))
