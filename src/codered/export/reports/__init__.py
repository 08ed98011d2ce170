"""Report -> text, a file a format. To add a format: a file here, and a line in RENDERERS."""

from collections.abc import Callable

from codered.export.reports.csv_table import render_attackers_csv, render_csv
from codered.export.reports.html import render_html
from codered.export.reports.json_document import read_report, render_json
from codered.export.reports.text import render_text
from codered.model.report import Report

RENDERERS: dict[str, Callable[[Report], str]] = {
    "text": render_text,
    "json": render_json,
    "html": render_html,
    "csv": render_csv,
    "attackers-csv": render_attackers_csv,
}

__all__ = [
    "RENDERERS",
    "read_report",
    "render_attackers_csv",
    "render_csv",
    "render_html",
    "render_json",
    "render_text",
]
