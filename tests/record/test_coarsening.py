"""What remains of a value on each coarser rung, and that nothing more does."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Malformed
from gateway.record.age import age_band
from gateway.record.categories import CATEGORIES
from gateway.record.coarsening import GENERALISERS
from gateway.record.generalise import check_shape, coarser_values
from gateway.record.regions import REGIONS, region_of
from gateway.record.schema import KINDS, FieldInfo
from gateway.record.vocabulary import Rung
from gateway.v1 import record_pb2 as pb
from tests.record.samples import TODAY
from tests.record.strategies import records

FULL_PLACE = pb.Place(
    name="Bar",
    street="Kade 1",
    postal_code="1000AA",
    town="Utrecht",
    region="Utrecht",
    country="NL",
    original="x",
)
FULL_PLACE.latitude_e6, FULL_PLACE.longitude_e6 = 1, 2
TOWN = pb.Place(town="Utrecht", region="Utrecht", country="NL")
COUNTRY = pb.Place(country="NL")


def day(year: int, month: int | None = None, of_month: int | None = None) -> pb.PartialDate:
    return pb.PartialDate(year=year, month=month, day=of_month)


def moment(*parts: int) -> pb.Moment:
    return pb.Moment(date=day(*parts))


FULL_ROUTE = pb.Route(
    legs=[
        pb.Leg(origin=pb.Place(town="Cluj", country="RO"), destination=pb.Place(country="HU"), carrier="Bus"),
        pb.Leg(origin=pb.Place(country="HU"), destination=FULL_PLACE, arrived=moment(2026, 2, 9), ticket="T"),
    ]
)
HASH = pb.Hash(algorithm=pb.HASH_ALGORITHM_MD5, value=bytes(16))

# (generaliser, exact value, what remains or None)
CASES: list[tuple[str, Message, Message | None]] = [
    ("year", pb.BirthDate(year=2011, month=3, day=14), pb.BirthDate(year=2011)),
    ("year", pb.BirthDate(age_band=pb.AGE_BAND_15_17), None),
    ("age-band", pb.BirthDate(year=2011, month=3, day=14), pb.BirthDate(age_band=pb.AGE_BAND_15_17)),
    ("age-band", pb.BirthDate(age_band=pb.AGE_BAND_9_17), pb.BirthDate(age_band=pb.AGE_BAND_9_17)),
    ("age-band", pb.BirthDate(year=2008), None),
    ("region", pb.Nationality(country="RO"), pb.Nationality(region=pb.REGION_EASTERN_EUROPE)),
    ("region", pb.Nationality(country="XK"), pb.Nationality(region=pb.REGION_UNASSIGNED)),
    ("region", pb.Nationality(), None),
    ("town", FULL_PLACE, TOWN),
    ("town", pb.Place(street="Kade 1", country="NL"), None),
    ("country", FULL_PLACE, COUNTRY),
    ("country", pb.Place(town="Utrecht"), None),
    ("town", pb.Whereabouts(place=FULL_PLACE, current=True, since=day(2020)), pb.Whereabouts(place=TOWN)),
    ("country", pb.Whereabouts(place=FULL_PLACE, until=day(2020)), pb.Whereabouts(place=COUNTRY)),
    ("country", pb.Whereabouts(since=day(2020)), None),
    (
        "town-and-month",
        pb.PlaceTime(place=FULL_PLACE, start=moment(2026, 2, 9), end=moment(2026, 3)),
        pb.PlaceTime(place=TOWN, start=moment(2026, 2), end=moment(2026, 3)),
    ),
    (
        "country-and-year",
        pb.PlaceTime(place=FULL_PLACE, start=moment(2026, 2, 9)),
        pb.PlaceTime(place=COUNTRY, start=moment(2026)),
    ),
    ("town-and-month", pb.PlaceTime(place=COUNTRY, start=moment(2026)), None),
    ("country-and-year", pb.PlaceTime(place=pb.Place(street="Kade 1")), None),
    (
        "country-pair-and-month",
        FULL_ROUTE,
        pb.Route(from_country="RO", to_country="NL", month=day(2026, 2)),
    ),
    ("country-pair", FULL_ROUTE, pb.Route(from_country="RO", to_country="NL")),
    ("country-pair-and-month", pb.Route(from_country="RO"), None),
    ("country-pair", pb.Route(legs=[pb.Leg(carrier="Bus")]), None),
    ("hash", pb.Image(hashes=[HASH], caption="at the door", reference="r"), pb.Image(hashes=[HASH])),
    ("hash", pb.Image(caption="at the door"), None),
    (
        "kind-and-country",
        pb.DocumentDetails(
            kind=pb.DOCUMENT_KIND_PASSPORT, number="X1", issuing_country="RO", issued=day(2020)
        ),
        pb.DocumentDetails(kind=pb.DOCUMENT_KIND_PASSPORT, issuing_country="RO"),
    ),
    (
        "kind",
        pb.DocumentDetails(kind=pb.DOCUMENT_KIND_PASSPORT, number="X1", issuing_country="RO"),
        pb.DocumentDetails(kind=pb.DOCUMENT_KIND_PASSPORT),
    ),
    ("kind", pb.DocumentDetails(number="X1"), None),
    (
        "kind-and-country",
        pb.Contact(kind=pb.CONTACT_KIND_PHONE, value="+40", country="RO", provider="P"),
        pb.Contact(kind=pb.CONTACT_KIND_PHONE, country="RO"),
    ),
    ("kind-and-country", pb.Contact(kind=pb.CONTACT_KIND_PHONE, value="+40"), None),
    ("kind", pb.Contact(kind=pb.CONTACT_KIND_PHONE, value="+40"), pb.Contact(kind=pb.CONTACT_KIND_PHONE)),
    (
        "provider-and-country",
        pb.AccountIdentity(
            kind=pb.ACCOUNT_KIND_BANK, value="NL1", provider="Bank", country="NL", holder_name="H"
        ),
        pb.AccountIdentity(kind=pb.ACCOUNT_KIND_BANK, provider="Bank", country="NL"),
    ),
    ("provider-and-country", pb.AccountIdentity(kind=pb.ACCOUNT_KIND_BANK, value="NL1"), None),
    (
        "kind-and-country",
        pb.AccountIdentity(kind=pb.ACCOUNT_KIND_BANK, value="NL1", provider="Bank", country="NL"),
        pb.AccountIdentity(kind=pb.ACCOUNT_KIND_BANK, country="NL"),
    ),
    (
        "kind",
        pb.AccountIdentity(kind=pb.ACCOUNT_KIND_BANK, value="1"),
        pb.AccountIdentity(kind=pb.ACCOUNT_KIND_BANK),
    ),
    (
        "make-and-country",
        pb.VehicleIdentity(
            kind=pb.VEHICLE_KIND_VAN, plate="A", plate_country="RO", make="Dacia", model="M", vin="V"
        ),
        pb.VehicleIdentity(kind=pb.VEHICLE_KIND_VAN, plate_country="RO", make="Dacia"),
    ),
    ("make-and-country", pb.VehicleIdentity(kind=pb.VEHICLE_KIND_VAN, plate="A"), None),
    (
        "kind",
        pb.VehicleIdentity(kind=pb.VEHICLE_KIND_VAN, plate="A"),
        pb.VehicleIdentity(kind=pb.VEHICLE_KIND_VAN),
    ),
    (
        "site",
        pb.OnlineReference(kind=pb.ONLINE_KIND_POST, url="https://User@Ads.Example:8/x?y", title="T"),
        pb.OnlineReference(kind=pb.ONLINE_KIND_POST, site="ads.example"),
    ),
    ("site", pb.OnlineReference(url="no url at all"), None),
    ("site", pb.OnlineReference(url="http://[bad"), None),
    (
        "kind",
        pb.OnlineReference(kind=pb.ONLINE_KIND_POST, url="u"),
        pb.OnlineReference(kind=pb.ONLINE_KIND_POST),
    ),
    (
        "month-and-currency",
        pb.TransactionDetail(
            kind=pb.TRANSACTION_KIND_CASH, amount="5", currency="EUR", on=moment(2026, 2, 9), parties="A to B"
        ),
        pb.TransactionDetail(kind=pb.TRANSACTION_KIND_CASH, currency="EUR", on=moment(2026, 2)),
    ),
    ("month-and-currency", pb.TransactionDetail(amount="5", on=moment(2026)), None),
    (
        "kind",
        pb.TransactionDetail(kind=pb.TRANSACTION_KIND_CASH, amount="5"),
        pb.TransactionDetail(kind=pb.TRANSACTION_KIND_CASH),
    ),
    (
        "sector",
        pb.Workplace(kind=pb.WORKPLACE_KIND_EMPLOYER, name="Farm", sector=pb.SECTOR_AGRICULTURE),
        pb.Workplace(sector=pb.SECTOR_AGRICULTURE),
    ),
    ("sector", pb.Workplace(name="Farm"), None),
    (
        "relationship-only",
        pb.FamilyMember(relation=pb.FAMILY_RELATION_PARENT, name=pb.Name(given="A")),
        pb.FamilyMember(relation=pb.FAMILY_RELATION_PARENT),
    ),
    ("relationship-only", pb.FamilyMember(name=pb.Name(given="A")), None),
    (
        "extract",
        pb.StatementText(text="all", extract="some", language="nl"),
        pb.StatementText(extract="some"),
    ),
    ("extract", pb.StatementText(text="all"), None),
    (
        "organisation-kind",
        pb.Provider(kind=pb.ORGANISATION_KIND_NGO, name="N", staff_name="S"),
        pb.Provider(kind=pb.ORGANISATION_KIND_NGO),
    ),
    ("organisation-kind", pb.Provider(name="N"), None),
    (
        "organisation-kind",
        pb.Referral(
            direction=pb.REFERRAL_DIRECTION_OUTGOING,
            provider=pb.Provider(kind=pb.ORGANISATION_KIND_NGO, name="N"),
        ),
        pb.Referral(provider=pb.Provider(kind=pb.ORGANISATION_KIND_NGO)),
    ),
    ("organisation-kind", pb.Referral(reason="r"), None),
    ("country", pb.OrganisationIdentity(names=["B"], country="NL"), pb.OrganisationIdentity(country="NL")),
    ("country", pb.OrganisationIdentity(addresses=[FULL_PLACE]), pb.OrganisationIdentity(country="NL")),
    ("country", pb.OrganisationIdentity(addresses=[FULL_PLACE, pb.Place(country="RO")]), None),
    (
        "kind",
        pb.BiometricReference(kind=pb.BIOMETRIC_KIND_DNA, reference="r"),
        pb.BiometricReference(kind=pb.BIOMETRIC_KIND_DNA),
    ),
    (
        "kind",
        pb.DeviceIdentity(kind=pb.DEVICE_KIND_SIM, imsi="1"),
        pb.DeviceIdentity(kind=pb.DEVICE_KIND_SIM),
    ),
    (
        "kind",
        pb.ArtefactMetadata(kind=pb.ARTEFACT_KIND_IMAGE, file_name="f"),
        pb.ArtefactMetadata(kind=pb.ARTEFACT_KIND_IMAGE),
    ),
]


@pytest.mark.parametrize(("name", "exact", "remains"), CASES)
def test_exactly_this_remains(name: str, exact: Message, remains: Message | None) -> None:
    generaliser = GENERALISERS[name, exact.DESCRIPTOR.name]

    assert generaliser(exact, TODAY) == remains
    if remains is not None:
        assert generaliser(remains, date.max) == remains


def test_every_generaliser_has_a_case() -> None:
    assert {(name, exact.DESCRIPTOR.name) for name, exact, _ in CASES} == set(GENERALISERS)


def test_every_ladder_names_generalisers_that_exist_for_some_field() -> None:
    named = {(name, info.message.name) for _, info, name in _rungs() if info.message}

    assert {name for name, _ in GENERALISERS} == {name for _, _, name in _rungs()}
    assert {pair for pair in GENERALISERS if pair not in named} == {("kind-and-country", "AccountIdentity")}


def _rungs() -> list[tuple[str, FieldInfo, str]]:
    return [
        (kind.name, info, name)
        for kind in KINDS.values()
        for info in kind.fields.values()
        for name in info.ladder
        if name
    ]


def _generalise(kind: str, field: str, rung: Rung, entity: Any, sealed_on: date = TODAY) -> bytes | None:
    info = next(info for info in KINDS[kind].fields.values() if info.name == field)
    values = coarser_values(kind, info.number, entity, sealed_on=sealed_on, category=info.category)
    return dict(values).get(rung)


def test_repeated_values_are_told_once_and_in_an_order_that_tells_nothing() -> None:
    one = pb.Person(nationalities=[pb.Nationality(country=code) for code in ("RO", "NL", "MD", "BE")])
    other = pb.Person(nationalities=[pb.Nationality(country=code) for code in ("FR", "PL")])

    assert _generalise("person", "nationalities", Rung.COARSE, one) == _generalise(
        "person", "nationalities", Rung.COARSE, other
    )


def test_a_rung_that_the_ladder_leaves_out_does_not_exist() -> None:
    person = pb.Person(nationalities=[pb.Nationality(country="RO")])

    assert _generalise("person", "nationalities", Rung.GENERALISED, person) is None
    assert _generalise("person", "names", Rung.COARSE, pb.Person(names=[pb.Name(given="A")])) is None


def test_fields_without_a_coarser_meaning_have_no_coarser_rung() -> None:
    location = pb.Location(kind=pb.LOCATION_KIND_VENUE, description="d")

    for field in ("kind", "description"):
        for rung in (Rung.GENERALISED, Rung.COARSE):
            assert _generalise("location", field, rung, location) is None


@pytest.mark.parametrize(
    ("birth", "band"),
    [
        (pb.BirthDate(year=2026), pb.AGE_BAND_0_8),
        (pb.BirthDate(year=2017, month=11, day=21), pb.AGE_BAND_0_8),
        (pb.BirthDate(year=2017, month=11, day=20), pb.AGE_BAND_9_14),
        (pb.BirthDate(year=2011, month=11, day=21), pb.AGE_BAND_9_14),
        (pb.BirthDate(year=2011, month=11, day=20), pb.AGE_BAND_15_17),
        (pb.BirthDate(year=2008, month=11, day=21), pb.AGE_BAND_15_17),
        (pb.BirthDate(year=2008, month=11, day=20), pb.AGE_BAND_18_20),
        (pb.BirthDate(year=2011, month=11), pb.AGE_BAND_0_17),
        (pb.BirthDate(year=2008, month=11), None),
        (pb.BirthDate(year=2005), pb.AGE_BAND_18_PLUS),
        (pb.BirthDate(year=2004), pb.AGE_BAND_21_23),
        (pb.BirthDate(year=1978), pb.AGE_BAND_18_PLUS),
        (pb.BirthDate(year=1979, month=1), pb.AGE_BAND_39_47),
        (pb.BirthDate(year=1900), pb.AGE_BAND_48_PLUS),
        (pb.BirthDate(year=2008, month=2, day=29), pb.AGE_BAND_18_20),
        (pb.BirthDate(year=2030), None),
        (pb.BirthDate(), None),
    ],
)
def test_the_age_band_is_one_that_the_date_leaves_no_doubt_about(
    birth: pb.BirthDate, band: pb.AgeBand.ValueType | None
) -> None:
    assert age_band(birth, date(2026, 11, 20)) == band


@given(st.dates(date(1930, 1, 1), date(2026, 1, 1)), st.dates(date(2026, 1, 1), date(2030, 1, 1)))
def test_a_partial_date_never_tells_more_than_the_full_one(born: date, on: date) -> None:
    full = age_band(pb.BirthDate(year=born.year, month=born.month, day=born.day), on)
    whole = {pb.AGE_BAND_0_17, pb.AGE_BAND_18_PLUS, None, full}

    assert full not in (None, pb.AGE_BAND_0_17, pb.AGE_BAND_9_17, pb.AGE_BAND_18_PLUS)
    assert age_band(pb.BirthDate(year=born.year, month=born.month), on) in whole
    assert age_band(pb.BirthDate(year=born.year), on) in whole


def test_every_country_has_a_region_and_user_assigned_codes_are_unassigned() -> None:
    assert len([code for code in REGIONS if code not in {"AA", "ZZ"}]) == 249 + 9
    assert all(region for region in REGIONS.values())
    assert set(REGIONS.values()) == {value for value in pb.Region.values() if value}
    for code in ("XA", "XK", "XZ", "QM", "QZ", "AA", "ZZ"):
        assert region_of(code) == pb.REGION_UNASSIGNED
    for code in ("QL", "UK", "EU", "nl", "N", "NLD", "", "X1"):
        assert region_of(code) is None


@given(records())
def test_every_coarse_value_fits_its_rung_and_the_exact_one_fits_only_if_it_is_as_coarse(
    record: pb.Record,
) -> None:
    for kind in list(KINDS.values())[1:]:
        for entity in getattr(record, kind.record_field):
            for field, _ in entity.ListFields():
                info = kind.fields.get(field.number)
                if info is not None and any(CATEGORIES[info.category].ladder):
                    _check_rungs(kind.name, info, entity)


def _check_rungs(kind: str, info: FieldInfo, entity: Any) -> None:
    alone = KINDS[kind].message()
    getattr(alone, info.name).MergeFrom(getattr(entity, info.name)) if info.message else None
    exact = alone.SerializeToString(deterministic=True)
    for rung in (Rung.GENERALISED, Rung.COARSE):
        value = _generalise(kind, info.name, rung, entity)
        if value is not None:
            check_shape(KINDS[kind], info.number, rung, value)
        if value != exact and info.message:
            with pytest.raises(Malformed):
                check_shape(KINDS[kind], info.number, rung, exact)


def test_a_protected_persons_account_may_be_coarsened_like_a_contact() -> None:
    value = pb.CommunicationAccount(
        identity=pb.AccountIdentity(kind=pb.ACCOUNT_KIND_PHONE, country="RO")
    ).SerializeToString()

    check_shape(KINDS["account"], 3, Rung.GENERALISED, value)
    with pytest.raises(Malformed):
        check_shape(KINDS["account"], 3, Rung.COARSE, value)


def test_the_day_of_sealing_decides_the_band() -> None:
    person = pb.Person(birth=pb.BirthDate(year=2008, month=6, day=1))

    before = _generalise("person", "birth", Rung.COARSE, person, date(2026, 5, 31))
    after = _generalise("person", "birth", Rung.COARSE, person, date(2026, 6, 1))

    assert before != after
