"""Everything that the user named, brought over: one import of several files and forms."""

import msgspec

from codered.model.errors import WrongUse
from codered.model.finding import Confidence
from codered.packs.importing.choosing_files import Chosen, Form
from codered.packs.importing.imported import Imported
from codered.packs.importing.sigma_rules import import_sigma
from codered.packs.importing.suricata_rules import import_suricata
from codered.packs.importing.yara_rules import import_yara


def import_files(chosen: tuple[Chosen, ...], most: Confidence) -> dict[Form, Imported]:
    """What came of each form of rules, with signs of at most this confidence. Raises WrongUse if none can be used."""
    made: dict[Form, Imported] = {}
    if any("yara" in one.files for one in chosen):
        made["yara"] = import_yara(tuple((one.folder, one.files.get("yara", ())) for one in chosen), most)
    if sigma := tuple(file for one in chosen for file in one.files.get("sigma", ())):
        made["sigma"] = import_sigma(sigma, most)
    if suricata := tuple(file for one in chosen for file in one.files.get("suricata", ())):
        made["suricata"] = import_suricata(suricata, most)
    together = join(made)
    if not (together.content or together.logs or together.traffic):
        lost = [item for item in together.left if item.level == "refused"]
        if len(lost) == 1 and not lost[0].rule:
            raise WrongUse(lost[0].why, where=lost[0].where, advice="name a file with rules in it")
        first = str(lost[0]) if lost else "there is no rule in it"
        raise WrongUse("no rule can be used", where=", ".join(str(one.folder) for one in chosen), advice=first)
    return made


def join(made: dict[Form, Imported]) -> Imported:
    """All forms together. Ids of signs are made unique by their form where two have the same."""
    parts = list(made.items())
    taken: set[str] = set()
    joined = Imported()
    for form, part in parts:
        own = _rename(part, form, taken)
        fields = ("content", "logs", "traffic", "references", "authors", "licences", "left")
        more = {name: (*getattr(joined, name), *getattr(own, name)) for name in fields}
        joined = msgspec.structs.replace(joined, read=joined.read + own.read, rules=joined.rules + own.rules, **more)
    return joined


def _rename(part: Imported, form: str, taken: set[str]) -> Imported:
    """The signs under ids that no other form has."""
    renamed = {}
    for layer in ("content", "logs", "traffic"):
        signs = []
        for sign in getattr(part, layer):
            own = sign.id if sign.id not in taken else f"{sign.id}-{form}"
            while own in taken:
                own += "-x"
            taken.add(own)
            signs.append(msgspec.structs.replace(sign, id=own))
        renamed[layer] = tuple(signs)
    return msgspec.structs.replace(part, **renamed)
