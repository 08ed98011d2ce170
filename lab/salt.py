"""Salt, if it is asked for: a master at headquarters, and a minion on the scan point, which dials out of its zone. The
programs come from the environment .venv-salt of this repository (scripts/set-up-venv salt).
"""

import json
from pathlib import Path

from lab.linux_hosts import write
from lab.namespaces import CannotBuild, run_words
from lab.plan import Enterprise, Machine

PROGRAMS = Path(__file__).resolve().parents[1] / ".venv-salt" / "bin"
_MASTER = {
    "user": "root",
    "auto_accept": True,
    "log_level": "error",
    "log_level_logfile": "quiet",
    "worker_threads": 2,
    "gather_job_timeout": 3,
}
_MINION = {
    "user": "root",
    "acceptance_wait_time": 1,
    "random_reauth_delay": 1,
    "log_level": "error",
    "log_level_logfile": "quiet",
    "enable_gpu_grains": False,
    "enable_fqdns_grains": False,
}


def find_salt() -> str:
    """The folder of its packages; the minion runs them by its host's own Python. Raises CannotBuild."""
    if not (PROGRAMS / "salt-master").exists():
        raise CannotBuild("no Salt: run scripts/set-up-venv salt")
    asking = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return run_words([str(PROGRAMS / "python"), "-c", asking]).strip()


def give_master(folder: Path, enterprise: Enterprise) -> list[str]:
    """The master's command line; everything it has is in `folder`/salt."""
    home = folder / "salt"
    (home / "roots").mkdir(parents=True)
    own = {"root_dir": str(home), "conf_file": str(home / "master"), "sock_dir": str(home / "s")}
    own |= {"interface": enterprise.headquarters}
    config = {**_MASTER, **own, "file_roots": {"base": [str(home / "roots")]}}
    (home / "master").write_text(json.dumps(config, indent=1) + "\n")
    return [str(PROGRAMS / "salt-master"), "-c", str(home)]


def make_minion(folder: Path, enterprise: Enterprise, machine: Machine) -> None:
    """The minion's configuration on its host."""
    config = {**_MINION, "master": enterprise.headquarters, "id": machine.name}
    root = folder / "hosts" / machine.name
    write(root, "etc/salt/minion", json.dumps(config, indent=1) + "\n")
    (root / "opt/salt").mkdir(parents=True)


def is_joined(folder: Path, machine: Machine) -> bool:
    """Whether the master has accepted the minion."""
    return any(path.name == machine.name for path in (folder / "salt").glob("**/pki/master/minions/*"))
