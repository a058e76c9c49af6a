"""What the mapping table promises of STIX comes through natively: no extension is needed for it.

Rows of `reference/formats.md` 12.2: organisation, location, advertisement, digital artefact, relationships in
full; role, names of suspects and communication accounts as far as STIX has properties for them.
"""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from adapters.adapter import View
from adapters.stix.format import Stix21
from gateway.v1 import record_pb2 as pb
from tests.adapters.stix.samples import of_type, written
from tests.adapters.views import carried_lost

CARRIED = {
    # The first contact and addresses belong to no canonical field of an organisation.
    "organisations.identity.names",
    "organisations.identity.registration_number",
    "organisations.identity.country",
    "organisations.kind",
    "organisations.sector",
    "organisations.activity",
    "locations.kind",
    "locations.site",
    "locations.description",
    "online_contents.content.kind",
    "online_contents.content.url",
    "online_contents.content.captured",
    "online_contents.content.text_digest",
    "online_contents.accounts",
    "online_contents.image_hashes",
    # The table's cell is `file.hashes`: category and series are no properties of a file.
    "artefacts.hashes",
    "artefacts.metadata.kind",
    "artefacts.metadata.file_name",
    "artefacts.metadata.size_bytes",
    "artefacts.metadata.media_type",
    "relationships.link",
    "accounts.identity.kind",
    "accounts.identity.value",
    "accounts.identity.display_name",
    "accounts.identity.seen",
    "persons.role",
    "persons.functions",
    "persons.names",
    "persons.aliases",
    "incidents.kind",
    "incidents.description",
    "narratives",
}

# Texts as STIX tools know them: nothing around them, and no word for "not recorded".
_TEXT = st.sampled_from(["Łódź", "Ana Petrova", "مثال", "=1+1", "a;b|c", "first\nsecond", "x" * 1_100])
_COUNTRY = st.sampled_from(["RO", "NL", "XA"])
_LATER = 1_927_880_100_000  # 2031-02-03T10:15:00Z
_MOMENT = st.integers(_LATER, _LATER + 80_000).map(
    lambda at: pb.Moment(date=pb.PartialDate(year=2031, month=2, day=3), at=at)
)
_DIGEST = st.sampled_from([(pb.HASH_ALGORITHM_MD5, 16), (pb.HASH_ALGORITHM_SHA256, 32)])


