"""One module per revision of the schema."""

__all__: list[str] = []
