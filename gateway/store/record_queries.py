"""Questions about records, their bodies and keys, and their exchanges."""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, func, literal_column, select, tuple_

from gateway.store import tables
from gateway.store.rows import (
    ActivationRow,
    BodyRow,
    ExchangeKeyRow,
    ExchangeRow,
    MetaRow,
    RecordKeyRow,
    RecordRow,
)
from gateway.store.source import PAGE, Source, by

_OWNER: Final = ("originator", "record_id", "version")
_records, _bodies, _exchanges = tables.records, tables.bodies, tables.exchanges

_RECORD: Final = by(_records, *_OWNER)
_VERSIONS: Final = by(_records, "originator", "record_id").order_by(_records.c.version)
_BY_REFERENCE: Final = by(_records, "reference_tag").order_by(_records.c.record_id, _records.c.version)
_RECORDS: Final = (
    by(_records, "direction")
    .where(
        tuple_(*(_records.c[name] for name in _OWNER))
        > tuple_(*(bindparam(f"after_{name}") for name in _OWNER))
    )
    .order_by(*(_records.c[name] for name in _OWNER))
    .limit(bindparam("limit"))
)
_RECORD_KEY: Final = by(tables.record_keys, *_OWNER)
_BODY: Final = by(_bodies, *_OWNER, "kind", "part")
_BODIES: Final = by(_bodies, *_OWNER).order_by(_bodies.c.kind, _bodies.c.part)
_EXCHANGE: Final = by(_exchanges, "exchange_id")
_NEAREST: Final = (
    select(_exchanges.c.exchange_id, _exchanges.c.peer)
    .where(_exchanges.c.exchange_id <= bindparam("exchange_id"))
    .order_by(_exchanges.c.exchange_id.desc())
    .limit(1)
)
_EXCHANGE_KEY: Final = by(tables.exchange_keys, "exchange_id")
_OF_RECORD: Final = by(_exchanges, *_OWNER).order_by(_exchanges.c.exchange_id)
_IN_STATE: Final = (
    by(_exchanges, "state")
    .where(_exchanges.c.exchange_id > bindparam("after"))
    .order_by(_exchanges.c.exchange_id)
    .limit(bindparam("limit"))
)
_EXCHANGES: Final = (
    select(_exchanges)
    .where(_exchanges.c.exchange_id > bindparam("after"))
    .order_by(_exchanges.c.exchange_id)
    .limit(bindparam("limit"))
)
_NEWEST: Final = (
    by(_exchanges, "direction").order_by(_exchanges.c.exchange_id.desc()).limit(bindparam("limit"))
)

_RELEASED: Final = (
    select(_exchanges)
    .where(
        tables.GONE_OUT,
        _exchanges.c.peer == bindparam("peer"),
        _exchanges.c.purpose == bindparam("purpose"),
        _exchanges.c.state.in_([literal_column("'released'"), literal_column("'delivered'")]),
        _exchanges.c.entry >= bindparam("since"),
    )
    .order_by(_exchanges.c.entry)
    .limit(bindparam("limit"))
)

_OWN_ENDED: Final = (
    select(_records)
    .where(
        tables.KEPT_OWN,
        _records.c.retain_until < bindparam("day"),
        tuple_(_records.c.retain_until, _records.c.record_id, _records.c.version)
        > tuple_(bindparam("after_day"), bindparam("after_id"), bindparam("after_version")),
    )
    .order_by(_records.c.retain_until, _records.c.record_id, _records.c.version)
    .limit(bindparam("limit"))
)
_IN_ENDED: Final = (
    select(_exchanges)
    .where(
        tables.KEPT_IN,
        _exchanges.c.expires_at <= bindparam("now"),
        tuple_(_exchanges.c.expires_at, _exchanges.c.exchange_id)
        > tuple_(bindparam("after_time"), bindparam("after_id")),
    )
    .order_by(_exchanges.c.expires_at, _exchanges.c.exchange_id)
    .limit(bindparam("limit"))
)
_NEXT_OWN: Final = select(func.min(_records.c.retain_until)).where(tables.KEPT_OWN)
_NEXT_IN: Final = select(func.min(_exchanges.c.expires_at)).where(tables.KEPT_IN)
_COUNT: Final = select(_exchanges.c.state, func.count()).group_by(_exchanges.c.state)
_ACTIVATION: Final = select(tables.activations).order_by(tables.activations.c.seq.desc()).limit(1)
_META: Final = by(tables.meta, "name")


