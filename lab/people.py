"""The people of the lab's crisis team: a key each, for what they ask and approve."""

import json
from pathlib import Path

from lab.namespaces import run_words

PEOPLE = {
    "Cora": "incident_commander", "Ivo": "incident_commander", "Edda": "executive", "Emil": "executive",
    "Bruno": "business", "Bea": "business", "Nora": "network", "Nils": "network",
}  # fmt: skip
"""Name -> role; of two in a role the second is the backup."""
APPROVER = "Edda"
"""Who signs the rules of engagement."""


def make_people(folder: Path) -> None:
    """`folder`/people: people.json, and for each a private key (NAME.key) with its public half (NAME.pub)."""
    home = folder / "people"
    home.mkdir(mode=0o700)
    for name in PEOPLE:
        key = home / f"{name.lower()}.key"
        run_words(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(key)])
        key.chmod(0o600)
        run_words(["openssl", "pkey", "-in", str(key), "-pubout", "-out", str(home / f"{name.lower()}.pub")])
    (home / "people.json").write_text(json.dumps({"roles": PEOPLE, "approver": APPROVER}, indent=1) + "\n")
