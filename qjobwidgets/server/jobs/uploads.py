"""The ledger's side of uploaded programs.

A job takes the source of its program with it when it is submitted, so changing or deleting a
program never changes a job that is there already.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from qjobwidgets.server.jobs.database import Database
from qjobwidgets.server.jobs.ledger import Ledger
from qjobwidgets.server.jobs.schema import inputs, jobs, programs
from qjobwidgets.server.jobs.states import Reason, ReasonCode, State, Usage, timestamp

__all__ = ["NameTakenError", "NewProgram", "UploadedProgram", "Uploads", "refuse_waiting"]

_SLUG = 48  # characters of the name that go into the id, which has room for 64


class NameTakenError(Exception):
    """The owner has a program of this name already."""


@dataclass(frozen=True, slots=True)
class NewProgram:
    """A program as it is uploaded.

    Attributes:
        cost: Longest execution time of a job that runs it, in seconds.
        public: Whether others than its owner see it.
        source: Python text; nothing in the server ever looks into it.
        spec: What it says of its parameters, results and requirements.
    """

    name: str
    description: str
    cost: int
    public: bool
    source: str
    spec: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class UploadedProgram(NewProgram):
    """A program in the ledger."""

    id: str
    owner: str
    created: str
    updated: str


class Uploads:
    """Reads and changes of uploaded programs.

    Args:
        database: Where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, new: NewProgram, *, owner: str) -> str:
        """Add a program and return its id.

        Raises:
            NameTakenError: The owner has one of this name.
        """
        now = timestamp()
        program = f"{re.sub('[^A-Za-z0-9_]+', '-', new.name)[:_SLUG]}-{secrets.token_hex(5)}"
        row = {
            "id": program,
            "owner": owner,
            "name": new.name,
            "description": new.description,
            "cost": new.cost,
            "public": new.public,
            "source": new.source,
            "spec": dict(new.spec),
            "created": now,
            "updated": now,
        }
        with self._database.write() as connection:
            _require_free(connection, owner, new.name)
            connection.execute(insert(programs).values(row))
        return program

    def get(self, program: str, owner: str) -> UploadedProgram | None:
        """Return a program that an owner may see."""
        query = select(programs).where(programs.c.id == program, _seen_by(owner))
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _to_program(row)

    def page(self, owner: str, *, limit: int, offset: int) -> tuple[list[UploadedProgram], int]:
        """Return programs that an owner may see, oldest first, and how many there are in all."""
        query = select(programs).where(_seen_by(owner)).order_by(programs.c.number)
        counting = select(func.count()).select_from(programs).where(_seen_by(owner))
        with self._database.read() as connection:
            rows = connection.execute(query.limit(limit).offset(offset)).all()
            return [_to_program(row) for row in rows], connection.scalar(counting) or 0

    def change(self, program: str, owner: str, changes: Mapping[str, Any]) -> bool:
        """Change fields of a program, named as in :class:`NewProgram`; whether the owner has it.

        Raises:
            NameTakenError: The owner has another one of the new name.
        """
        own = programs.c.id == program, programs.c.owner == owner
        with self._database.write() as connection:
            if connection.scalar(select(programs.c.number).where(*own)) is None:
                return False
            if "name" in changes:
                _require_free(connection, owner, changes["name"], but=program)
            values = {**changes, "updated": timestamp()}
            connection.execute(update(programs).where(*own).values(values))
        return True

    def delete(self, program: str, owner: str) -> bool:
        """Delete a program; whether the owner had it. Its jobs stay."""
        query = delete(programs).where(programs.c.id == program, programs.c.owner == owner)
        with self._database.write() as connection:
            return bool(connection.execute(query).rowcount)


def refuse_waiting(database: Database, ledger: Ledger) -> None:
    """Fail the jobs that wait to run an uploaded program, where no such program may run any more.

    Args:
        database: Where they wait.
        ledger: By which they fail.
    """
    reason = Reason(
        "Uploaded programs don't run on a server that has more than one user.",
        ReasonCode.INPUT_REFUSED,
        "Submit the job again on a server of your own (without --users).",
    )
    waiting = (
        select(jobs.c.id)
        .join(inputs, inputs.c.job == jobs.c.id)
        .where(jobs.c.state == State.QUEUED, inputs.c.source.is_not(None))
    )
    with database.read() as connection:
        found = connection.scalars(waiting).all()
    for job in found:
        ticket = ledger.start(job)
        if ticket is not None:
            ledger.fail(job, ticket.attempt, reason, Usage())


def _seen_by(owner: str) -> Any:
    return or_(programs.c.owner == owner, programs.c.public)


def _require_free(connection: Connection, owner: str, name: str, but: str = "") -> None:
    taken = select(programs.c.id).where(programs.c.owner == owner, programs.c.name == name)
    if connection.scalar(taken.where(programs.c.id != but)) is not None:
        raise NameTakenError


def _to_program(row: Row[Any]) -> UploadedProgram:
    return UploadedProgram(
        id=row.id,
        owner=row.owner,
        name=row.name,
        description=row.description,
        cost=row.cost,
        public=row.public,
        source=row.source,
        spec=row.spec,
        created=row.created,
        updated=row.updated,
    )