class RecordQueries(Source):
    """What is kept of records and of what became of them."""

    def record(self, originator: str, record_id: str, version: int) -> RecordRow | None:
        """Return one record version, erased ones too."""
        return self._one(
            _RECORD, RecordRow._make, originator=originator, record_id=record_id, version=version
        )

    def record_versions(self, originator: str, record_id: str) -> list[RecordRow]:
        """Return the versions of a record that are known here, oldest first."""
        return self._all(_VERSIONS, RecordRow._make, originator=originator, record_id=record_id)

    def records_by_reference(self, reference_tag: bytes) -> list[RecordRow]:
        """Return the record versions submitted under the agency's own reference with that tag."""
        return self._all(_BY_REFERENCE, RecordRow._make, reference_tag=reference_tag)

    def records(
        self, direction: str, *, after: tuple[str, str, int] = ("", "", 0), limit: int = PAGE
    ) -> list[RecordRow]:
        """Return record versions own or received; `after` is the key of the last one of the page before."""
        values = dict(zip((f"after_{name}" for name in _OWNER), after, strict=True))
        return self._all(_RECORDS, RecordRow._make, direction=direction, **values, limit=limit)

    def record_key(self, originator: str, record_id: str, version: int) -> RecordKeyRow | None:
        """Return the wrapped data key; None once it is erased."""
        return self._one(
            _RECORD_KEY, RecordKeyRow._make, originator=originator, record_id=record_id, version=version
        )

    def body(
        self, originator: str, record_id: str, version: int, kind: str, part: str = ""
    ) -> BodyRow | None:
        """Return one ciphertext."""
        values = {"originator": originator, "record_id": record_id, "version": version}
        return self._one(_BODY, BodyRow._make, **values, kind=kind, part=part)

    def bodies(self, originator: str, record_id: str, version: int) -> list[BodyRow]:
        """Return every ciphertext of a record version."""
        return self._all(_BODIES, BodyRow._make, originator=originator, record_id=record_id, version=version)

    def exchange(self, exchange_id: str) -> ExchangeRow | None:
        """Return one exchange."""
        return self._one(_EXCHANGE, ExchangeRow._make, exchange_id=exchange_id)

    def exchange_peer(self, exchange_id: str) -> str | None:
        """Return whom an exchange is with; for one that there is not, it takes no less time.

        A row is read either way: that of the id, or of the one before it. Only an id older than all there
        are finds none, which its own date would tell.
        """
        nearest = self._one(_NEAREST, lambda row: tuple(map(str, row)), exchange_id=exchange_id)
        return nearest[1] if nearest is not None and nearest[0] == exchange_id else None

    def exchange_key(self, exchange_id: str) -> ExchangeKeyRow | None:
        """Return the wrapped K of an exchange; None once it is erased."""
        return self._one(_EXCHANGE_KEY, ExchangeKeyRow._make, exchange_id=exchange_id)

    def exchanges_of_record(self, originator: str, record_id: str, version: int) -> list[ExchangeRow]:
        """Return where a record version went, or whence it came, oldest first."""
        return self._all(
            _OF_RECORD, ExchangeRow._make, originator=originator, record_id=record_id, version=version
        )

    def exchanges_in_state(self, state: str, *, after: str = "", limit: int = PAGE) -> list[ExchangeRow]:
        """Return exchanges in a state, oldest first; `after` is the last id of the page before."""
        return self._all(_IN_STATE, ExchangeRow._make, state=state, after=after, limit=limit)

    def exchanges(self, *, after: str = "", limit: int = PAGE) -> list[ExchangeRow]:
        """Return exchanges, oldest first; `after` is the last id of the page before."""
        return self._all(_EXCHANGES, ExchangeRow._make, after=after, limit=limit)

    def newest_exchanges(self, direction: str, *, limit: int = PAGE) -> list[ExchangeRow]:
        """Return exchanges of a direction, newest first."""
        return self._all(_NEWEST, ExchangeRow._make, direction=direction, limit=limit)

    def released_to(self, peer: str, purpose: str, *, since: int = 0, limit: int = PAGE) -> list[ExchangeRow]:
        """Return what was released to a peer for a purpose and was not stopped or refused, oldest first;
        `since` is the lowest place of its entry.
        """
        return self._all(_RELEASED, ExchangeRow._make, peer=peer, purpose=purpose, since=since, limit=limit)

    def own_ended(
        self, day: str, *, after: tuple[str, str, int] = ("", "", 0), limit: int = PAGE
    ) -> list[RecordRow]:
        """Return own record versions still kept whose last day lies before a day, oldest first.

        `after` is last day, id and version of the last one of the page before.
        """
        values = dict(zip(("after_day", "after_id", "after_version"), after, strict=True))
        return self._all(_OWN_ENDED, RecordRow._make, day=day, **values, limit=limit)

    def arrivals_ended(
        self, now_ms: int, *, after: tuple[int, str] = (0, ""), limit: int = PAGE
    ) -> list[ExchangeRow]:
        """Return exchanges whose content came, is still kept, and may not be used any more; oldest first.

        `after` is end and id of the last one of the page before.
        """
        values = dict(zip(("after_time", "after_id"), after, strict=True))
        return self._all(_IN_ENDED, ExchangeRow._make, now=now_ms, **values, limit=limit)

    def next_ends(self) -> tuple[str | None, int | None]:
        """Return the earliest last day of an own record kept, and the earliest end in ms of what came."""
        (own,) = self._all(_NEXT_OWN, lambda row: next(iter(row)))
        (came,) = self._all(_NEXT_IN, lambda row: next(iter(row)))
        return own, came

    def exchange_counts(self) -> dict[str, int]:
        """Return how many exchanges are in each state."""
        return dict(self._all(_COUNT, lambda row: (str((pair := tuple(row))[0]), int(pair[1]))))

    def latest_activation(self) -> ActivationRow | None:
        """Return the policy and directory in force."""
        return self._one(_ACTIVATION, ActivationRow._make)

    def meta(self, name: str) -> str | None:
        """Return a fact about this store."""
        row = self._one(_META, MetaRow._make, name=name)
        return None if row is None else row.value
