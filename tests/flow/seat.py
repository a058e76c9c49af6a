"""An administrator's seat: raw hands on a home's database, past every trigger; all of it is put back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, text

from tests.flow.federation import NL, Homes


@dataclass
class Seat:
    """Changes rows of an open home as whoever has its database may; `put_back` undoes it all."""

    homes: Homes
    agency: str = NL
    _kept: dict[str, list[Any]] = field(default_factory=dict)

    def change(self, table: str, sql: str, **values: Any) -> int:
        """Run a statement about one table, and return how many rows it changed."""
        with self.homes[self.agency].store._writing.connect() as raw:
            _obey(raw, "OFF")
            try:
                with raw.begin():
                    self._unlock(raw)
                    self._kept.setdefault(table, _rows(raw, table))
                    return int(raw.execute(text(sql), values).rowcount)
            finally:
                _obey(raw, "ON")

    def put_back(self) -> None:
        """Make every table that was changed what it was before."""
        with self.homes[self.agency].store._writing.begin() as raw:
            raw.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            for table, rows in self._kept.items():
                raw.exec_driver_sql(f"DELETE FROM {table}")
                places = ", ".join("?" * len(rows[0])) if rows else ""
                for row in rows:
                    raw.exec_driver_sql(f"INSERT INTO {table} VALUES ({places})", tuple(row))
        self._kept.clear()

    def _unlock(self, raw: Connection) -> None:
        triggers = raw.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars()
        for name in list(triggers):
            raw.exec_driver_sql(f"DROP TRIGGER {name}")


def _obey(raw: Connection, constraints: str) -> None:
    """Let the database hold conditions and foreign keys, or not."""
    raw.exec_driver_sql(f"PRAGMA ignore_check_constraints = {'OFF' if constraints == 'ON' else 'ON'}")
    raw.commit()
    raw.connection.dbapi_connection.execute(f"PRAGMA foreign_keys = {constraints}")  # type: ignore[union-attr]


def _rows(raw: Connection, table: str) -> list[Any]:
    return list(raw.exec_driver_sql(f"SELECT * FROM {table}").all())
