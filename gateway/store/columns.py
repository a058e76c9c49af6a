"""What the tables are made of: columns of the few kinds there are, and the conditions that hold on them."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
)

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite gives only a column of the exact type INTEGER the place of the row id.
_INTEGER: Final = BigInteger().with_variant(Integer(), "sqlite")


def number(name: str, *, nullable: bool = False) -> Column[int]:
    """Return a column of whole numbers: counts, places, or milliseconds UTC."""
    return Column(name, _INTEGER, nullable=nullable, autoincrement=False)


def words(name: str, *, nullable: bool = False) -> Column[str]:
    """Return a column of text."""
    return Column(name, Text, nullable=nullable)


def blob(name: str, *, nullable: bool = False) -> Column[bytes]:
    """Return a column of raw bytes."""
    return Column(name, LargeBinary, nullable=nullable)


def key(*names: str) -> PrimaryKeyConstraint:
    """Return the primary key over columns."""
    return PrimaryKeyConstraint(*names)


def one_of(column: str, *words: str) -> CheckConstraint:
    """Return the condition that a column holds one of these words."""
    return CheckConstraint(f"{column} IN ({', '.join(repr(word) for word in words)})", name=column)


def digest_form(column: str) -> CheckConstraint:
    """Return the condition that a column holds 32 bytes."""
    return CheckConstraint(f"length({column}) = 32", name=column)


def table(name: str, *parts: Any, **options: Any) -> Table:
    """Return a table of this store."""
    return Table(name, metadata, *parts, **options)


def index_where(condition: ColumnElement[bool], name: str | None, *columns: Column[Any]) -> Index:
    """Return an index over the rows that meet a condition."""
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)
