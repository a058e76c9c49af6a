"""What MISP carries by itself, with no help of a tag of ours (`reference/formats.md` section 12.2, `=`)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.misp.format import Misp
from gateway.v1 import record_pb2 as pb
from tests.adapters.views import EVERY, carried_lost, view_of
from tests.record.samples import marked

CARRIED: Final = (
    # role; MISP has no word for a third party, a victim's family, or one who is presumed to be a victim.
    "persons.role",
    # names by parts or whole, of the kind by which somebody goes; aliases whole. Scripts and other kinds of
    # names have no attribute.
    *("persons.names.given", "persons.names.middle", "persons.names.family", "persons.names.full"),
    *("persons.names.kind", "persons.names.title", "persons.aliases.full", "persons.aliases.kind"),
    # sex, nationality: countries, no regions
    *("persons.sex", "persons.nationalities.country"),
    # dob, as far as the table says: a full date
    "persons.birth",
    # organisation
    *("organisations.identity.names", "organisations.identity.registration_number"),
    *("organisations.identity.country", "organisations.sector", "organisations.activity"),
    "organisations.kind",
    # location, with the radius in kilometres; not at 0, 0, which may stand for unknown
    *("locations.site.street", "locations.site.postal_code", "locations.site.town", "locations.site.region"),
    *("locations.site.country", "locations.site.latitude_e6", "locations.site.longitude_e6"),
    *("locations.site.precision_m", "locations.description"),
    # vehicle; the country of a plate has no attribute
    *("vehicles.identity.kind", "vehicles.identity.plate", "vehicles.identity.vin", "vehicles.identity.make"),
    *("vehicles.identity.model", "vehicles.identity.colour", "vehicles.identity.description"),
    # communication account: telephones, e-mail addresses and handles, the provider of the latter two, and
    # the instant at which it was seen
    *("accounts.identity.kind", "accounts.identity.value", "accounts.identity.provider"),
    *("accounts.identity.seen", "accounts.identity.display_name", "accounts.holder"),
    # advertisement, URL: its kind and the digest of its text have no attribute
    *("online_contents.content.url", "online_contents.content.site", "online_contents.content.captured"),
    *("online_contents.content.posted", "online_contents.text", "online_contents.accounts.value"),
    # digital artefact: one hash of each algorithm that MISP has
    *("artefacts.hashes", "artefacts.metadata.size_bytes", "artefacts.metadata.media_type"),
    *("artefacts.metadata.file_name", "artefacts.metadata.path", "artefacts.metadata.created"),
    # transaction at an instant
    *("transactions.detail.kind", "transactions.detail.amount", "transactions.detail.currency"),
    *("transactions.detail.on", "transactions.detail.channel", "transactions.detail.reference"),
    *("transactions.detail.parties", "transactions.payer", "transactions.payee"),
    # movement at instants, from and to a country, a town with its country, or a place as it was written
    *("journeys.route.legs.origin", "journeys.route.legs.destination", "journeys.route.legs.departed"),
    *("journeys.route.legs.arrived", "journeys.route.legs.mode", "journeys.route.legs.carrier"),
    *("journeys.route.legs.ticket", "journeys.travellers", "journeys.vehicle"),
    # relationships of the kinds that have a name of their own; time and certainty have no attribute
    *("relationships.link.from", "relationships.link.to", "relationships.link.kind"),
    "relationships.link.description",
    # evaluation, in the scheme of MISP's taxonomy; the grades of others stand beside it in a tag of ours
    *("header.evaluation.scheme", "header.evaluation.source", "header.evaluation.information"),
    # handling, as far as the table says: the traffic light, and permissible actions
    *("header.source_handling.traffic_light", "header.source_handling.codes"),
    "header.created_on",
)

_ANY = ("Ana", "O'Neil-Kestrel", "Марија", "मारिया", "שרה", "ŁÓDŹ", "=1+1", "a;=b", "x,y", '"', "é" * 70)
_LINES = st.sampled_from([*_ANY, "1988", "unknown", "Name: x", "+999 22", "comity:role", "a|b"])
_TEXTS = _LINES | st.sampled_from(["first\nsecond", "ends; here", "a" * 65_536])
_COUNTRIES = st.sampled_from(["XA", "XB", "NL", "RO"])
_INSTANTS = st.integers(0, 4_000_000_000_000)
_PHONES = st.sampled_from(["+99900000001", "+999 22 33", "0999 (1) 22-33"])
_EMAILS = st.sampled_from(["a@example.invalid", "Ana.P@mail.example.invalid"])
_KINDS = st.sampled_from(
    [
        *(pb.RELATION_KIND_WITNESS_IN, pb.RELATION_KIND_ASSOCIATE_OF, pb.RELATION_KIND_FAMILY_OF),
        *(pb.RELATION_KIND_CONTROLS, pb.RELATION_KIND_EMPLOYS, pb.RELATION_KIND_MEMBER_OF),
        *(pb.RELATION_KIND_OWNS, pb.RELATION_KIND_USES, pb.RELATION_KIND_LOCATED_AT),
        *(pb.RELATION_KIND_COMMUNICATED_WITH, pb.RELATION_KIND_PAID, pb.RELATION_KIND_SAME_AS),
        *(pb.RELATION_KIND_MENTIONS, pb.RELATION_KIND_OTHER),
    ]
)
_HASHES = {
    pb.HASH_ALGORITHM_MD5: 16,
    pb.HASH_ALGORITHM_SHA1: 20,
    pb.HASH_ALGORITHM_SHA256: 32,
    pb.HASH_ALGORITHM_SHA512: 64,
    pb.HASH_ALGORITHM_SHA3_256: 32,
    pb.HASH_ALGORITHM_SHA3_512: 64,
}


def _members(enum: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([value.number for value in enum.DESCRIPTOR.values if value.number])


def _instant(at: int) -> pb.Moment:
    day = date(1970, 1, 1) + timedelta(days=at // 86_400_000)
    return pb.Moment(date=pb.PartialDate(year=day.year, month=day.month, day=day.day), at=at)


@st.composite
def _persons(draw: st.DrawFn, record: pb.Record) -> None:
    roles = (pb.ROLE_VICTIM, pb.ROLE_WITNESS, pb.ROLE_SUSPECT, pb.ROLE_VICTIM_AND_SUSPECT, pb.ROLE_UNKNOWN)
    person = record.persons.add(id="p", role=draw(st.sampled_from(roles)), sex=draw(_members(pb.Sex)))
    name = person.names.add(kind=pb.NAME_KIND_PRIMARY)
    for part in draw(st.sets(st.sampled_from(["given", "middle", "family", "full"]), min_size=1)):
        setattr(name, part, draw(_LINES))
    name.title = draw(_LINES)
    for line in draw(st.lists(_LINES, max_size=3)):
        person.aliases.add(full=line, kind=pb.NAME_KIND_ALIAS)
    for country in draw(st.lists(_COUNTRIES, max_size=3, unique=True)):
        person.nationalities.add(country=country)
    if draw(st.booleans()):
        year, month, day = (
            draw(st.integers(1930, 2024)),
            draw(st.integers(1, 12)),
            draw(st.integers(1, 28)),
        )
        person.birth.CopyFrom(pb.BirthDate(year=year, month=month, day=day))


@st.composite
def _things(draw: st.DrawFn, record: pb.Record) -> None:
    organisation = record.organisations.add(
        id="o", activity=draw(_TEXTS), kind=draw(_members(pb.OrganisationKind))
    )
    organisation.sector = draw(_members(pb.Sector))
    organisation.identity.names.extend(draw(st.lists(_LINES, min_size=1, max_size=3)))
    organisation.identity.registration_number = draw(_LINES)
    organisation.identity.country = draw(_COUNTRIES)
    location = record.locations.add(id="l", description=draw(_TEXTS))
    for part in ("street", "postal_code", "town", "region"):
        setattr(location.site, part, draw(_LINES))
    location.site.country = draw(_COUNTRIES)
    location.site.latitude_e6 = draw(st.integers(1, 90_000_000))
    location.site.longitude_e6 = draw(st.integers(-180_000_000, 180_000_000))
    location.site.precision_m = draw(st.integers(1, 2**31))
    vehicle = record.vehicles.add(id="v").identity
    vehicle.kind = draw(_members(pb.VehicleKind))
    for part in ("plate", "vin", "make", "model", "colour"):
        setattr(vehicle, part, draw(_LINES))
    vehicle.description = draw(_TEXTS)
    artefact = record.artefacts.add(id="f")
    for algorithm in draw(st.sets(st.sampled_from(sorted(_HASHES)), min_size=1)):
        size = _HASHES[algorithm]
        artefact.hashes.add(algorithm=algorithm, value=draw(st.binary(min_size=size, max_size=size)))
    metadata = artefact.metadata
    metadata.size_bytes = draw(st.integers(1, 2**40))
    metadata.media_type, metadata.file_name, metadata.path = draw(_LINES), draw(_LINES), draw(_LINES)
    metadata.created.CopyFrom(_instant(draw(_INSTANTS)))


@st.composite
def _accounts(draw: st.DrawFn, record: pb.Record) -> None:
    phone = record.accounts.add(id="a1", holder="p").identity
    phone.kind, phone.value = pb.ACCOUNT_KIND_PHONE, draw(_PHONES)
    email = record.accounts.add(id="a2").identity
    email.kind, email.value = pb.ACCOUNT_KIND_EMAIL, draw(_EMAILS)
    handle = record.accounts.add(id="a3").identity
    handle.kind, handle.value = pb.ACCOUNT_KIND_SOCIAL_HANDLE, draw(_LINES)
    for one in (email, handle):
        one.provider = draw(_LINES)
    for one in (phone, email, handle):
        one.display_name = draw(_LINES)
        one.seen.CopyFrom(_instant(draw(_INSTANTS)))
    content = record.online_contents.add(id="u", text=draw(_TEXTS))
    content.content.url = draw(st.sampled_from(["https://ads.example.invalid/post/4471", "example.invalid"]))
    content.content.site = "ads.example.invalid"
    content.content.captured.CopyFrom(_instant(draw(_INSTANTS)))
    content.content.posted.CopyFrom(_instant(draw(_INSTANTS)))
    content.accounts.add(kind=pb.ACCOUNT_KIND_PHONE, value=draw(_PHONES))


@st.composite
def _events(draw: st.DrawFn, record: pb.Record) -> None:
    transaction = record.transactions.add(id="t", payer="p", payee="o")
    detail = transaction.detail
    detail.kind = draw(_members(pb.TransactionKind))
    detail.amount, detail.currency = draw(st.sampled_from(["12.50", "-3", "100"])), "EUR"
    detail.on.CopyFrom(_instant(draw(_INSTANTS)))
    detail.channel, detail.reference, detail.parties = draw(_TEXTS), draw(_LINES), draw(_TEXTS)
    journey = record.journeys.add(id="j", travellers=["p"], vehicle="v")
    for _ in range(draw(st.integers(1, 3))):
        leg = journey.route.legs.add(
            carrier=draw(_LINES), ticket=draw(_LINES), mode=draw(_members(pb.TravelMode))
        )
        leg.origin.CopyFrom(draw(_PLACES))
        leg.destination.CopyFrom(draw(_PLACES))
        leg.departed.CopyFrom(_instant(draw(_INSTANTS)))
        leg.arrived.CopyFrom(_instant(draw(_INSTANTS)))
    ends = draw(
        st.lists(st.sampled_from(["p", "o", "l", "v", "a1", "f"]), min_size=2, max_size=2, unique=True)
    )
    link = record.relationships.add(id="r").link
    setattr(link, "from", ends[0])
    link.to, link.kind, link.description = ends[1], draw(_KINDS), draw(_TEXTS)


_PLACES = (
    st.builds(pb.Place, country=_COUNTRIES)
    | st.builds(pb.Place, town=st.sampled_from(["Sampleton", "Łódź", "प्रतिरूप"]), country=_COUNTRIES)
    | st.builds(pb.Place, original=st.sampled_from(["the harbour", "Gate 7 (North)", "שדה"]))
)


@st.composite
def _records(draw: st.DrawFn) -> pb.Record:
    record = marked(pb.Record())
    for part in (_persons, _things, _accounts, _events):
        draw(part(record))
    header = record.header
    header.evaluation.scheme = pb.EVALUATION_SCHEME_ADMIRALTY
    header.evaluation.source, header.evaluation.information = draw(st.sampled_from("ABCDEFG")), "2"
    lights = ["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"]
    header.source_handling.traffic_light = draw(st.sampled_from(lights))
    header.source_handling.codes.append(draw(st.sampled_from(["PAP:RED", "PAP:AMBER", "PAP:GREEN"])))
    header.created_on.CopyFrom(pb.PartialDate(year=2031, month=2, day=draw(st.integers(1, 28))))
    return record


@given(record=_records())
@settings(max_examples=50, deadline=None)
def test_what_misp_has_a_place_for_comes_through_by_itself(record: pb.Record) -> None:
    view = view_of(record)

    (losses,) = Misp().render([view], form="json", allowed=EVERY).losses

    assert carried_lost(losses, CARRIED) == set()
