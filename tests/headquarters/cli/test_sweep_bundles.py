"""A bundle made by the word, run with nothing but the system's Python, and its result taken back once."""

import zipfile
from pathlib import Path

import pytest

from codered_hq.sweeps.models import Bundle
from tests.fixtures.host_files import build_shared, start_host_file
from tests.fixtures.inventories import document_subnets
from tests.fixtures.saying import Say
from tests.fixtures.web_answers import DEFACED, pages, serving


@pytest.mark.django_db
def test_there_and_back(
    say: Say, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = build_shared(tmp_path_factory, with_prober=True)
    monkeypatch.setattr("codered_hq.shipping.host_file.build_host_file", lambda _into, with_prober: program)
    document_subnets("127.8.3.0/29", zone="plant", zone_kind="protected")
    permit = tmp_path / "permit.yaml"
    out, there = tmp_path / "bundle.zip", tmp_path / "there"
    with serving({"127.8.3.5": pages({"/": DEFACED})}) as servers:
        permit.write_text(
            "format: codered/authorisation/1\nallowed_by: Ann\nuntil: 2126-01-01\nranges: [127.8.0.0/16]\n"
            f"ports: [{servers.port}]\npacks: [codered]\n"
        )
        words = ("--authorisation", permit, "--ports", servers.port, "-o", out)
        made = say("sweep", "--bundle", "--zone", "plant", *words)
        assert (made.code, "for plant, 8 addresses" in made.out) == (0, True), made
        before = say("sweep", "--coverage")
        assert (before.code, "8 bundle out (bundle" in before.out) == (3, True)
        with zipfile.ZipFile(out) as archive:
            archive.extractall(there)
        folder = there / "codered-bundle"
        answer = ("answer", folder / "job.json", "-o", tmp_path / "result.json")
        ran = start_host_file(folder / "codered-point.pyz", tmp_path / "point-state", *answer)
        assert ran.code == 0, ran
    taken = say("sweep", "--merge", tmp_path / "result.json")
    assert (taken.code, "INFECTED  127.8.3.5" in taken.out, "nobody has named this key" in taken.err) == (1, True, True)
    assert (Bundle.objects.get().state, Bundle.objects.get().key.partition(":")[0]) == ("merged", "ed25519")
    assert say("sweep", "--coverage").code == 0
    again = say("sweep", "--merge", tmp_path / "result.json")
    assert (again.code, "a result is taken once" in again.err) == (4, True)
    kept = out.read_bytes()
    over = say("sweep", "--bundle", "--zone", "plant", *words)
    assert (over.code, "is there already" in over.err, out.read_bytes() == kept) == (2, True, True)
    taken_back = say("sweep", "--cancel-bundle", Bundle.objects.get().uid[:8])
    assert (taken_back.code, "is merged already" in taken_back.err) == (2, True)
    assert say("sweep", "--bundle", "--zone", "plant", *words[:-1], tmp_path / "second.zip").code == 0
    second = Bundle.objects.get(state="issued")
    assert "is cancelled: its result will be refused" in say("sweep", "--cancel-bundle", second.uid[:8]).out
    assert f"{second.uid[:8]}  bundle {second.uid[:8]}  cancelled" in say("sweep", "--list").out
    second.delete()
    nowhere = ("sweep", "--bundle", "127.8.3.0/29", *words[:4], "-o", tmp_path / "no" / "b.zip")
    assert (say(*nowhere).code, Bundle.objects.count()) == (2, 1)
