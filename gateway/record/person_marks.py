"""By what the same person is known again in another record: what is one person's, folded for comparison.

A phone that several people share makes them one here. That errs on the side of protection: what was told of
one counts as told of the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gateway.record.folding import figures, fold, squeeze
from gateway.v1 import record_pb2 as pb

SHORTEST: Final = 5
"""Characters of a number or an address; shorter ones are not one person's."""

_FIGURES: Final = 9
"""Figures that a phone number is compared by: the last, for what stands before is written in many ways."""

_PHONES: Final = frozenset({pb.ContactKind.CONTACT_KIND_PHONE, pb.ContactKind.CONTACT_KIND_MESSENGER})
_ACCOUNT_PHONES: Final = frozenset({pb.AccountKind.ACCOUNT_KIND_PHONE, pb.AccountKind.ACCOUNT_KIND_MESSENGER})
_SHARED: Final = frozenset({pb.ContactKind.CONTACT_KIND_URL, pb.ContactKind.CONTACT_KIND_IP})
_SHARED_ACCOUNTS: Final = frozenset({pb.AccountKind.ACCOUNT_KIND_URL, pb.AccountKind.ACCOUNT_KIND_IP})


def marks_of_person(record: pb.Record, person: pb.Person) -> frozenset[tuple[str, str]]:
    """Return, by kind, what this person of a valid record is known again by; empty where nothing is."""
    found = {*_births(person), *_contacts(person)}
    for document in record.documents:
        if document.holder == person.id:
            found.add(("document", squeeze(document.details.number)))
    for account in record.accounts:
        if account.holder == person.id and account.identity.kind not in _SHARED_ACCOUNTS:
            found.add(_address(account.identity.value, phone=account.identity.kind in _ACCOUNT_PHONES))
    for sample in person.biometrics:
        found.add(("biometric", squeeze(sample.system + sample.reference)))
    own = record.header.own_reference
    strong = {mark for mark in found if len(mark[1]) >= SHORTEST}
    return frozenset(strong | {("reference", f"{own}\n{person.id}")} if own else strong)


def _births(person: pb.Person) -> Iterator[tuple[str, str]]:
    birth = person.birth
    if not (birth.year and birth.month and birth.day):
        return
    day = f"{birth.year:04}{birth.month:02}{birth.day:02}"
    for name in (*person.names, *person.aliases):
        written = " ".join((name.full, name.given, name.middle, name.family))
        # In whatever order its parts stand, and with or without their division, it is the same name.
        parts = sorted(filter(None, (squeeze(part) for part in fold(written).split())))
        if parts:
            yield "birth", f"{''.join(parts)}{day}"


def _contacts(person: pb.Person) -> Iterator[tuple[str, str]]:
    for contact in person.contacts:
        if contact.kind not in _SHARED:
            yield _address(contact.value, phone=contact.kind in _PHONES)


def _address(value: str, *, phone: bool) -> tuple[str, str]:
    squeezed = squeeze(value)
    if phone and len(numbers := figures(squeezed)) >= _FIGURES:
        return "address", numbers[-_FIGURES:]
    return "address", squeezed
