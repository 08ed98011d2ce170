"""Where the numbers of people's accounts begin."""

import re

from codered.collect.autostart.reading import Reader

LOGIN_DEFS = b"etc/login.defs"
USUAL = 1000
OLDEST = 500  # of older systems; what comes below has never been a person
_UID_MIN = re.compile(rb"^[ \t]*UID_MIN[ \t]+(\d{1,9})[ \t\r]*$", re.MULTILINE)


def read_first_person(reader: Reader) -> int:
    """The lowest uid of a person by login.defs, within OLDEST to USUAL: a higher number there is for accounts to come,
    and people who were there before it stay people.
    """
    file = reader.read(LOGIN_DEFS)
    found = _UID_MIN.findall(file.data) if file is not None else []
    return min(max(int(found[-1]), OLDEST), USUAL) if found else USUAL
