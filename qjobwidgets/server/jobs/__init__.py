"""The ledger: the durable record of jobs, their sessions and what belongs to them."""

__all__: list[str] = []
