"""Entries of phone books: whose number or mailbox it is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.case_uco.accounts import read_identity
from adapters.case_uco.case import Case
from adapters.case_uco.ties import tie
from adapters.loss import Effect
from gateway.v1 import record_pb2 as pb

_KINDS: Final[Mapping[int, int]] = MappingProxyType(
    {
        pb.ACCOUNT_KIND_PHONE: pb.CONTACT_KIND_PHONE,
        pb.ACCOUNT_KIND_EMAIL: pb.CONTACT_KIND_EMAIL,
        pb.ACCOUNT_KIND_SOCIAL_HANDLE: pb.CONTACT_KIND_SOCIAL_HANDLE,
        pb.ACCOUNT_KIND_MESSENGER: pb.CONTACT_KIND_MESSENGER,
    }
)
_ACCOUNTS: Final = ("uco-observable:phoneNumber", "uco-observable:emailAddress")


def read_contacts(case: Case) -> None:
    """Tie the persons of phone books to the accounts that are listed for them."""
    held = {
        (getattr(one.link, "from"), one.link.to)
        for one in case.record.relationships
        if one.link.kind == pb.RELATION_KIND_HOLDER_OF
    }
    for node, person in case.of_kind("person"):
        for facet in case.facets(node, "uco-observable:ContactFacet"):
            for number, iri in enumerate([iri for name in _ACCOUNTS for iri in facet.references(name)]):
                account = case.id_of(iri, "account")
                if not account:
                    _read_part(case, iri, person)
                elif (person.id, account) not in held:
                    held.add((person.id, account))
                    place = f"{facet.iri}/holds-{number}"
                    tie(case, place, person.id, account, pb.RELATION_KIND_HOLDER_OF)


def _read_part(case: Case, iri: str, person: pb.Person) -> None:
    node = case.part(iri)
    if node is None:
        return
    identity = read_identity(case, node)
    contact = pb.Contact()
    if identity.kind in _KINDS:
        contact.kind = pb.ContactKind.ValueType(_KINDS[identity.kind])
    if identity.value:
        contact.value = identity.value
    if identity.provider:
        contact.provider = identity.provider
    if contact.value:
        person.contacts.append(contact)
    else:
        node.lose("uco-core:hasFacet", Effect.DROPPED, "states no value of an account")
