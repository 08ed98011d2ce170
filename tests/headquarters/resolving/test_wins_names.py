from pathlib import Path

from codered_hq.model.inventory import Skipped
from codered_hq.resolving.asking import AskLimits
from codered_hq.resolving.wins_names import WinsName, ask_wins, make_records
from tests.fixtures.networks import WORLD, inside, joined_namespaces
from tests.fixtures.nmbd_servers import running_nmbd


def test_a_wins_server_knows_its_names(tmp_path: Path) -> None:
    with joined_namespaces() as network, running_nmbd(network.world, tmp_path, f"{WORLD}/24"), inside(network.host):
        names = ["FILESERVER", "NOBODY", "a name that is too long", "ü"]
        found = list(ask_wins(names, (WORLD, 137), AskLimits(seconds=1.0, tries=5)))
        (refused,) = ask_wins(["X"], (WORLD, 4137), AskLimits(seconds=1.0))
    known = [one for one in found if isinstance(one, WinsName)]
    assert known == [WinsName(name="FILESERVER", addresses=(WORLD,))]
    assert [(record.address, record.netbios) for record in make_records(known[0])] == [(WORLD, "fileserver")]
    whys = {one.where: one.why for one in found if isinstance(one, Skipped)}
    assert whys["NOBODY"] == f"WINS {WORLD}: it does not know this name"
    assert "not a NetBIOS name" in whys["a name that is too long"]
    assert len(found) == 4
    assert isinstance(refused, Skipped)
    assert "nothing listens on UDP port 4137" in refused.why
