"""The REST and WebSocket face of the embedded runtime."""

__all__: list[str] = []
