"""The typed JSON of the last client that streamed."""

import json

from qiskit_ibm_runtime.utils.json import RuntimeDecoder, RuntimeEncoder


def again(text: str) -> str:
    """Return what the client writes of what it has read."""
    return json.dumps(json.loads(text, cls=RuntimeDecoder), cls=RuntimeEncoder)
