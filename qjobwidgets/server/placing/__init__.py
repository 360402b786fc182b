"""The way of a job from queued to final: who may start, and the supervision of its attempts."""

__all__: list[str] = []
