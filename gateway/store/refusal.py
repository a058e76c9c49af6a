"""Which errors are one unit's own fault, and what that unit is answered with."""

from __future__ import annotations

from typing import Final

from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, ProgrammingError

from gateway.errors import Conflict, GatewayError, Malformed
from gateway.store import sqlite

ITS_OWN_FAULT: Final = (
    IntegrityError,
    DataError,
    ProgrammingError,
    InterfaceError,
    OverflowError,
    UnicodeError,
)
"""Errors that one unit's values cause: they may cost that unit, never its neighbours."""


class Unmatched(Conflict):
    """A change found no row in the state it expects; in a batch it only says that some unit's did not."""


def refusal_of(error: Exception) -> GatewayError:
    """Return what a unit that could not be written is answered with. It names constraints, never values."""
    if isinstance(error, Unmatched):
        return Conflict(error.message, code=error.code, field=error.field)
    if isinstance(error, GatewayError):
        return error
    refusal: GatewayError
    if isinstance(error, IntegrityError) and sqlite.is_duplicate(error.orig):
        refusal = Conflict("is already stored", field="store", constraint=str(error.orig))
    elif isinstance(error, IntegrityError):
        refusal = Malformed("breaks a rule of its table", field="store", constraint=str(error.orig))
    else:
        refusal = Malformed("holds a value that cannot be stored", field="store")
    refusal.__cause__ = error
    return refusal
