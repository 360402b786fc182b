"""The instances of an account: to find them, choose one, and see what it has used.

One :class:`RuntimeService` speaks for one instance. An account that names none by its CRN is looked
up, once, in the cloud's search of resources: ``GLOBAL_SEARCH_URL`` and ``GLOBAL_CATALOG_URL`` from
the environment stand in for its addresses, as with the official client. An embedded runtime tells
of its instance itself.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from qjobwidgets.client.accounts import LOCAL, Account, base_url, is_crn
from qjobwidgets.client.api import Api
from qjobwidgets.client.transport import HttpTransport
from qjobwidgets.errors import AccountError, IBMInputValueError

if TYPE_CHECKING:
    from qjobwidgets.client.service import RuntimeService

__all__ = ["Instance", "ServiceInstances", "choose", "settled"]

_SEARCH = "https://api.global-search-tagging.cloud.ibm.com"
_CATALOGUE = "https://globalcatalog.cloud.ibm.com/api/v1"
_QUERY = {
    "query": "service_name:quantum-computing",
    "fields": ["crn", "service_plan_unique_id", "name", "doc", "tags"],
}
_MOST_PAGES = 20
# what costs nothing goes before what does
_FREE = ("free", "trial")


@dataclass(frozen=True, slots=True)
class Instance:
    """A part of a service that belongs to an account."""

    crn: str
    name: str
    plan: str
    pricing_type: str
    tags: tuple[str, ...] = ()

    @property
    def region(self) -> str:
        """Where it runs."""
        return self.crn.split(":")[5]


class ServiceInstances:
    """What a service answers about instances."""

    _api: Api
    _account: Account

    def instances(self) -> list[dict[str, Any]]:
        """Return the instances of the account: ``crn``, ``name``, ``plan``, ``tags``, ..."""
        return [asdict(instance) for instance in self._instances()]

    def active_instance(self) -> str:
        """Return the CRN of the instance this client speaks for.

        Raises:
            AccountError: The account has none.
        """
        return self._account.instance or choose(self._instances()).crn

    def usage(self) -> dict[str, Any]:
        """Return what the instance has used, and what is left if it has a limit (seconds)."""
        usage = self._api.call("GET", "/instances/usage").document()
        limit, used = usage.get("usage_limit_seconds"), usage.get("usage_consumed_seconds")
        if isinstance(limit, int | float) and isinstance(used, int | float):
            usage.setdefault("usage_remaining_seconds", max(0, limit - used))
        return usage

    def at(self, instance: str | None) -> RuntimeService:
        """Return a client of an instance of the same account; this one if it is its own.

        Args:
            instance: CRN or name; ``None`` is this client's own.

        Raises:
            IBMInputValueError: The account has no such instance.
        """
        this = cast("RuntimeService", self)
        if instance is None or instance == self._account.instance:
            return this
        if self._account.channel != LOCAL and is_crn(instance):
            return self._sibling(instance)
        known = self._instances()
        for one in known:
            if instance in {one.crn, one.name}:
                # an embedded runtime has one instance for each user
                own = self._account.channel == LOCAL or one.crn == self._account.instance
                return this if own else self._sibling(one.crn)
        raise IBMInputValueError(
            f"The account has no instance {instance!r}.",
            fix=f"It has: {', '.join(one.name for one in known) or 'none'}.",
        )

    def _sibling(self, crn: str) -> RuntimeService:
        raise NotImplementedError

    def _instances(self) -> list[Instance]:
        if self._account.channel == LOCAL:
            return _found(self._api, self._api)
        return _discover(self._account)


def settled(account: Account) -> Account:
    """Return an account with its instance found, if it has to be.

    Raises:
        AccountError: It has no such instance, or none at all.
        QiskitRuntimeError: The search can't be reached, or refuses the key.
    """
    given = account.url is not None and account.instance is None
    if account.channel == LOCAL or given or is_crn(account.instance):
        return account
    chosen = choose(
        _discover(account),
        account.instance,
        region=account.region,
        plans=account.plans,
        tags=account.tags,
    )
    return replace(account, instance=chosen.crn, url=account.url or base_url(None, chosen.crn))


def choose(
    instances: Sequence[Instance],
    name: str | None = None,
    *,
    region: str | None = None,
    plans: Sequence[str] = (),
    tags: Iterable[str] = (),
) -> Instance:
    """Return the instance of a name, or the one to prefer when no name is given.

    Args:
        instances: Those of the account.
        name: The name wanted; nothing else counts then.
        region: Where it had better be.
        plans: The plans it may have, the preferred one first; any, if empty.
        tags: What it must be tagged with.

    Raises:
        AccountError: There is none.
    """

    def rank(instance: Instance) -> tuple[int, bool, bool]:
        plan = plans.index(instance.plan) if plans else 0
        costs = instance.pricing_type not in _FREE
        return plan, region not in {None, instance.region}, costs

    if name is None:
        matching = [i for i in instances if {*tags} <= {*i.tags} and (not plans or i.plan in plans)]
    else:
        matching = [i for i in instances if i.name == name]
    if matching:
        return min(matching, key=rank) if name is None else matching[0]
    known = ", ".join(f"{i.name} ({i.plan})" for i in instances) or "none"
    wanted = f"named {name!r}" if name else "with the plans and tags wanted"
    raise AccountError(f"The account has no instance {wanted}.", fix=f"It has: {known}.")


def _discover(account: Account) -> list[Instance]:
    search = _api_at(account, os.environ.get("GLOBAL_SEARCH_URL") or _SEARCH)
    catalogue = _api_at(account, os.environ.get("GLOBAL_CATALOG_URL") or _CATALOGUE)
    try:
        return _found(search, catalogue)
    finally:
        search.transport.close()
        catalogue.transport.close()


def _api_at(account: Account, url: str) -> Api:
    place = replace(account, url=url.rstrip("/"), instance=None)
    return Api(HttpTransport(place.endpoint), revivable=False)


def _found(search: Api, catalogue: Api) -> list[Instance]:
    """Return what a search of resources finds, with plans as a catalogue describes them."""
    plans: dict[str, tuple[str, str]] = {}
    found = []
    for item in _items(search):
        crn, plan = item.get("crn"), item.get("service_plan_unique_id")
        document = item.get("doc")
        # one without extensions has no backends
        usable = isinstance(document, Mapping) and document.get("extensions")
        if not (is_crn(crn) and isinstance(plan, str) and usable):
            continue
        if plan not in plans:
            plans[plan] = _plan(catalogue, plan)
        tags = item.get("tags")
        found.append(
            Instance(
                str(crn),
                str(item.get("name") or ""),
                *plans[plan],
                tuple(str(tag) for tag in tags) if isinstance(tags, list) else (),
            )
        )
    return found


def _items(search: Api) -> list[Mapping[str, Any]]:
    """Return all pages of the search."""
    items: list[Mapping[str, Any]] = []
    asked: Mapping[str, Any] = _QUERY
    for _ in range(_MOST_PAGES):
        answer = search.call(
            "POST",
            "/v3/resources/search",
            params={"limit": 100},
            document=json.dumps(asked),
            repeatable=True,
        ).document()
        page = answer.get("items")
        items += [item for item in page or () if isinstance(item, Mapping)]
        cursor = answer.get("search_cursor")
        if not page or not isinstance(cursor, str):
            break
        asked = {"search_cursor": cursor}
    return items


def _plan(catalogue: Api, plan: str) -> tuple[str, str]:
    """Return the name of a plan, and how it is paid for."""
    document = catalogue.call("GET", f"/{quote(plan, safe='')}").document()
    name = _within(document, "overview_ui", "en", "display_name")
    pricing = _within(document, "metadata", "pricing", "type")
    return str(name or "unknown").lower(), str(pricing or "unknown").lower()


def _within(document: Any, *names: str) -> Any:
    for name in names:
        document = document.get(name) if isinstance(document, Mapping) else None
    return document
