"""A new repository of packs: its keys and its first, empty state."""

from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp

from codered.model.errors import WrongUse
from codered.packs.updating.index import INDEX_TARGET, Index, write_index
from codered.packs.updating.keys import ROLES, make_role_key
from codered.packs.updating.publishing import Published, PublishOrder, check_days, tell_state
from codered.packs.updating.repository import (
    LEAST_DAYS,
    LOCK_FILE,
    ROOT_DAYS,
    State,
    Terms,
    newest_root,
    sign,
    write_state,
)
from codered.packs.updating.writing import hold_lock

MOST_ROOT_KEYS = 20


def make_repository(order: PublishOrder, *, threshold: int = 1, root_keys: int = 0) -> Published:
    """New keys and an empty repository; `threshold` of `root_keys` (0 = as many) must sign a root. Raises WrongUse."""
    count = root_keys or threshold
    if not 1 <= threshold <= count <= MOST_ROOT_KEYS:
        advice = f"at least 1, at most as many as there are keys ({MOST_ROOT_KEYS} at most)"
        raise WrongUse("so many root keys can't be asked for", where="--threshold", advice=advice)
    if newest_root(order.repository):
        raise WrongUse(
            "is a repository already", where=str(order.repository), advice="publish into it, or name another"
        )
    terms = Terms({}, order.now, check_days(order.days))
    root = Root(expires=terms.end(ROOT_DAYS), consistent_snapshot=True)
    for role in ROLES:
        for _ in range(count if role == "root" else 1):
            signer = make_role_key(order.keys[0], role, order.passphrase)
            terms.signers[signer.public_key.keyid] = signer
            root.add_key(signer.public_key, role)
    root.roles["root"].threshold = threshold
    root_metadata = Metadata(root)
    sign(root, "root", root_metadata, terms.signers)
    state, archives = _begin(root_metadata, terms)
    try:
        order.repository.mkdir(mode=0o755, parents=True, exist_ok=True)
    except OSError as error:
        what = f"can't be made: {error.strerror}"
        raise WrongUse(what, where=str(order.repository), advice="name a folder that you can write to") from None
    with hold_lock(order.repository / LOCK_FILE, "publishing"):
        write_state(order.repository, state, archives)
    return tell_state(state, Index(), changed=True)


def _begin(root: Metadata[Root], terms: Terms) -> tuple[State, dict[str, bytes]]:
    """The first metadata of the other roles, over an empty list of packs."""
    data = write_index(Index())
    target = TargetFile.from_data(INDEX_TARGET, data, ["sha256"])
    targets = Metadata(Targets(1, expires=terms.end(LEAST_DAYS), targets={INDEX_TARGET: target}))
    sign(root.signed, "targets", targets, terms.signers)
    meta = MetaFile.from_data(1, targets.to_bytes(), ["sha256"])
    snapshot = Metadata(Snapshot(1, expires=terms.end(LEAST_DAYS), meta={"targets.json": meta}))
    sign(root.signed, "snapshot", snapshot, terms.signers)
    meta = MetaFile.from_data(1, snapshot.to_bytes(), ["sha256"])
    timestamp = Metadata(Timestamp(1, expires=terms.end(), snapshot_meta=meta))
    sign(root.signed, "timestamp", timestamp, terms.signers)
    return State(root, targets, snapshot, timestamp), {f"{target.hashes['sha256']}.{INDEX_TARGET}": data}
