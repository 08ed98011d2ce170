"""The baseline that a scan or a response is to compare with."""

from pathlib import Path

from codered.cli.baselining import own_folders, refuse_other_system, trusted_keys
from codered.known_good.storing import SignedBaseline, read_baseline
from codered.model.errors import Refused
from codered.model.target import Target
from codered.scan.baseline_look import BaselineLook


def read_known_good(named: str, target: Target) -> SignedBaseline:
    """The baseline in this file, if it is whole, of this host, and signed by somebody who is trusted. Raises WrongUse,
    Refused.
    """
    signed = read_baseline(Path(named), trusted_keys())
    if not signed.signer:
        raise Refused("nobody signed it", where=named, advice="sign it: codered baseline sign FILE --key KEY")
    refuse_other_system(signed.baseline, target, named)
    return signed


def make_look(signed: SignedBaseline, target: Target) -> BaselineLook:
    """The baseline as a scan asks it."""
    return BaselineLook(signed.baseline, own_folders(target))
