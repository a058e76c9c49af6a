"""What the mapping promises in full survives, and nothing of it is told as lost."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from adapters.adapter import View
from adapters.niem.format import NiemHumanTrafficking
from gateway.v1 import record_pb2 as pb
from tests.adapters.niem.samples import render
from tests.adapters.views import carried_lost, check_round_trip

# Nationality: countries, no regions. Location: without its precision in metres. Account: telephone, mailbox,
# web address, account of a network or a messenger; a provider of the last two only. Times: where the date
# is that of the instant in UTC. Relationships: without confidence.
CARRIED = (
    *("persons.names", "persons.aliases", "persons.sex", "persons.nationalities", "persons.biometrics"),
    *("documents.details", "documents.holder"),
    *("organisations.identity", "organisations.kind", "organisations.sector", "organisations.activity"),
    *("locations.site.name", "locations.site.street", "locations.site.postal_code", "locations.site.town"),
    *("locations.site.region", "locations.site.country", "locations.site.latitude_e6"),
    *("locations.site.longitude_e6", "locations.kind", "locations.description"),
    *("vehicles.identity", "accounts.identity", "incidents.occurred.start", "incidents.occurred.end"),
    *("incidents.sectors", "relationships.link"),
)
# Left out are words that stand for "not recorded", and space around a text, which no reader keeps.
_TEXTS = st.sampled_from(
    [
        *(
            "Ilinca",
            "Ana Petrova",
            "ŁÓDŹ",
            "मारिया",
            "מרים",
            "王小明",
            "محمد",
            "=1+1",
            "@sum(a)",
            "'=1",
            "a;=b",
        ),
        *("one; two", "a|b", '"', "<b>&amp;</b>", "]]>", "first\nsecond", "1988", "Strada Pildei 7"),
        *("+999555 01", "unknown", "N/A", "true", "<!-- no -->", "a\tb", "x" * 70, "é" * 70),
    ]
)
_COUNTRIES = st.sampled_from(["NL", "RO", "NG", "XK"])
_DATES = (
    st.builds(pb.PartialDate, year=st.integers(1, 9999))
    | st.builds(pb.PartialDate, year=st.integers(1, 9999), month=st.integers(1, 12))
    | st.builds(pb.PartialDate, year=st.integers(1, 9999), month=st.integers(1, 12), day=st.integers(1, 28))
)
_NAMES = st.builds(
    pb.Name,
    given=_TEXTS,
    family=_TEXTS,
    middle=_TEXTS,
    full=_TEXTS,
    title=_TEXTS,
    kind=st.sampled_from(pb.NameKind.values()[1:]),
    script=st.sampled_from(["Latn", "Cyrl", "Hebr"]),
)
_PLACES = st.builds(
    pb.Place,
    name=_TEXTS,
    street=_TEXTS,
    postal_code=_TEXTS,
    town=_TEXTS,
    region=_TEXTS,
    country=_COUNTRIES,
    latitude_e6=st.integers(-90_000_000, 90_000_000),
    longitude_e6=st.integers(-180_000_000, 180_000_000),
)
_CONTACTS = st.builds(pb.Contact, kind=st.sampled_from(pb.ContactKind.values()[1:4]), value=_TEXTS)
_ACCOUNTS = st.builds(
    pb.AccountIdentity, kind=st.sampled_from([1, 2, 9]), value=_TEXTS
) | st.builds(pb.AccountIdentity, kind=st.sampled_from([3, 4]), value=_TEXTS, provider=_TEXTS)  # fmt: skip


@st.composite
def _moments(draw: st.DrawFn) -> pb.Moment:
    if draw(st.booleans()):
        return pb.Moment(date=draw(_DATES))
    day = draw(st.integers(-10_000, 40_000))
    when = date(1970, 1, 1) + timedelta(days=day)
    stated = pb.PartialDate(year=when.year, month=when.month, day=when.day)
    return pb.Moment(date=stated, at=day * 86_400_000 + draw(st.integers(0, 86_399_999)))


@st.composite
def carried_records(draw: st.DrawFn) -> pb.Record:
    """Return a record that states every field of the list, each as the mapping promises it."""
    record = pb.Record()
    person = record.persons.add(id="person/aaaaaaaaaa", role=draw(st.sampled_from([1, 2, 3, 5, 8])))
    person.names.extend(draw(st.lists(_NAMES, min_size=1, max_size=2)))
    person.aliases.extend(draw(st.lists(_NAMES, min_size=1, max_size=2)))
    person.sex = draw(st.sampled_from(pb.Sex.values()[1:]))
    for country in draw(st.lists(_COUNTRIES, min_size=1, max_size=3)):
        person.nationalities.add(country=country)
    kind = draw(st.sampled_from(pb.BiometricKind.values()[1:]))
    person.biometrics.add(kind=kind, reference=draw(_TEXTS), system=draw(_TEXTS))
    details = record.documents.add(id="document/aaaaaaaaaa", holder=person.id).details
    details.kind = draw(st.sampled_from(pb.DocumentKind.values()[1:]))
    details.status = draw(st.sampled_from(pb.DocumentStatus.values()[1:]))
    details.number, details.issuing_country = draw(_TEXTS), draw(_COUNTRIES)
    details.issued.CopyFrom(draw(_DATES))
    details.expires.CopyFrom(draw(_DATES))
    organisation = record.organisations.add(id="organisation/aaaaaaaaaa", activity=draw(_TEXTS))
    organisation.kind = draw(st.sampled_from(pb.OrganisationKind.values()[1:]))
    organisation.sector = draw(st.sampled_from(pb.Sector.values()[1:]))
    identity = organisation.identity
    identity.names.extend(draw(st.lists(_TEXTS, min_size=1, max_size=3)))
    identity.registration_number, identity.country = draw(_TEXTS), draw(_COUNTRIES)
    identity.addresses.append(draw(_PLACES))
    identity.contacts.append(draw(_CONTACTS))
    _add_things(draw, record)
    return record


def _add_things(draw: st.DrawFn, record: pb.Record) -> None:
    location = record.locations.add(id="location/aaaaaaaaaa", description=draw(_TEXTS), site=draw(_PLACES))
    location.kind = draw(st.sampled_from(pb.LocationKind.values()[1:]))
    vehicle = record.vehicles.add(id="vehicle/aaaaaaaaaa").identity
    vehicle.kind = draw(st.sampled_from(pb.VehicleKind.values()[1:]))
    for name in ("plate", "vin", "make", "model", "colour", "description"):
        setattr(vehicle, name, draw(_TEXTS))
    vehicle.plate_country = draw(_COUNTRIES)
    record.accounts.add(id="account/aaaaaaaaaa", identity=draw(_ACCOUNTS))
    incident = record.incidents.add(id="incident/aaaaaaaaaa")
    incident.occurred.start.CopyFrom(draw(_moments()))
    incident.occurred.end.CopyFrom(draw(_moments()))
    sectors = st.sampled_from(pb.Sector.values()[1:])
    incident.sectors.extend(draw(st.lists(sectors, min_size=1, max_size=4, unique=True)))
    link = record.relationships.add(id="relationship/aaaaaaaaaa").link
    setattr(link, "from", record.persons[0].id)
    link.to, link.description = incident.id, draw(_TEXTS)
    link.kind = draw(st.sampled_from(pb.RelationKind.values()[1:]))
    link.since.CopyFrom(draw(_DATES))
    link.until.CopyFrom(draw(_DATES))


@given(record=carried_records())
def test_nothing_that_the_mapping_promises_is_lost(record: pb.Record) -> None:
    (losses,) = render(record).losses

    assert carried_lost(losses, CARRIED) == set()
    check_round_trip(NiemHumanTrafficking(), View(record=record), "xml")