def _some(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[str | None]:
    return st.none() | strategy


def _numbers(enum: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([one for one in enum.values() if one])


def _place() -> st.SearchStrategy[pb.Place]:
    """Return places whose coordinates are both there, or neither, as in any valid record."""
    plain = {name: _some(_TEXT) for name in ("name", "street", "postal_code", "town", "region")}
    return st.builds(pb.Place, country=_some(_COUNTRY), **plain) | st.builds(
        pb.Place,
        latitude_e6=st.integers(-90_000_000, 90_000_000),
        longitude_e6=st.integers(-180_000_000, 180_000_000),
        precision_m=st.none() | st.integers(0, 2**32 - 1),
        country=_some(_COUNTRY),
        **plain,
    )


@st.composite
def _told(draw: st.DrawFn) -> View:
    record = pb.Record()
    full = st.builds(pb.Name, full=_TEXT)
    person = record.persons.add(
        id="person/aaaaaaaaaa", role=draw(st.sampled_from([pb.ROLE_SUSPECT, pb.ROLE_THIRD_PARTY]))
    )
    # One name by its full text, of somebody who is not protected; only an actor has aliases.
    person.names.append(draw(full))
    person.functions.extend(draw(st.lists(_numbers(pb.PersonFunction), max_size=2)))
    if person.role == pb.ROLE_SUSPECT:
        person.aliases.extend(draw(st.lists(full, max_size=2)))
    victim = record.persons.add(id="person/bbbbbbbbbb", role=draw(_numbers(pb.Role)))
    organisation = record.organisations.add(
        id="organisation/aaaaaaaaaa", kind=draw(_numbers(pb.OrganisationKind))
    )
    organisation.sector = draw(_numbers(pb.Sector))
    organisation.activity = draw(_TEXT)
    organisation.identity.names.extend(draw(st.lists(_TEXT, min_size=1, max_size=3)))
    organisation.identity.registration_number = draw(_TEXT)
    organisation.identity.country = draw(_COUNTRY)
    location = record.locations.add(id="location/aaaaaaaaaa", kind=draw(_numbers(pb.LocationKind)))
    location.site.CopyFrom(draw(_place().filter(lambda one: bool(one.ListFields()))))
    location.description = draw(_TEXT)
    _draw_online(draw, record)
    link = record.relationships.add(id="relationship/aaaaaaaaaa").link
    setattr(link, "from", draw(st.sampled_from([victim.id, organisation.id])))
    link.to = draw(st.sampled_from([person.id, location.id]))
    link.kind = draw(_numbers(pb.RelationKind))
    link.description = draw(_TEXT)
    link.confidence = draw(st.integers(0, 100))
    # Full days, the later one later: partial dates are none of STIX, and 1970 stands for no time.
    link.since.CopyFrom(pb.PartialDate(year=2030, month=draw(st.integers(1, 12)), day=1))
    link.until.CopyFrom(pb.PartialDate(year=2031, month=2, day=draw(st.integers(1, 28))))
    record.incidents.add(
        id="incident/aaaaaaaaaa", kind=draw(_numbers(pb.IncidentKind)), description=draw(_TEXT)
    )
    record.narratives.add(
        id="narrative/aaaaaaaaaa", title=draw(_TEXT), text=draw(_TEXT), language="ro", subjects=[victim.id]
    )
    return View(record=record)


def _draw_online(draw: st.DrawFn, record: pb.Record) -> None:
    # An address is one of the internet, its moment an instant on its own day in UTC.
    content = record.online_contents.add(id="online-content/aaaaaaaaaa")
    content.content.kind = draw(_numbers(pb.OnlineKind))
    content.content.url = draw(st.sampled_from(["https://ads.example.invalid/a?b=c", "urn:example:1"]))
    content.content.captured.CopyFrom(draw(_MOMENT))
    content.content.text_digest = draw(st.binary(min_size=32, max_size=32))
    # Of an account in it, STIX tells the kind or the provider.
    content.accounts.add(kind=pb.ACCOUNT_KIND_PHONE, value="+999 1")
    content.accounts.add(provider="example.invalid", value="someone")
    content.accounts.add(kind=pb.ACCOUNT_KIND_EMAIL, value="a@example.invalid")
    algorithm, size = draw(_DIGEST)
    digest = pb.Hash(algorithm=algorithm, value=draw(st.binary(min_size=size, max_size=size)))
    content.image_hashes.append(digest)
    # One hash of each algorithm, and a size as JSON numbers are exact to.
    artefact = record.artefacts.add(id="artefact/aaaaaaaaaa", hashes=[digest])
    artefact.metadata.kind = draw(_numbers(pb.ArtefactKind))
    artefact.metadata.file_name = draw(_TEXT)
    artefact.metadata.size_bytes = draw(st.integers(0, 2**53 - 1))
    artefact.metadata.media_type = "image/jpeg"
    identity = record.accounts.add(id="account/aaaaaaaaaa").identity
    identity.kind = draw(_numbers(pb.AccountKind))
    identity.value = draw(st.sampled_from(["+999 5550", "a@example.invalid", "192.0.2.1", "someone"]))
    if identity.value != "192.0.2.1":  # an address of the internet has no display name
        identity.display_name = draw(_TEXT)
    identity.seen.CopyFrom(draw(_MOMENT))


@given(view=_told())
def test_what_the_table_promises_needs_no_extension(view: View) -> None:
    (losses,) = Stix21().render([view], form="json").losses

    assert carried_lost(losses, CARRIED) == set()


def test_predefined_relationships_are_written_where_they_fit() -> None:
    record = pb.Record()
    record.persons.add(id="person/aaaaaaaaaa", role=pb.ROLE_SUSPECT)
    record.persons.add(id="person/bbbbbbbbbb", role=pb.ROLE_VICTIM)
    record.locations.add(id="location/aaaaaaaaaa").site.country = "XA"
    ties = [
        ("person/bbbbbbbbbb", "person/aaaaaaaaaa", pb.RELATION_KIND_VICTIM_OF),
        ("person/aaaaaaaaaa", "location/aaaaaaaaaa", pb.RELATION_KIND_LOCATED_AT),
        ("person/aaaaaaaaaa", "person/bbbbbbbbbb", pb.RELATION_KIND_CONTROLS),
    ]
    for number, (source, target, kind) in enumerate(ties):
        link = record.relationships.add(id=f"relationship/{'abc'[number] * 10}").link
        setattr(link, "from", source)
        link.to, link.kind = target, kind

    found = of_type(written(record), "relationship")

    told = {(one["relationship_type"], one["source_ref"].partition("--")[0]) for one in found}
    assert told == {
        ("attributed-to", "threat-actor"),
        ("targets", "threat-actor"),
        ("located-at", "threat-actor"),
        ("related-to", "threat-actor"),
    }
    assert [one["labels"] for one in found if one["relationship_type"] == "related-to"] == [["controls"]]
