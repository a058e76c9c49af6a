"""Persons read: identities of individuals, and threat actors with the identity they are attributed to."""

from __future__ import annotations

from typing import Final

from adapters.loss import Effect
from adapters.stix.entities import PSEUDONYM
from adapters.stix.handling import is_anonymous
from adapters.stix.names import stands_for_nothing
from adapters.stix.read_entities import is_unit, read_organisation
from adapters.stix.reading import Reading, joined, labels_of
from adapters.stix.thing import Thing
from adapters.stix.vocabulary import FUNCTIONS, GROUPS, ROLES
from gateway.v1 import record_pb2 as pb

ROLE_TITLE: Final = "Role as written"
_PSEUDONYMS: Final = {PSEUDONYM: 1}
_VICTIMS: Final = frozenset({pb.ROLE_VICTIM, pb.ROLE_PRESUMED_VICTIM})
_PROTECTED_FIRST: Final = (
    *(pb.ROLE_VICTIM, pb.ROLE_PRESUMED_VICTIM, pb.ROLE_VICTIM_AND_SUSPECT, pb.ROLE_FAMILY_OF_VICTIM),
    *(pb.ROLE_WITNESS, pb.ROLE_UNKNOWN, pb.ROLE_THIRD_PARTY, pb.ROLE_SUSPECT),
)


def read_identity(reading: Reading, thing: Thing) -> None:
    """Read a person or an organisation."""
    if is_unit(thing):
        read_organisation(reading, thing)
    else:
        person = reading.add("person", thing)
        _read_name(thing, person)
        _read_roles(reading, thing, person)
        _read_person(reading, thing, person)


def read_actor(reading: Reading, thing: Thing) -> None:
    """Read a threat actor: a suspect, together with the identity it is attributed to; or a group."""
    types = thing.texts("threat_actor_types")
    if GROUPS.intersection(types):
        _read_group(reading, thing, types)
        return
    other = reading.things.get(reading.actors.get(thing.id, ""))
    person = reading.add("person", thing, *([other] if other else []))
    person.role = pb.ROLE_SUSPECT
    if other is not None:
        _read_name(other, person)
        _read_roles(reading, other, person)
        _read_person(reading, other, person)
        own = thing.text("name")
        if own != other.text("name") and own and not stands_for_nothing(own):
            person.aliases.add(full=own)
        labels_of(thing, _PSEUDONYMS)
    else:
        _read_name(thing, person)
    _read_roles(reading, thing, person)
    for alias in thing.texts("aliases"):
        person.aliases.add(full=alias)
    _read_person(reading, thing, person)
    words = [word for word in types if word != "criminal"]
    if words:
        reading.keep(thing, "threat_actor_types", "", words)


def _read_name(thing: Thing, person: pb.Person) -> None:
    name = thing.text("name")
    (pseudonym,) = labels_of(thing, _PSEUDONYMS)
    if not name or stands_for_nothing(name):
        return
    if pseudonym is not None:
        person.foreign_pseudonym = name
    else:
        person.names.add(full=name)


def _read_roles(reading: Reading, thing: Thing, person: pb.Person) -> None:
    """Set the role and the functions; of several roles the most protected one, so that nobody who is said to
    be a victim stands there as a suspect alone.
    """
    words = thing.texts("roles")
    roles = [role for role in map(ROLES.find, words) if role is not None]
    stated = {person.role, *roles} - {pb.ROLE_UNSPECIFIED}
    if pb.ROLE_SUSPECT in stated and stated & _VICTIMS:
        chosen: int = pb.ROLE_VICTIM_AND_SUSPECT
    else:
        chosen = next((role for role in _PROTECTED_FIRST if role in stated), pb.ROLE_UNSPECIFIED)
    if chosen:
        person.role = pb.Role.ValueType(chosen)
    foreign = []
    for word in words:
        function = FUNCTIONS.find(word)
        if function is not None:
            person.functions.append(pb.PersonFunction.ValueType(function))
        elif ROLES.find(word) != chosen:
            foreign.append(word)
    if foreign:
        reading.keep(thing, "roles", ROLE_TITLE, foreign)


def _read_person(reading: Reading, thing: Thing, person: pb.Person) -> None:
    if is_anonymous(thing):
        person.safety.anonymity_guaranteed = True
    thing.seen.add("identity_class")
    contact = thing.text("contact_information")
    if contact:
        person.contacts.add(value=contact)
    description = thing.text("description")
    if description:
        reading.keep(thing, "description", "", [description])


def _read_group(reading: Reading, thing: Thing, types: list[str]) -> None:
    organisation = reading.add("organisation", thing)
    if "crime-syndicate" in types:
        organisation.kind = pb.ORGANISATION_KIND_CRIMINAL_GROUP
    labels_of(thing)
    names = [thing.text("name"), *thing.texts("aliases")]
    organisation.identity.names.extend(name for name in names if name and not stands_for_nothing(name))
    if not organisation.identity.names:
        organisation.ClearField("identity")
    words = [word for word in types if word != "crime-syndicate"]
    said = [thing.text("description"), "; ".join([*words, *thing.texts("roles")])]
    if any(said):
        organisation.activity = joined(thing, "description", said)
    if said[1]:
        thing.lose("threat_actor_types", Effect.KEPT_AS_EXTENSION, "the words are kept in what it does")
