"""Detection quality as a number: recall and false positives, by language and by pack, with 95 % intervals.

    .venv/bin/python benchmarks/quality.py --hits DIR... --clean DIR... [--packs NAME...] [--missed] [--false]
                                           [--yara RULES...] [--clamav DATABASE]

Each folder is scanned by the real command, with all packs unless --packs names some. A file counts if it has something
that a web server would run: by the ending of its name or by its tags. --yara and --clamav scan the same files with
other rules, as peers. --missed and --false list the files. Intervals are Wilson's. Nothing is ever run.

--part takes of the hits only what was "tuned" on (three quarters) or "unseen" (the rest), by a hash of the content
without blanks: that is how the collection was cut before anybody tuned anything.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from math import sqrt
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY / "src"), str(REPOSITORY)]

from codered.detect.scripts.languages import find_script  # noqa: E402

ENDINGS = {
    "php": "php", "php3": "php", "php4": "php", "php5": "php", "php7": "php", "phtml": "php", "phps": "php",
    "inc": "php",
    "asp": "asp", "asa": "asp", "cer": "asp", "aspx": "aspx", "ascx": "aspx", "ashx": "aspx", "asmx": "aspx",
    "master": "aspx", "jsp": "jsp", "jspx": "jsp", "jspf": "jsp", "cfm": "cfm", "cfml": "cfm", "cfc": "cfm",
    "pl": "perl", "cgi": "perl", "py": "python",
}  # fmt: skip
TAGS = re.compile(
    rb"<\?php|<\?=|<\?\s|<%|<jsp:|<cf(?:set|if|output|execute|script)|runat\s*=|\A#!.*?(?:perl|python|sh)\b", re.I
)
LEVELS = ("confirmed", "likely", "suspicious")
TOLD_BY_NAME = frozenset(
    ("js", "css", "html", "htm", "xml", "svg", "json", "md", "java", "cs", "vb", "map", "sql", "po", "so")
)


class Peer(NamedTuple):
    name: str
    found: set[str]


def list_scripts(folders: list[str]) -> dict[str, str]:
    """Every script below the folders, with its language; of equal ones the first."""
    found = {}
    seen = set()  # a collection holds many copies of one file: each content counts once
    for path in sorted(path for folder in folders for path in Path(folder).rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        language = tell_language(path)
        digest = hashlib.sha256(path.read_bytes()).digest() if language else b""
        if language and digest not in seen:
            seen.add(digest)
            found[str(path)] = language
    return found


def tell_part(data: bytes) -> str:
    """Of a half the second hash decides: it was set aside at first, and half of it released later."""
    digest = hashlib.sha256(re.sub(rb"\s+", b"", data).lower()).hexdigest()
    return "tuned" if int(digest[:8], 16) % 2 == 0 or int(digest[8:16], 16) % 2 == 0 else "unseen"


def tell_language(path: Path) -> str:
    ending = path.suffix.lower().lstrip(".")
    if ending in ENDINGS:
        return ENDINGS[ending] if path.stat().st_size else ""
    if ending in TOLD_BY_NAME or not path.stat().st_size:
        return ""
    with path.open("rb") as file:
        head = file.read(1 << 20)
    if not TAGS.search(head):
        return ""
    script = find_script(head, str(path))
    return script.language if script else ""


def scan(folders: list[str], packs: list[str]) -> dict[str, list[dict[str, str]]]:
    """The findings about files by their path."""
    with tempfile.TemporaryDirectory() as work:
        environment = os.environ | {
            "PYTHONPATH": str(REPOSITORY / "src"),
            "CODERED_STATE": f"{work}/state",
            "CODERED_CACHE": f"{work}/cache",
        }
        named = [word for pack in packs for word in ("--packs", pack)]
        command = [sys.executable, "-m", "codered", "scan", *folders, "--json", *named]
        answer = subprocess.run(command, capture_output=True, cwd=REPOSITORY, env=environment, check=False)
    if answer.returncode not in (0, 1, 3):
        sys.exit(f"the scan failed: {answer.stderr.decode()}")
    found: dict[str, list[dict[str, str]]] = {}
    for finding in json.loads(answer.stdout).get("findings", ()):
        if finding["subject"].get("path") and finding["layer"] in ("files", "autostart"):
            found.setdefault(finding["subject"]["path"], []).append(finding)
    return found


def interval(hits: int, of: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    if not of:
        return 0.0, 1.0
    z = 1.959964
    share = hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    reach = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def reached(findings: list[dict[str, str]], level: str) -> bool:
    return any(LEVELS.index(finding["confidence"]) <= LEVELS.index(level) for finding in findings)


def scan_with_yara(rules: list[str], scripts: dict[str, str]) -> set[str]:
    """The scripts that a set of YARA rules matches, rule file by rule file: those the engine refuses are left out."""
    import yara_x

    compiler = yara_x.Compiler(relaxed_re_syntax=True)
    for name in ("filename", "filepath", "extension", "filetype", "owner"):
        compiler.define_global(name, "")
    refused = 0
    for path in sorted(
        file for rule in rules for file in ([Path(rule)] if Path(rule).is_file() else Path(rule).rglob("*.yar"))
    ):
        try:
            compiler.new_namespace(path.stem)
            compiler.add_source(path.read_text("utf-8", "replace"), origin=str(path))
        except yara_x.CompileError:
            refused += 1
    scanner = yara_x.Scanner(compiler.build())
    if refused:
        print(f"({refused} rule files have rules that the engine refuses; their others count)")
    return {path for path in scripts if scanner.scan(Path(path).read_bytes()).matching_rules}


def scan_with_clamav(database: str, scripts: dict[str, str]) -> set[str]:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
        listed.write("\n".join(scripts))
        listed.flush()
        command = ["clamscan", "-d", database, "--no-summary", "-i", "-f", listed.name]
        out = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return {line.rpartition(": ")[0] for line in out.splitlines() if line.endswith(" FOUND")}


def rows(
    title: str, scripts: dict[str, str], found: dict[str, list[dict[str, str]]], peers: list[Peer]
) -> Iterator[list[str]]:
    languages = [language for language, _ in Counter(scripts.values()).most_common()]
    for language in (*languages, "all"):
        chosen = [path for path, told in scripts.items() if language in ("all", told)]
        row = [title, language, str(len(chosen))]
        for level in LEVELS:
            row.append(show(sum(reached(found.get(path, []), level) for path in chosen), len(chosen)))
        row += [show(sum(path in peer.found for path in chosen), len(chosen)) for peer in peers]
        yield row


def show(hits: int, of: int) -> str:
    low, high = interval(hits, of)
    return f"{hits} = {100 * hits / max(of, 1):.2f} % ({100 * low:.2f}–{100 * high:.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hits", nargs="+", default=[])
    parser.add_argument("--clean", nargs="+", default=[])
    parser.add_argument("--packs", nargs="+", default=[])
    parser.add_argument("--yara", nargs="+", default=[], help="peers: rule files or folders")
    parser.add_argument("--clamav", default="", help="a peer: a ClamAV database")
    parser.add_argument("--part", choices=("tuned", "unseen"), default="")
    parser.add_argument("--missed", action="store_true")
    parser.add_argument("--false", action="store_true")
    given = parser.parse_args()
    table = []
    names: list[str] = []
    for title, folders in (("hits", given.hits), ("clean", given.clean)):
        if not folders:
            continue
        scripts = list_scripts(folders)
        if given.part and title == "hits":
            parts = {path: tell_part(Path(path).read_bytes()) for path in scripts}
            scripts = {path: language for path, language in scripts.items() if parts[path] == given.part}
        found = scan(folders, given.packs)
        peers = [Peer("YARA rules", scan_with_yara(given.yara, scripts))] if given.yara else []
        peers += [Peer("ClamAV", scan_with_clamav(given.clamav, scripts))] if given.clamav else []
        names = [peer.name for peer in peers]
        table += list(rows(title, scripts, found, peers))
        packs = Counter((item["pack"], item["confidence"]) for path in scripts for item in found.get(path, []))
        print(
            f"{title}: by pack " + ", ".join(f"{name} {level} {count}" for (name, level), count in packs.most_common())
        )
        if given.missed and title == "hits":
            print(*(f"missed {path}" for path in scripts if not reached(found.get(path, []), "likely")), sep="\n")
        if given.false and title == "clean":
            for path in scripts:
                print(
                    *(
                        f"{item['confidence']} {path} {item['pack']}/{item['indicator']}"
                        for item in found.get(path, [])
                    ),
                    sep="\n",
                    end="",
                )
    head = ["files", "language", "number", "confirmed", "likely and above", "suspicious and above", *names]
    for row in (head, ["-"] * len(head), *table):
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
