"""Fuzzing what reads documents of others: plans, journals, sealed answers, posts, the YAML of packs. Whatever the
bytes, they end, and raise nothing but what their callers turn into one line.

    .venv/bin/python tests/fuzz/fuzz_documents.py -max_total_time=60 [FOLDER OF SEEDS]
    .venv/bin/python tests/fuzz/fuzz_documents.py --make-seeds FOLDER

The first byte of an input chooses the reader, the rest is the document. Not collected by pytest.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

import atheris  # noqa: E402

with atheris.instrument_imports(
    include=["codered.model.plan_reading", "codered.remediate.journal", "codered.signing.sealing",
             "codered.packs.strict_yaml", "codered.packs.explaining"],
    enable_loader_override=False,
):  # fmt: skip
    from codered.model.plan_reading import decode_plan
    from codered.packs.strict_yaml import parse_document
    from codered.remediate.journal import encode_entry, read_lines, seal_entry
    from codered.signing.sealing import decode_sealed, read_body

import msgspec  # noqa: E402

from codered.model.errors import Refused, WrongUse  # noqa: E402
from codered.model.job import Answer  # noqa: E402
from codered.model.journal import Entry  # noqa: E402
from codered.model.pack import ThreatPack  # noqa: E402
from codered.model.plan import digest_plan  # noqa: E402
from codered.packs.decoding import decode_document  # noqa: E402
from codered_hq.model.posting import Post  # noqa: E402

KINDS = b"pjsty"


def try_one(data: bytes) -> None:
    """What the fuzzer calls."""
    kind, document = data[:1], data[1:]
    told = ""
    try:
        if kind == b"p":
            plan = decode_plan(document)
            assert decode_plan(msgspec.json.encode(plan)) == plan or plan.digest != digest_plan(plan)
        elif kind == b"j":
            entries, sound = read_lines(document, "fuzz")
            assert len(entries) <= document.count(b"\n") + 1
            assert sound <= len(document) + 1
        elif kind == b"s":
            read_body(decode_sealed(document, "fuzz"), Answer, "fuzz")
        elif kind == b"t":
            msgspec.json.decode(document, type=Post)
        elif kind == b"y":
            decode_document(parse_document(document, "fuzz"), ThreatPack)
    except (WrongUse, Refused, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        told = str(error)
    assert len(told) < 4000, "the line is too long to read"


def make_seeds(folder: Path) -> None:
    """A plan, a journal, a post and a pack as we write them."""
    folder.mkdir(parents=True, exist_ok=True)
    opened = seal_entry(
        Entry(sequence=1, time=datetime(2026, 1, 1, tzinfo=UTC), event="opened", previous="0" * 64, plan_digest="x")
    )
    plan = (
        b'{"format":"codered/plan/1","id":"p","tool":"codered 0","created":"2026-01-01T00:00:00Z","report_id":"r",'
        b'"target":{"kind":"offline_root","root":"/mnt"},"packs":[],"actions":[{"id":"1","kind":"delete_file",'
        b'"path":{"text":"/a"},"expects":{"of":"file","exists":true},"because":"b"}],"digest":"sha256:0"}'
    )
    post = (
        b'{"reports":[{"host":{"name":"a"},"tool":"t","ended":"2026-01-01T00:00:00Z","complete":true,"findings":[]}]}'
    )
    sealed = b'{"format":"codered/sealed/1","key":"AA==","signature":"AA==","body":"e30="}'
    pack = (ROOT / "packs/codeblue/pack.yaml").read_bytes()
    seeds = {"plan": b"p" + plan, "journal": b"j" + encode_entry(opened), "post": b"t" + post, "sealed": b"s" + sealed}
    for name, data in (seeds | {"pack": b"y" + pack}).items():
        (folder / name).write_bytes(data)


def main() -> None:
    """Make seeds, or fuzz as libFuzzer's options say."""
    if sys.argv[1:2] == ["--make-seeds"]:
        make_seeds(Path(sys.argv[2]))
        return
    atheris.Setup(sys.argv, try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
