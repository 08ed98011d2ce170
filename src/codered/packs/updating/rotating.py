"""Other keys for a role: after a time, or because one is lost or stolen."""

import copy

from tuf.api.metadata import Metadata, Root

from codered.model.errors import Refused
from codered.packs.updating.keys import Signers, load_signers, make_role_key
from codered.packs.updating.publishing import (
    Published,
    PublishOrder,
    check_days,
    find_repository,
    read_published,
    tell_state,
)
from codered.packs.updating.repository import (
    LOCK_FILE,
    ROOT_DAYS,
    State,
    Terms,
    advance,
    advance_timestamp,
    read_state,
    sign,
    write_state,
)
from codered.packs.updating.writing import hold_lock


def rotate_key(order: PublishOrder, role: str) -> Published:
    """A new key for a role in place of its oldest, named by a new root; what the role signs is signed anew, for readers
    of the old and of the new root. Raises Refused if keys are missing, WrongUse, RolledBack.
    """
    with hold_lock(find_repository(order.repository) / LOCK_FILE, "publishing"):
        state = read_state(order.repository)
        signers = load_signers(order.keys, order.passphrase)
        old = state.root.signed
        root = copy.deepcopy(old)
        _demand_root_keys(old, signers)
        signer = make_role_key(order.keys[0], role, order.passphrase)
        signers[signer.public_key.keyid] = signer
        root.revoke_key(root.roles[role].keyids[0], role)
        root.add_key(signer.public_key, role)
        terms = Terms(signers, order.now, check_days(order.days))
        root.version, root.expires = old.version + 1, terms.end(ROOT_DAYS)
        new_root = Metadata(root)
        sign(root, "root", new_root, signers, also=old)
        state = State(new_root, state.targets, state.snapshot, state.timestamp)
        if role == "timestamp":
            state = advance_timestamp(state, terms, old_root=old)
        elif role != "root":
            state = advance(
                state, terms, copy.deepcopy(state.targets.signed) if role == "targets" else None, old_root=old
            )
        write_state(order.repository, state, {})
        return tell_state(state, read_published(order.repository, state), changed=True)


def _demand_root_keys(root: Root, signers: Signers) -> None:
    """Before a key is made. Raises Refused if the root could not be signed."""
    need, have = root.roles["root"].threshold, len(set(root.roles["root"].keyids) & set(signers))
    if have < need:
        advice = "nothing was changed; name each folder of keys with --keys"
        raise Refused(f"{need} of the keys for root must sign, {have} are here", advice=advice)
