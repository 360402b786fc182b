"""The backends there are: what they say of themselves, and the devices that simulate them."""

__all__: list[str] = []
