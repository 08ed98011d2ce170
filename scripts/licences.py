"""The licences of what a package carries: ours, and those of every part beneath it, as the parts bring them."""

import importlib.metadata
from pathlib import Path

LICENCE = Path(__file__).resolve().parent.parent / "LICENSE"
_APACHE = "The Apache License, Version 2.0: on Debian systems in /usr/share/common-licenses/Apache-2.0."
_RULE = "-" * 79


def render_copyright(folders: list[str]) -> str:
    """One text: our licence, then each part (named by its NAME-VERSION.dist-info) with the full text of its own."""
    parts = [
        "CodeRed Detection and Removal is licensed under the Apache License, Version 2.0;",
        "on Debian systems its text is in /usr/share/common-licenses/Apache-2.0.",
        "",
        "It carries these parts, each under its own licence:",
    ]
    for name in folders:
        found = importlib.metadata.distribution(name.removesuffix(".dist-info").rpartition("-")[0])
        data = found.metadata.json
        licence = str(data.get("license_expression") or data.get("license") or _find_classifier(data) or "see below")
        parts += ["", _RULE, f"{data['name']} {data['version']}: {licence.splitlines()[0]}", _RULE]
        for text in _list_texts(found):
            parts += ["", text.strip()]
    return "\n".join(parts) + "\n"


def _find_classifier(data: dict[str, str | list[str]]) -> str:
    found = [each for each in data.get("classifier", ()) if each.startswith("License ::")]
    return ", ".join(each.rpartition(" :: ")[2] for each in found)


def _list_texts(found: importlib.metadata.Distribution) -> list[str]:
    """The texts that the part brings, each once."""
    named = [
        file
        for file in found.files or ()
        if any("dist-info" in part for part in file.parts)
        and any(word in file.name.upper() for word in ("LICEN", "COPYING", "NOTICE", "AUTHORS"))
    ]
    texts = (Path(str(file.locate())).read_text("utf-8", "replace") for file in named)
    return list(dict.fromkeys(_APACHE if _is_apache(text) else text for text in texts))


def _is_apache(text: str) -> bool:
    """Whether it is the whole licence: Debian has one copy of it for all packages."""
    return "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION" in text
