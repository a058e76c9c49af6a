"""Where reads come from: a short transaction of their own, or one snapshot that several of them share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final, Self, TypeVar

from sqlalchemy import Connection, Engine, Executable, Select, Table, bindparam, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from gateway.errors import Unreachable

RowT = TypeVar("RowT")

PAGE: Final = 500
"""How many rows a listing returns unless told otherwise."""


def by(table: Table, *columns: str) -> Select[Any]:
    """Return the query for the rows of a table with the columns equal to parameters of their names."""
    return select(table).where(*(table.c[name] == bindparam(name) for name in columns))


class Source:
    """Runs queries on connections that cannot write."""

    def __init__(self, engine: Engine, connection: Connection | None = None) -> None:
        self._engine = engine
        self._connection = connection

    @contextmanager
    def snapshot(self) -> Iterator[Self]:
        """Give a reader whose answers all come from one moment; keep it short, it holds back the log.

        Raises:
            Unreachable: code `store`: no connection came free in time, or the database failed.
        """
        with self.connection() as connection:
            yield type(self)(self._engine, connection)

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Give a connection inside a read transaction.

        Raises:
            Unreachable: code `store`.
        """
        try:
            if self._connection is not None:
                yield self._connection
            else:
                with self._engine.connect() as connection, connection.begin():
                    yield connection
        except (DBAPIError, PoolExhausted) as exc:
            raise Unreachable("the store cannot be read", code="store") from exc

    def _all(
        self, statement: Executable, make: Callable[[Iterable[Any]], RowT], **values: object
    ) -> list[RowT]:
        with self.connection() as connection:
            return [make(row) for row in connection.execute(statement, values)]

    def _one(
        self, statement: Executable, make: Callable[[Iterable[Any]], RowT], **values: object
    ) -> RowT | None:
        with self.connection() as connection:
            row = connection.execute(statement, values).first()
        return None if row is None else make(row)
