"""The schema's version: what the code needs, what a database has, and how one becomes the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, Engine, inspect

from gateway.errors import Misconfigured

if TYPE_CHECKING:
    from alembic.config import Config

HEAD: Final = "0007"
"""The revision this code works with. Known here so that a start does not have to import Alembic."""

_SCRIPTS: Final = "gateway.store:migrations"


def current(connection: Connection) -> str | None:
    """Return the revision of a database; None for one that has no schema of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all()
    if len(found) != 1:
        raise Misconfigured("has no single schema revision", code="schema-unknown", field="store")
    return str(found[0])


def check(engine: Engine) -> None:
    """Refuse a database whose revision is not the one this code works with.

    Raises:
        Misconfigured: code `schema-old` (migrate it) or `schema-newer` (a newer version wrote it).
    """
    with engine.connect() as connection, connection.begin():
        found = current(connection)
    if found == HEAD:
        return
    if found is not None and found not in _revisions():
        raise Misconfigured(
            f"revision {found} was made by a newer version; this one works with {HEAD}",
            code="schema-newer",
            field="store",
        )
    raise Misconfigured(
        f"revision {found or 'none'} is older than {HEAD}: migrate the store first",
        code="schema-old",
        field="store",
    )


def migrate(engine: Engine) -> None:
    """Bring a database to this code's revision, all steps in one transaction; none if it is there already.

    Raises:
        Misconfigured: code `schema-newer`: nothing is ever taken back.
    """
    from alembic import command

    with engine.connect() as connection, connection.begin():
        found = current(connection)
        if found == HEAD:
            return
        if found is not None and found not in _revisions():
            raise Misconfigured(
                f"revision {found} was made by a newer version", code="schema-newer", field="store"
            )
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revisions() -> set[str]:
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", _SCRIPTS)
    return config
