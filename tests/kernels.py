"""Real kernels, started as jupyter-server does for a notebook."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager

__all__ = ["connected", "started"]


@contextmanager
def started(notebook: str, **environment: str) -> Iterator[KernelManager]:
    """Run a kernel, unless it ends by itself.

    Args:
        notebook: Path of the notebook it is for.
        **environment: More of its environment.
    """
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(env={**os.environ, "JPY_SESSION_NAME": notebook, **environment})
    try:
        yield manager
    finally:
        if manager.has_kernel:
            manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


@contextmanager
def connected(notebook: str) -> Iterator[tuple[KernelManager, BlockingKernelClient]]:
    """Run a kernel with one client, which is ready."""
    with started(notebook) as manager:
        client = manager.blocking_client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=400)
            yield manager, client
        finally:
            client.stop_channels()
