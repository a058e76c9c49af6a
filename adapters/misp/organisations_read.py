"""Organisations and providers of support, read from MISP objects."""

from __future__ import annotations

from adapters.countries import alpha2
from adapters.loss import Effect
from adapters.misp import shapes
from adapters.misp.found import FoundObject
from adapters.misp.parts import PLACE, read_place
from adapters.misp.things_written import ENTITY
from gateway.v1 import record_pb2 as pb


def draw_organisation(found: FoundObject, record: pb.Record) -> pb.Organisation:
    """Add an organisation, or the provider of support that it is."""
    organisation = record.organisations.add(id=found.uuid)
    if found.code(ENTITY) == "provider":
        _draw_provider(found, organisation.provider)
        return organisation
    identity = organisation.identity
    for relation in ("name", "alias"):
        while one := found.first(relation):
            identity.names.append(one.value)
    if number := found.text("registration-number"):
        identity.registration_number = number
    _draw_kind(found, organisation)
    if activity := found.text("description"):
        organisation.activity = activity
    _draw_reach(found, identity)
    if not identity.ByteSize():
        organisation.ClearField("identity")
    return organisation


def _draw_reach(found: FoundObject, identity: pb.OrganisationIdentity) -> None:
    """Set addresses and contacts, in the order in which they stand."""
    for one in found.attributes:
        if one.relation == "address":
            one.taken = True
            country = alpha2(one.value) if one.own.get("address") == "country" else None
            if country and not identity.country:
                identity.country = country
            else:
                read_place(one.value, one.own.get(PLACE, ""), identity.addresses.add())
        elif one.relation in ("phone-number", "e-mail"):
            one.taken = True
            kind = pb.CONTACT_KIND_EMAIL if one.relation == "e-mail" else pb.CONTACT_KIND_PHONE
            identity.contacts.add(kind=kind, value=one.value)


def _draw_kind(found: FoundObject, organisation: pb.Organisation) -> None:
    """Set kind and sector; a word that is neither is kept as the activity, where there is room for it."""
    for relation, codes, name in (
        ("type-of-organization", shapes.ORGANISATION_KIND, "kind"),
        ("sector", shapes.SECTOR, "sector"),
    ):
        one = found.first(relation)
        if one is None:
            continue
        known = codes.find(one.value)
        if known is not None:
            setattr(organisation, name, known[0])
        elif organisation.activity or any(other.relation == "description" for other in found.attributes):
            found.lose(f"{one.path}.value", Effect.DROPPED, "the word has no equal")
        else:
            organisation.activity = one.value
            found.lose(f"{one.path}.value", Effect.KEPT_AS_EXTENSION, "kept in words, as the activity")


def _draw_provider(found: FoundObject, provider: pb.Provider) -> None:
    if name := found.text("name"):
        provider.name = name
    if one := found.first("type-of-organization"):
        known = shapes.ORGANISATION_KIND.find(one.value)
        if known is not None:
            provider.kind = known[0]
        else:
            one.taken = False
    if one := found.first("address"):
        read_place(one.value, one.own.get(PLACE, ""), provider.place)
    for relation, kind in (("phone-number", pb.CONTACT_KIND_PHONE), ("e-mail", pb.CONTACT_KIND_EMAIL)):
        if not provider.HasField("contact") and (one := found.first(relation)):
            provider.contact.kind, provider.contact.value = kind, one.value
