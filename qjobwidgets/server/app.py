"""The application, and the process that serves it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
import sys
from collections.abc import AsyncIterator
from importlib.metadata import PackageNotFoundError, version
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import DatabaseError
from starlette.types import ASGIApp

from qjobwidgets.server.api import (
    backends,
    discovery,
    errors,
    events,
    identity,
    instances,
    jobs,
    openapi,
    outputs,
    programs,
    sessions,
    streams,
    workloads,
)
from qjobwidgets.server.api.budget import BodyBudget
from qjobwidgets.server.api.guard import OPEN_PATHS, Activity, Guard
from qjobwidgets.server.api.tokens import Tokens
from qjobwidgets.server.config import Config, StartRefusedError
from qjobwidgets.server.connections import (
    BACKLOG,
    Connections,
    HttpProtocol,
    WebSocketProtocol,
    raise_file_limit,
)
from qjobwidgets.server.folder import DataFolder
from qjobwidgets.server.jobs.states import LOCAL_OWNER
from qjobwidgets.server.log import configure
from qjobwidgets.server.pages import KeptPages
from qjobwidgets.server.runtime import Runtime
from qjobwidgets.server.users import read_users

__all__ = ["VERSION", "serve"]

_LOG = logging.getLogger(__name__)

_BASE = "/api/v1"
_IDLE_CHECK = 1.0
_GRACE = 2  # seconds for open requests when the server ends


def _version() -> str:
    try:
        return version("qjobwidgets")
    except PackageNotFoundError:  # run from a source tree that is not installed
        return "0+source"


VERSION = _version()


def serve(config: Config) -> None:
    """Serve until a signal comes or the server has been idle for long enough.

    Raises:
        StartRefusedError: The folder, the database or the port can't be used.
    """
    folder = DataFolder(config.data)
    try:
        tokens = _tokens(folder, config)
        for what in folder.repaired:
            _LOG.warning(what)
        with _listen(config.port) as listener:
            port = listener.getsockname()[1]
            runtime = Runtime(config, folder.ledger_file)
            activity = Activity()
            application = _application(runtime, tokens)
            pages = KeptPages(BodyBudget(application), f"{_BASE}/jobs", runtime.pages)
            guard = Guard(pages, port=port, tokens=tokens, activity=activity)
            connections = Connections(most=raise_file_limit())
            server = _Server(guard, connections, folder=folder, facts=_facts(folder, port))
            application.state.idle_end = _IdleEnd(config.idle, activity, runtime, server)
            _run(server, application, listener)
    finally:
        folder.withdraw()
        folder.release()


def _run(server: _Server, application: FastAPI, listener: socket.socket) -> None:
    """Run until the end, or say why there was no beginning."""
    application.state.trouble = None
    try:
        server.run(sockets=[listener])
    except SystemExit:  # uvicorn could not start; its status would mean something else here
        if application.state.trouble is None:
            raise
    trouble = application.state.trouble or server.trouble
    if isinstance(trouble, OSError | DatabaseError):
        raise StartRefusedError(
            f"The server can't work in its folder: {getattr(trouble, 'orig', trouble)}.",
            exit_code=4,
            fix="Look for space on the disk and for the rights to write, or name another folder.",
        ) from trouble
    if trouble is not None:
        raise StartRefusedError(
            f"The server can't start: {type(trouble).__name__}: {trouble}.",
            exit_code=1,
            fix="See server.log in its folder.",
        ) from trouble


def _tokens(folder: DataFolder, config: Config) -> Tokens:
    try:
        configure(folder.log_file, config.log_level)
        own = folder.token()
    except (OSError, ValueError) as error:  # such as a file that is none, no text, a full disk
        raise StartRefusedError(
            f"The log or the token in {folder.path} can't be used: {error}.",
            exit_code=4,
            fix="Move it away, or name another folder.",
        ) from error
    others = {} if config.users is None else read_users(config.users, taken=own)
    return Tokens({LOCAL_OWNER: own, **others})


def _application(runtime: Runtime, tokens: Tokens) -> FastAPI:
    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        runtime.hub.attach(asyncio.get_running_loop())
        try:
            await run_in_threadpool(runtime.start)
        except Exception as error:
            app.state.trouble = error
            raise
        idle = asyncio.create_task(app.state.idle_end.watch())
        try:
            yield
        finally:
            idle.cancel()
            await run_in_threadpool(runtime.stop)

    # The pages that would show the API description load scripts from elsewhere: there are none.
    app = FastAPI(
        title="qjobwidgets runtime",
        version=VERSION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    errors.install(app)
    app.include_router(identity.router(tokens, runtime, VERSION))
    for routes in (
        backends,
        events,
        instances,
        jobs,
        outputs,
        programs,
        sessions,
        streams,
        workloads,
    ):
        app.include_router(routes.router(runtime), prefix=_BASE)
    app.include_router(discovery.versions(VERSION), prefix=_BASE)
    for base in ("", _BASE):
        app.include_router(discovery.catalogue(), prefix=base)
    openapi.install(app, OPEN_PATHS)
    return app


class _Server(uvicorn.Server):
    """Uvicorn, with our first line when it accepts connections and our end on a signal."""

    def __init__(
        self,
        app: ASGIApp,
        connections: Connections,
        *,
        folder: DataFolder,
        facts: dict[str, Any],
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=HttpProtocol,
                ws=WebSocketProtocol,
                backlog=BACKLOG,
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                ws_max_size=64 * 1024,  # listeners have nothing to say
                # Nobody gains by it on the loopback interface, and all wait while it compresses.
                ws_per_message_deflate=False,
                ws_ping_interval=15.0,
                ws_ping_timeout=15.0,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=_GRACE,
            )
        )
        self.server_state = connections
        self._folder = folder
        self._facts = facts
        self.trouble: OSError | None = None
        """Why nobody could be told where the server is, and it ended at once."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell where."""
        await super().startup(sockets=sockets)
        try:
            self._folder.announce(self._facts)
        except OSError as error:
            self.trouble = error
            self.should_exit = True
            return
        sys.stdout.write(json.dumps(self._facts) + "\n")
        sys.stdout.flush()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """End in order; being asked to is no failure, so the signal is not raised again."""
        self.should_exit = True


