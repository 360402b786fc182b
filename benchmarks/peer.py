"""The least a service can do: jobs in a dictionary, kept nowhere, run by threads of its own."""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
import sys
from typing import Any

import orjson
import uvicorn
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from qiskit_aer.primitives import SamplerV2

from qjobwidgets.codec import dumps, loads


def work(params: str) -> str:
    """Run the sampler."""
    circuit, _, shots = loads(params)["pubs"][0]
    return dumps(SamplerV2().run([(circuit, None, shots)]).result())


def application() -> FastAPI:
    """Return the service."""
    app = FastAPI()
    numbers = itertools.count(1)
    states: dict[str, str] = {}
    running: set[asyncio.Task[None]] = set()

    async def see_through(job: str, params: str) -> None:
        await run_in_threadpool(work, params)
        states[job] = "Completed"

    @app.post("/jobs")
    async def submit(request: Request) -> Response:
        body: dict[str, Any] = orjson.loads(await request.body())
        job = str(next(numbers))
        states[job] = "Running"
        task = asyncio.create_task(see_through(job, orjson.dumps(body["params"]).decode()))
        running.add(task)
        task.add_done_callback(running.discard)
        return Response(orjson.dumps({"id": job}), media_type="application/json")

    @app.get("/jobs/{job}")
    async def get(job: str) -> Response:
        document = {"id": job, "state": {"status": states[job]}}
        return Response(orjson.dumps(document), media_type="application/json")

    return app


def main() -> None:
    """Serve on a free port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        sys.stdout.write(json.dumps({"url": url}) + "\n")
        sys.stdout.flush()
        config = uvicorn.Config(application(), http="h11", log_level="warning", access_log=False)
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
