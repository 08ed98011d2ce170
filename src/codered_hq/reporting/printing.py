"""HTML -> PDF, with tags for screen readers. Nothing is fetched from anywhere."""

import importlib.util
import logging
from typing import NoReturn

from codered.model.errors import WrongUse


def make_pdf(page: str) -> bytes:
    """The page as PDF/UA. Raises WrongUse where the extra `reports` is not installed."""
    check_printing()
    from weasyprint import HTML, urls

    class FetchNothing(urls.URLFetcher):  # type: ignore[misc]
        """A hostile name that slipped through the escaping must not make us talk to anybody, or read a file."""

        def fetch(self, url: str, *_given: object, **_more: object) -> NoReturn:
            raise ValueError(f"nothing is fetched: {url[:60]}")

    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)  # what a browser alone understands is no news
    made = HTML(string=page, url_fetcher=FetchNothing()).write_pdf(pdf_variant="pdf/ua-1")
    if not isinstance(made, bytes):
        raise TypeError("WeasyPrint gave no bytes")
    return made


def check_printing() -> None:
    """Raises WrongUse where the extra `reports` is not installed."""
    if importlib.util.find_spec("weasyprint") is None:
        advice = "install codered-detect[reports], or write HTML (--html) and print that"
        raise WrongUse("PDFs can't be made here (weasyprint is missing)", advice=advice)
