"""What a virtual root in the registry says of itself: `path,user,mask`, as IIS 3 to 5 mirror it there."""

import re

from codered.model.observation import SettingSeen

_KEY = "\\w3svc\\parameters\\virtual roots"
_DRIVE_ROOT = re.compile(r"(\\\\\?\\)?[a-z]:[\\/.]*", re.IGNORECASE | re.ASCII)
_SYSTEM_FOLDER = re.compile(
    r"([a-z]:|%system(drive|root)%|%windir%)[\\/]*(winnt|windows)?([\\/]+system32)?[\\/]*", re.IGNORECASE | re.ASCII
)
_MASK = re.compile(r"\d{1,9}", re.ASCII)
READ, WRITE, EXECUTE, TROJAN_WRITE, SCRIPT = 1, 2, 4, 16, 512


def find_root_facts(seen: SettingSeen) -> frozenset[str]:
    """The facts of a virtual root, in the words of the heuristics; none of any other setting."""
    if seen.store != "registry" or not seen.key.lower().endswith(_KEY) or not seen.forms:
        return frozenset()
    path, _, rest = seen.forms[0].partition(",")
    mask_text = rest.rpartition(",")[2].strip()
    mask = int(mask_text) if _MASK.fullmatch(mask_text) else 0
    facts = set()
    if _DRIVE_ROOT.fullmatch(path.strip()):
        facts.add("drive-root")
    elif _SYSTEM_FOLDER.fullmatch(path.strip()):
        facts.add("system-folder")
    if mask & (WRITE | TROJAN_WRITE):
        facts.add("mask-writes")
    if mask & (EXECUTE | SCRIPT):
        facts.add("mask-executes")
    return frozenset(facts)