class _IdleEnd:
    """Ends a server that nobody uses and that has nothing to do."""

    def __init__(
        self, seconds: float, activity: Activity, runtime: Runtime, server: _Server
    ) -> None:
        self._seconds = seconds
        self._activity = activity
        self._runtime = runtime
        self._server = server

    async def watch(self) -> None:
        """Look each second; 0 seconds of allowed idleness means never to end."""
        while self._seconds:
            await asyncio.sleep(_IDLE_CHECK)
            if self._activity.idle_seconds() < self._seconds:
                continue
            try:
                pending = await run_in_threadpool(self._runtime.queries.pending)
            except Exception:  # noqa: BLE001 - who can't see whether jobs wait has to stay
                _LOG.warning("not known to be idle: the ledger can't be read", exc_info=True)
                continue
            # Asked again: a job may have been submitted while the ledger was read.
            if not pending and self._activity.idle_seconds() >= self._seconds:
                _LOG.info("idle for %g s, ending", self._seconds)
                self._server.should_exit = True
                return


def _listen(port: int) -> socket.socket:
    # asyncio sets TCP_NODELAY only on sockets that name their protocol; without it each answer
    # waits 40 ms for the client's delayed acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        # From here on the port is ours alone: until somebody listens, others may bind it, too.
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise StartRefusedError(
            f"Port {port} can't be used: {error.strerror}.",
            exit_code=5,
            fix="Name another port; 0 takes any free one.",
        ) from error
    return listener


def _facts(folder: DataFolder, port: int) -> dict[str, Any]:
    origin = f"http://127.0.0.1:{port}"
    return {
        "url": origin + _BASE,
        "iam_url": origin,
        "token_file": str(folder.token_file.absolute()),
        "pid": os.getpid(),
        "version": VERSION,
        "instance": instances.crn_of(LOCAL_OWNER),
    }
