"""What was told before: to this recipient of this record, and to anybody of the protected persons in it.

The history of persons holds keyed hashes alone; whom a hash is of is found by asking for every member.

Source: rule VP-43; DESIGN section 12 (`release previous`).
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.errors import GatewayError, NotFound
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import RELEASE, read_body
from gateway.flow.review.again import Reconsidered
from gateway.flow.review.held import Held
from gateway.flow.review.matter import Matter
from gateway.record.moment import from_ms
from gateway.record.portion import parse_portion
from gateway.record.schema import KINDS
from gateway.release.disclosure import portions_of
from gateway.release.release import parse_release

_LEFT = ("released", "delivered", "quarantined", "undeliverable")


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """One thing told before: `whom` an agency, `what` in words, `when` ISO text or empty where not known.

    `about` is the record's id, or the submitted id of the person.
    """

    whom: str
    about: str
    what: str
    when: str
    exchange: str


def told_before(gateway: Gateway, found: Held, again: Matter | GatewayError) -> list[Before]:
    """Return what the recipient, and anybody else, was told before of this record and its persons."""
    told = _of_record(gateway, found)
    return told + _of_persons(gateway, again) if isinstance(again, Reconsidered) else told


def _of_record(gateway: Gateway, found: Held) -> list[Before]:
    hold = found.hold
    told = []
    for record in gateway.read.record_versions(hold.originator, hold.record_id):
        for row in gateway.read.exchanges_of_record(hold.originator, hold.record_id, record.version):
            if row.direction != "out" or row.state not in _LEFT or row.exchange_id == hold.exchange_id:
                continue
            try:
                body = read_body(gateway, found.owner, RELEASE, row.exchange_id)
            except NotFound:
                continue
            told.append(
                Before(
                    whom=row.peer,
                    about=hold.record_id,
                    what=_fields(body),
                    when=from_ms(row.created_at).isoformat(),
                    exchange=row.exchange_id,
                )
            )
    return told


def _fields(body: bytes) -> str:
    """Return what a release held, field by field and how precisely."""
    found: dict[str, None] = {}
    for portion in map(parse_portion, portions_of(parse_release(body).disclosure)):
        kind = portion.entity.partition("/")[0]
        fields = KINDS[kind].fields
        name = fields[portion.field].name if portion.field in fields else str(portion.field)
        found.setdefault(f"{kind} {name.replace('_', ' ')} ({portion.rung.token})")
    return ", ".join(sorted(found))


def _of_persons(gateway: Gateway, again: Reconsidered) -> list[Before]:
    members = {again.past.agency_tag(agency): agency for agency in gateway.directory.members}
    told = []
    for local, heard in again.people.heard().items():
        by_agency: dict[str, set[str]] = {}
        for tag, grain in heard:
            by_agency.setdefault(members.get(tag, "a former member"), set()).add(
                f"{grain.dimension} ({grain.name})"
            )
        told += [
            Before(whom=agency, about=local, what=", ".join(sorted(grains)), when="", exchange="")
            for agency, grains in sorted(by_agency.items())
        ]
    return told
