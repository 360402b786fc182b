"""The embedded runtime: a runtime service for one user on one machine.

Started as ``python -m qjobwidgets.server`` and spoken to over HTTP only; no other room imports it.

- ``api``: routes, streams, and the guard in front of them
- ``placing``: the placer that starts jobs, the supervision of an attempt
- ``run``: the zygote, the attempt's process
- ``programs``: what can be run
- ``backends``: what it is run on
- ``jobs``: the ledger, the only truth
"""

__all__: list[str] = []
