"""Routes that are open: token exchange, the server's proof of itself, health."""

from __future__ import annotations

import re
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import Response

from qjobwidgets.server.api.bodies import SMALL_CAP, answer, read_body, read_object
from qjobwidgets.server.api.errors import invalid
from qjobwidgets.server.api.tokens import Tokens

__all__ = ["router"]

_GRANT = "urn:ibm:params:oauth:grant-type:apikey"
_NONCE = re.compile(r"[0-9a-fA-F]{16,256}")


def router(tokens: Tokens, version: str) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.get("/health")
    async def health() -> Response:
        """Say that the server answers, and which version it is."""
        return answer({"status": "ok", "version": version})

    @routes.post("/identity/token")
    async def exchange(request: Request) -> Response:
        """Exchange the API key for an access token."""
        form = parse_qs((await read_body(request, SMALL_CAP)).decode("latin-1"))
        if form.get("grant_type") != [_GRANT]:
            return _identity_error("BXNIM0134E", "This grant type is not supported.")
        owner = tokens.owner_of_key(form.get("apikey", [""])[0])
        if owner is None:
            return _identity_error("BXNIM0415E", "Provided API key could not be found.")
        token, expiration = tokens.issue(owner)
        return answer(
            {
                "access_token": token,
                "refresh_token": "not_supported",
                "token_type": "Bearer",
                "expires_in": tokens.lifetime,
                "expiration": expiration,
                "scope": "ibm openid",
            }
        )

    @routes.post("/identity/proof")
    async def prove(request: Request) -> Response:
        """Prove that this server knows the API key, before a client sends it."""
        nonce = (await read_object(request)).get("nonce")
        if not isinstance(nonce, str) or not _NONCE.fullmatch(nonce):
            raise invalid("The nonce must be 16 to 256 hexadecimal digits.")
        return answer({"proof": tokens.proof(nonce)})

    return routes


def _identity_error(code: str, message: str) -> Response:
    return answer({"errorCode": code, "errorMessage": message}, 400)
