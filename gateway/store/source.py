"""Where reads come from: a short transaction of their own, or one snapshot that several of them share.

A question is compiled once and then put to the driver itself: a record costs several, and what SQLAlchemy
does around each takes ten times as long as the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from functools import lru_cache
from typing import Any, Final, NamedTuple, Self, TypeVar

from sqlalchemy import Connection, Dialect, Engine, Select, Table, bindparam, select
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
        self, statement: Select[Any], make: Callable[[Iterable[Any]], RowT], **values: object
    ) -> list[RowT]:
        question = _question(statement, self._engine.dialect)
        with self.connection() as connection:
            if question is None:
                return [make(row) for row in connection.execute(statement, values)]
            return [make(row) for row in self._rows(connection, question, values)]

    def _one(
        self, statement: Select[Any], make: Callable[[Iterable[Any]], RowT], **values: object
    ) -> RowT | None:
        found = self._all(statement, make, **values)
        return found[0] if found else None

    def _rows(
        self, connection: Connection, question: _Question, values: dict[str, object]
    ) -> Iterator[Iterable[Any]]:
        given = question.fixed | values
        try:
            with closing(connection.connection.cursor()) as cursor:
                cursor.execute(question.sql, tuple(given[name] for name in question.names))
                rows = cursor.fetchall()
        except connection.dialect.loaded_dbapi.Error as exc:
            raise Unreachable("the store cannot be read", code="store") from exc
        if not question.converted:
            return iter(rows)
        return (_converted(row, question) for row in rows)


class _Question(NamedTuple):
    """A query in the driver's own words: `names` are its parameters in order, `fixed` those whose values the
    query itself holds, `converted` the columns whose values the driver gives in another form, by position.
    """

    sql: str
    names: tuple[str, ...]
    fixed: dict[str, object]
    converted: tuple[tuple[int, Callable[[Any], Any]], ...]


@lru_cache(maxsize=256)
def _question(statement: Select[Any], dialect: Dialect) -> _Question | None:
    """Return a query in the driver's own words; None where its words depend on the values."""
    compiled: Any = statement.compile(dialect=dialect)
    if not dialect.positional or compiled.literal_execute_params or compiled.post_compile_params:
        return None
    forms = [column.type.dialect_impl(dialect) for column in statement.selected_columns]
    found = [(place, form.result_processor(dialect, None)) for place, form in enumerate(forms)]
    converted = tuple((place, convert) for place, convert in found if convert is not None)
    fixed = {name: value for name, value in compiled.params.items() if value is not None}
    return _Question(str(compiled), tuple(compiled.positiontup), fixed, converted)


def _converted(row: Iterable[Any], question: _Question) -> list[Any]:
    values = list(row)
    for place, convert in question.converted:
        values[place] = convert(values[place])
    return values
