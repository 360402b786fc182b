"""Jobs over time: their durable record, and the way from queued to final."""

__all__: list[str] = []
