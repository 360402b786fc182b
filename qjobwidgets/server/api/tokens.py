"""API keys and their owners, access tokens, and the proof that this server knows its own key."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping

import jwt

from qjobwidgets.server.jobs.states import LOCAL_OWNER

__all__ = ["Tokens"]

_LIFETIME = 3600
_ALGORITHM = "HS256"


class Tokens:
    """Issues and checks access tokens.

    An owner's tokens are signed with a key derived from their API key: they survive a restart of
    the server, and die with their key.

    Args:
        keys: API keys by owner. The key of the local owner is the one the server proves to know.
    """

    lifetime = _LIFETIME
    """Validity of an access token, in seconds."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._api_keys = {owner: key.encode() for owner, key in keys.items()}
        self._signing_keys = {
            owner: hmac.digest(key, b"qjobwidgets-access-token", hashlib.sha256)
            for owner, key in self._api_keys.items()
        }

    def issue(self, owner: str) -> tuple[str, int]:
        """Return an access token and when it expires (seconds of Unix time)."""
        now = int(time.time())
        claims = {"sub": owner, "iat": now, "exp": now + _LIFETIME}
        return jwt.encode(claims, self._signing_keys[owner], _ALGORITHM), now + _LIFETIME

    def owner_of_key(self, candidate: str) -> str | None:
        """Return whose API key this is, compared in constant time with each there is."""
        found = None
        for owner, key in self._api_keys.items():
            if hmac.compare_digest(candidate.encode(errors="replace"), key):
                found = owner
        return found

    def owner_of(self, header: str) -> str | None:
        """Return whom an ``Authorization`` header lets in."""
        scheme, _, credential = header.partition(" ")
        match scheme.lower():
            case "bearer":
                return self._owner_of_token(credential.strip())
            case "apikey":
                return self.owner_of_key(credential.strip())
            case _:
                return None

    def proof(self, nonce: str) -> str:
        """Return what only a server that knows the API key can answer to a nonce."""
        message = b"qjobwidgets-proof:" + nonce.encode()
        return hmac.digest(self._api_keys[LOCAL_OWNER], message, hashlib.sha256).hex()

    def _owner_of_token(self, token: str) -> str | None:
        try:
            # Whose it says it is only chooses the key that it must be signed with.
            owner = jwt.decode(token, options={"verify_signature": False}).get("sub")
            if not isinstance(owner, str) or owner not in self._signing_keys:
                return None
            jwt.decode(
                token,
                self._signing_keys[owner],
                algorithms=[_ALGORITHM],
                # The clock that issued it is our own: a token is never refused as too young.
                options={"require": ["exp", "iat"], "verify_iat": False},
            )
        except jwt.InvalidTokenError:
            return None
        return owner
