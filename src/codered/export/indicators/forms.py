"""The forms that packs can be written in, one explicit list."""

from codered.export.indicators.exported import Form

FORMS: dict[str, Form] = {}
