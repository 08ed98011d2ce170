"""All web servers of the laboratory in one process: each listens in the namespace of its machine and answers in its
personality (web_answers.json). Only fixed texts are ever sent; nothing of a request is run, opened or looked up.

    python web_server.py FARM.json     prints "ready" when all listen; every request goes to the log, one JSON a line

FARM.json: {"log", "certificate", "key", "answers", "farms": [{"namespace", "port", "tls", "default", "addresses"}]}
"""

import asyncio
import ctypes
import json
import os
import re
import socket
import ssl
import sys
import time
import zlib
from pathlib import Path
from typing import Any

_MOST_HEAD = 16384
_PATIENCE = 30.0  # seconds to wait for a request
_LONGEST = 120.0  # seconds that any answer may last
_ENDLESS = 64 << 20  # bytes; endless enough
_NAME = re.compile(r"[A-Za-z0-9._-]{1,60}")

Personality = dict[str, Any]


class Farm:
    """The servers of one namespace; `personalities` by address, "" for every other one."""

    def __init__(self, answers: dict[str, Personality], personalities: dict[str, str], log: int) -> None:
        self._answers = answers
        self._personalities = personalities
        self._log = log

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one answer."""
        try:
            async with asyncio.timeout(_LONGEST):
                await self._answer(reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            pass  # whoever asked went away, or asked nothing that can be answered
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = writer.get_extra_info("sockname")[0]
        personality = self._answers[self._personalities.get(address) or self._personalities[""]]
        if personality.get("behaviour") == "banner":
            writer.write(personality["home"].encode())
            await writer.drain()
            await asyncio.wait_for(reader.read(_MOST_HEAD), _PATIENCE)
            return
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _PATIENCE)
        lines = head.decode("latin-1").split("\r\n")
        method, path = lines[0].split(" ")[:2]
        host = next((line[5:].strip() for line in lines[1:] if line.lower().startswith("host:")), "")
        self._note(address, writer.get_extra_info("peername")[0], method, path, host)
        site = personality.get("sites", {}).get(host.split(":")[0].lower())
        await send(writer, self._answers[site] if site else personality, method, path)

    def _note(self, address: str, peer: str, *request: str) -> None:
        method, path, host = request
        line = {"at": time.time(), "address": address, "from": peer, "method": method, "path": path, "host": host}
        os.write(self._log, json.dumps(line).encode() + b"\n")


async def send(writer: asyncio.StreamWriter, personality: Personality, method: str, path: str) -> None:
    """What this personality answers to this request."""
    behaviour = personality.get("behaviour", "")
    server = personality["server"]
    if behaviour == "redirect":
        head = make_head("302 Found", server, f"Location: {personality['location']}\r\nContent-Length: 0\r\n")
        writer.write(head)
    elif behaviour == "tar-pit":
        for byte in make_head("200 OK", server, "Content-Length: 1000000\r\n") + b"x" * 1000:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(1)
    elif behaviour == "endless":
        writer.write(make_head("200 OK", server, ""))
        for _ in range(_ENDLESS // 65536):
            writer.write(b"and so on " * 6553)
            await writer.drain()
    elif behaviour == "bomb":
        body = make_bomb()
        writer.write(make_head("200 OK", server, f"Content-Encoding: gzip\r\nContent-Length: {len(body)}\r\n") + body)
    else:
        status, text = choose_page(personality, path)
        body = text.encode()
        head = make_head(status, server, f"Content-Type: text/html\r\nContent-Length: {len(body)}\r\n")
        writer.write(head + (b"" if method == "HEAD" else body))
    await writer.drain()


def choose_page(personality: Personality, path: str) -> tuple[str, str]:
    """Status and text. A query changes nothing."""
    place = path.partition("?")[0]
    name = place.rpartition("/")[2]
    if place == "/" or personality.get("behaviour") == "everything":
        return "200 OK", personality["home"]
    if "ida" in personality and name.lower().endswith((".ida", ".idq")) and _NAME.fullmatch(name):
        return "200 OK", personality["ida"].replace("{name}", name)
    if place.lower() in personality.get("answering", ()):
        return "200 OK", ""
    title = "404 Object Not Found" if "IIS" in personality["server"] else "404 Not Found"
    return title, f"<html><head><title>{title}</title></head><body>There is no such page</body></html>"


def make_head(status: str, server: str, fields: str) -> bytes:
    """The head of an answer."""
    return f"HTTP/1.1 {status}\r\nServer: {server}\r\n{fields}Connection: close\r\n\r\n".encode()


def make_bomb() -> bytes:
    """A gzip of 1 GiB of zeros, about a megabyte, made in no time: one packed block again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + block * 1024


def listen(namespace: str, port: int) -> list[socket.socket]:
    """IPv4 and, where there is any, IPv6, in this namespace; the sockets stay there whatever the process does."""
    with open(namespace, "rb") as place:
        if ctypes.CDLL(None, use_errno=True).setns(place.fileno(), 0x40000000):
            raise OSError(ctypes.get_errno(), "setns", namespace)
    found = [socket.create_server(("0.0.0.0", port), backlog=512)]  # noqa: S104 - its own namespace
    if Path("/proc/sys/net/ipv6").exists():
        found.append(socket.create_server(("::", port), family=socket.AF_INET6, backlog=512))
    return found


async def run(settings: dict[str, Any]) -> None:
    """Serve until ended."""
    log = os.open(settings["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    answers = json.loads(Path(settings["answers"]).read_text("utf-8"))["personalities"]
    secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secure.load_cert_chain(settings["certificate"], settings["key"])
    servers = []
    for one in settings["farms"]:
        farm = Farm(answers, {"": one["default"], **one["addresses"]}, log)
        for listening in listen(one["namespace"], one["port"]):
            safe = secure if one["tls"] else None
            servers.append(await asyncio.start_server(farm.serve, sock=listening, ssl=safe, limit=_MOST_HEAD))
    print("ready", flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(run(json.loads(Path(sys.argv[1]).read_text("utf-8"))))
