"""API key, access tokens, and the proof that this server knows the key."""

from __future__ import annotations

import hashlib
import hmac
import time

import jwt

__all__ = ["Tokens"]

_LIFETIME = 3600
_ALGORITHM = "HS256"


class Tokens:
    """Issues and checks access tokens.

    The signing key is derived from the API key, so tokens survive a restart of the server and die
    with their key.

    Args:
        api_key: The key of the one user.
    """

    lifetime = _LIFETIME
    """Validity of an access token, in seconds."""

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key.encode()
        self._signing_key = hmac.digest(self._api_key, b"qjobwidgets-access-token", hashlib.sha256)

    def issue(self) -> tuple[str, int]:
        """Return an access token and when it expires (seconds of Unix time)."""
        now = int(time.time())
        claims = {"sub": "local", "iat": now, "exp": now + _LIFETIME}
        return jwt.encode(claims, self._signing_key, _ALGORITHM), now + _LIFETIME

    def is_api_key(self, candidate: str) -> bool:
        """Whether this is the API key, compared in constant time."""
        return hmac.compare_digest(candidate.encode(errors="replace"), self._api_key)

    def authorizes(self, header: str) -> bool:
        """Whether an ``Authorization`` header lets its sender in."""
        scheme, _, credential = header.partition(" ")
        match scheme.lower():
            case "bearer":
                return self._is_valid(credential.strip())
            case "apikey":
                return self.is_api_key(credential.strip())
            case _:
                return False

    def proof(self, nonce: str) -> str:
        """Return what only a server that knows the API key can answer to a nonce."""
        message = b"qjobwidgets-proof:" + nonce.encode()
        return hmac.digest(self._api_key, message, hashlib.sha256).hex()

    def _is_valid(self, token: str) -> bool:
        try:
            jwt.decode(
                token,
                self._signing_key,
                algorithms=[_ALGORITHM],
                # The clock that issued it is our own: a token is never refused as too young.
                options={"require": ["exp", "iat"], "verify_iat": False},
            )
        except jwt.InvalidTokenError:
            return False
        return True
