"""Names of keys and values without their case, as Windows compares them: character for character."""


def fold_name(name: str) -> str:
    """The form in which two names that differ in case only are equal."""
    if name.isascii():
        return name.upper()
    return "".join(up if len(up := char.upper()) == 1 else char for char in name)
