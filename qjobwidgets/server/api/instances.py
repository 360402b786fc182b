"""Routes of the instance: the part of the service that belongs to whoever asks.

Each user has one instance and can't reach another's. Its name is the user's, its CRN
``crn:v1:bluemix:public:quantum-computing:us-east:a/local:<user>::``. Clients name an instance in
the header ``Service-CRN``; region and account mean nothing here and a token has one instance only,
so any CRN of the service ``quantum-computing`` means that one, none does too, and anything else is
refused (by the guard).
"""

from __future__ import annotations

from typing import Annotated, NotRequired

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from qjobwidgets.server.api.access import owner_of
from qjobwidgets.server.api.bodies import answer, read_object, validated
from qjobwidgets.server.api.errors import NOT_FOUND, USAGE_EXCEEDED, ApiError
from qjobwidgets.server.api.openapi import gives, takes
from qjobwidgets.server.backends.catalogue import BACKENDS
from qjobwidgets.server.jobs.quotas import QuotaError
from qjobwidgets.server.jobs.states import timestamp
from qjobwidgets.server.runtime import Runtime

__all__ = ["ACCOUNT", "PLAN", "crn_of", "router"]

ACCOUNT = "local"
"""The account all instances belong to."""
PLAN = "qjobwidgets-local-plan"
"""The plan all instances are of."""

_SINCE = "2026-01-01T00:00:00Z"


class UsagePeriod(TypedDict):
    """Beginning and end of what was counted."""

    start_time: str
    end_time: str


class InstanceUsage(TypedDict):
    """Execution time used by an instance, in seconds."""

    instance_id: str
    plan_id: str
    usage_consumed_seconds: float
    usage_period: UsagePeriod
    usage_limit_reached: bool
    usage_limit_seconds: NotRequired[float]
    usage_remaining_seconds: NotRequired[float]


class InstanceConfiguration(TypedDict):
    """Settings of an instance; without a limit there is none."""

    instance_limit: NotRequired[float]


class NewInstanceConfiguration(BaseModel):
    """Settings for an instance: its limit of execution time in seconds, ``null`` for none."""

    instance_limit: Annotated[int, Field(ge=1, le=2**31 - 1, strict=True)] | None


class Instance(TypedDict):
    """An instance."""

    plan_id: str
    backends: list[str]
    qctrl_enabled: bool
    instance_limit: NotRequired[float]
    instance_limit_seconds: NotRequired[str]


class Plan(TypedDict):
    """What a plan allows."""

    plan_id: str
    subscription_id: str
    subscription_name: str
    backends: list[str]


class Account(TypedDict):
    """The plans of an account."""

    plans: list[Plan]


class Period(TypedDict):
    """Beginning and end of what was counted."""

    start: str
    end: str


class UsageOfInstance(TypedDict):
    """Usage of one instance, in the form of the older service; no quota is -1."""

    instance: str
    usage: float
    quota: float
    pendingJobs: int
    maxPendingJobs: int


class UsageByInstance(TypedDict):
    """Usage of all instances of a user, in the form of the older service."""

    period: Period
    byInstance: list[UsageOfInstance]


def crn_of(owner: str) -> str:
    """Return the CRN of a user's instance."""
    return f"crn:v1:bluemix:public:quantum-computing:us-east:a/{ACCOUNT}:{owner}::"


def router(runtime: Runtime) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["instances"])
    _route_usage(routes, runtime)
    _route_settings(routes, runtime)
    return routes


def _route_usage(routes: APIRouter, runtime: Runtime) -> None:
    @routes.get("/instances/usage", **gives(InstanceUsage))
    def usage(request: Request) -> Response:
        """Return the execution time used, and its limit if there is one."""
        owner = owner_of(request)
        allowance = runtime.allowances.of(owner)
        document = InstanceUsage(
            instance_id=crn_of(owner),
            plan_id=PLAN,
            usage_consumed_seconds=allowance.used,
            usage_period={"start_time": _SINCE, "end_time": timestamp()},
            usage_limit_reached=allowance.reached,
        )
        if allowance.limit is not None:
            document["usage_limit_seconds"] = allowance.limit
            document["usage_remaining_seconds"] = max(0.0, allowance.limit - allowance.used)
        return answer(document)

    @routes.get("/usage", **gives(UsageByInstance))
    def usage_by_instance(request: Request) -> Response:
        """Return the execution time used, in the form of the older service."""
        allowance = runtime.allowances.of(owner_of(request))
        instance = UsageOfInstance(
            instance=crn_of(owner_of(request)),
            usage=allowance.used,
            quota=-1 if allowance.limit is None else allowance.limit,
            pendingJobs=allowance.pending,
            maxPendingJobs=runtime.allowances.quotas.pending,
        )
        period = Period(start=_SINCE, end=timestamp())
        return answer(UsageByInstance(period=period, byInstance=[instance]))


def _route_settings(routes: APIRouter, runtime: Runtime) -> None:
    @routes.get("/instances/configuration", **gives(InstanceConfiguration))
    def configuration(request: Request) -> Response:
        """Return the settings of the instance."""
        limit = runtime.allowances.of(owner_of(request)).limit
        return answer({} if limit is None else InstanceConfiguration(instance_limit=limit))

    @routes.put("/instances/configuration", **takes(NewInstanceConfiguration), **gives(None, 409))
    async def configure(request: Request) -> Response:
        """Set the limit of the instance; one that the server was started with holds as well."""
        wanted = validated(NewInstanceConfiguration, await read_object(request))
        try:
            await run_in_threadpool(
                runtime.allowances.limit, owner_of(request), wanted.instance_limit
            )
        except QuotaError:
            raise ApiError(
                409,
                USAGE_EXCEEDED,
                "More than this limit has been used already.",
                "Set a higher limit.",
            ) from None
        return Response(status_code=204)

    @routes.get("/instance", **gives(Instance))
    def instance(request: Request) -> Response:
        """Return the instance."""
        document = Instance(plan_id=PLAN, backends=list(BACKENDS), qctrl_enabled=False)
        limit = runtime.allowances.of(owner_of(request)).limit
        if limit is not None:
            document["instance_limit"] = limit
            document["instance_limit_seconds"] = f"{limit:g}"
        return answer(document)

    @routes.get("/accounts/{account}", **gives(Account, 404))
    def account(account: str, plan_id: str | None = None) -> Response:
        """Return the plans of the account."""
        if account != ACCOUNT:
            raise ApiError(404, NOT_FOUND, "Account not found.", f"The account is {ACCOUNT}.")
        plan = Plan(
            plan_id=PLAN,
            subscription_id=ACCOUNT,
            subscription_name="This machine",
            backends=list(BACKENDS),
        )
        return answer(Account(plans=[plan] if plan_id in {None, PLAN} else []))
