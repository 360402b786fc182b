"""The programs of the embedded runtime.

``catalogue`` describes them and is read by the API; the code that runs them is loaded in attempts.
"""

__all__: list[str] = []
