"""Pages of job lists, kept and answered as long as nothing changes.

Who watches asks for the same page again and again, and who looks back pages through jobs that are
long over. Every change of a job gets a number (:mod:`~qjobwidgets.server.jobs.transitions`), so a
page made when the last change had some number is what it was as long as no higher one is given.

A page that is kept is sent from in front of the application: to find the route, read the query and
go through all layers takes longer than everything else about it. It stands behind the guard, and
what is kept was made for the same owner and the same query, which the route has found to be right.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from fastapi.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["KeptPages", "Page", "Pages"]

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

    def response(self, if_none_match: str | None) -> Response:
        """Return the answer to whoever knows the pages that the header names."""
        headers = {"ETag": self.etag}
        known = {tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")}
        if self.etag in known:
            return Response(status_code=304, headers=headers)
        return Response(self.body, media_type="application/json", headers=headers)


class Pages:
    """The pages asked for last, up to some megabytes.

    Args:
        revision: Returns the number of the last change in the ledger.
    """

    def __init__(self, revision: Callable[[], int]) -> None:
        self._revision = revision
        self._pages: OrderedDict[tuple[str, str], Page] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def kept(self, owner: str, query: str) -> Page | None:
        """Return what an owner's query was answered with, if nothing has changed since."""
        key = (owner, query)
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
        if page is None or page.revision != self._revision():
            return None
        return page

    def make(self, owner: str, query: str, write: Callable[[], bytes]) -> Page:
        """Return a page that ``write`` writes, and keep it."""
        # Read before: should anything change meanwhile, the page is out of date from the beginning.
        revision = self._revision()
        body = write()
        page = Page(revision, body, f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"')
        with self._lock:
            self._keep((owner, query), page)
        return page

    def _keep(self, key: tuple[str, str], page: Page) -> None:
        old = self._pages.pop(key, None)
        if old is not None:
            self._bytes -= _size(key, old)
        size = _size(key, page)
        if size > _BYTES:  # it would push out all others, and itself at last
            return
        self._pages[key] = page
        self._bytes += size
        while self._bytes > _BYTES:
            self._bytes -= _size(*self._pages.popitem(last=False))


def _size(key: tuple[str, str], page: Page) -> int:
    return len(page.body) + len(key[1])


class KeptPages:
    """ASGI middleware that answers with pages that are kept.

    Args:
        app: Answers everything else.
        path: Where lists of jobs are asked for.
        pages: The pages.
    """

    def __init__(self, app: ASGIApp, path: str, pages: Pages) -> None:
        self._app = app
        self._path = path
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on."""
        if scope["type"] == "http" and (scope["method"], scope["path"]) == ("GET", self._path):
            request = Request(scope)
            owner: str = request.state.owner
            page = await run_in_threadpool(self._pages.kept, owner, request.url.query)
            if page is not None:
                response = page.response(request.headers.get("if-none-match"))
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)
