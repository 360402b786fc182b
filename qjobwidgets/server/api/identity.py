"""Routes that are open: token exchange, the server's proof of itself, health."""

from __future__ import annotations

import re
from typing import Annotated, Literal, NotRequired
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import StringConstraints
from typing_extensions import TypedDict

from qjobwidgets.server.api.bodies import SMALL_CAP, answer, read_body, read_object
from qjobwidgets.server.api.errors import RETRY_AFTER, invalid
from qjobwidgets.server.api.openapi import ErrorContainer, gives, takes
from qjobwidgets.server.api.tokens import Tokens
from qjobwidgets.server.runtime import Runtime

__all__ = ["router"]

_GRANT = "urn:ibm:params:oauth:grant-type:apikey"
_NONCE = "^[0-9a-fA-F]{16,256}$"


class HealthDocument(TypedDict):
    """Whether the server can do its work, and what is wrong if it can't."""

    status: Literal["ok", "degraded"]
    version: str
    problems: NotRequired[list[str]]


class TokenRequest(TypedDict):
    """A form that exchanges an API key."""

    grant_type: str
    apikey: str
    response_type: NotRequired[str]


class TokenDocument(TypedDict):
    """An access token, its validity in seconds, and its end in seconds of Unix time."""

    access_token: str
    refresh_token: str
    token_type: str
    expires_in: int
    expiration: int
    scope: str


class IdentityError(TypedDict):
    """A refusal in the form of the cloud's identity service."""

    errorCode: str
    errorMessage: str


class ProofRequest(TypedDict):
    """A nonce: 16 to 256 hexadecimal digits."""

    nonce: Annotated[str, StringConstraints(pattern=_NONCE)]


class ProofDocument(TypedDict):
    """HMAC-SHA-256 of ``qjobwidgets-proof:`` and the nonce, with the API key, in hexadecimal."""

    proof: str


def router(tokens: Tokens, runtime: Runtime, version: str) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["identity"])

    @routes.get("/health", **gives(HealthDocument, 503, refusal=HealthDocument))
    def health() -> Response:
        """Say whether the server can do its work, and which version it is."""
        problems = runtime.health.problems()
        if not problems:
            return answer(HealthDocument(status="ok", version=version))
        document = HealthDocument(status="degraded", version=version, problems=problems)
        response = answer(document, 503)
        response.headers.update(RETRY_AFTER)
        return response

    @routes.post(
        "/identity/token",
        **takes(TokenRequest, "application/x-www-form-urlencoded"),
        **gives(TokenDocument, 400, refusal=IdentityError | ErrorContainer),
    )
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

    @routes.post("/identity/proof", **takes(ProofRequest), **gives(ProofDocument))
    async def prove(request: Request) -> Response:
        """Prove that this server knows the API key, before a client sends it."""
        nonce = (await read_object(request)).get("nonce")
        if not isinstance(nonce, str) or not re.fullmatch(_NONCE, nonce):
            raise invalid("The nonce must be 16 to 256 hexadecimal digits.")
        return answer({"proof": tokens.proof(nonce)})

    return routes


def _identity_error(code: str, message: str) -> Response:
    return answer({"errorCode": code, "errorMessage": message}, 400)
