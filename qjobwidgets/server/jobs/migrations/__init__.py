"""Migrations of the ledger, run by the server itself when it starts."""

__all__: list[str] = []
