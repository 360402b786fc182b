"""Running one attempt at a job in a process of its own."""

__all__: list[str] = []
