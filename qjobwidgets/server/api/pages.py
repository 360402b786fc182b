"""Pages of job lists, kept as long as nothing changes.

Who watches asks for the same page again and again, and who looks back pages through jobs that are
long over. Every change of a job gets a number (:mod:`~qjobwidgets.server.jobs.transitions`), so a
page made when the last change had some number is what it was as long as no higher one is given.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from qjobwidgets.server.jobs.queries import JobFilter

__all__ = ["Page", "Pages"]

_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it is sent.

    Attributes:
        revision: Number of the last change before the page was made.
        body: The document.
        etag: Changes when anything in the document does, and only then.
    """

    revision: int
    body: bytes
    etag: str


class Pages:
    """The pages asked for last, up to some megabytes."""

    def __init__(self) -> None:
        self._pages: OrderedDict[tuple[JobFilter, bool], Page] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(
        self, wanted: JobFilter, revision: int, make: Callable[[], bytes], *, with_params: bool
    ) -> Page:
        """Return a page as it is now.

        Args:
            wanted: What it lists.
            revision: Number of the last change in the ledger, read before this.
            make: Makes the document, if it is not known.
            with_params: Whether the document has the inputs of the jobs.
        """
        key = (wanted, with_params)
        with self._lock:
            page = self._pages.get(key)
            if page is not None and page.revision == revision:
                self._pages.move_to_end(key)
                return page
        body = make()
        page = Page(revision, body, f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"')
        with self._lock:
            self._keep(key, page)
        return page

    def _keep(self, key: tuple[JobFilter, bool], page: Page) -> None:
        old = self._pages.pop(key, None)
        self._bytes += len(page.body) - (len(old.body) if old is not None else 0)
        self._pages[key] = page
        while self._bytes > _BYTES:
            _, oldest = self._pages.popitem(last=False)
            self._bytes -= len(oldest.body)
