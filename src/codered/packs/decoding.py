"""From a strict YAML document to a struct of the model; `explaining` says what does not fit, by line."""

from typing import TypeVar

import msgspec

from codered.packs.explaining import explain_misfit
from codered.packs.strict_yaml import Document

Decoded = TypeVar("Decoded")


def decode_document(document: Document, kind: type[Decoded]) -> Decoded:
    """The document as `kind`. Raises WrongUse with the line and what would be right there."""
    try:
        return msgspec.convert(document.value, kind, strict=False)
    except msgspec.ValidationError as error:
        raise explain_misfit(document, kind, str(error)) from None
