"""Which attribute of a template holds which field of an entity, for both directions.

Where MISP has no attribute, a tag of ours holds a code or a date, and the comment of an attribute a text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from adapters.codelist import CodeList, code_list
from adapters.misp.paths import path
from gateway.record.json_form import enum_token
from gateway.v1 import record_pb2 as pb

_NONE: Final[Mapping[str, str]] = MappingProxyType({})
_NO_WORDS: Final[Mapping[str, tuple[str, CodeList[Any]]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One template beside one kind of entity; fields are paths within the entity.

    `comments` names by relation the field whose text is the comment of that attribute; `words` those of one
    code, with the list of its spellings; `instants` those of a moment; `tags` those that only tags tell;
    `seen` the one that is the time of observation of the whole object.
    """

    template: str
    texts: Mapping[str, str]
    comments: Mapping[str, str] = field(default_factory=lambda: _NONE)
    words: Mapping[str, tuple[str, CodeList[Any]]] = field(default_factory=lambda: _NO_WORDS)
    instants: Mapping[str, str] = field(default_factory=lambda: _NONE)
    tags: tuple[str, ...] = ()
    seen: str = ""


def _tokens(enum: Any) -> CodeList[Any]:
    numbers = [value.number for value in enum.DESCRIPTOR.values if value.number]
    return code_list({enum_token(enum.DESCRIPTOR, number): number for number in numbers})


VEHICLE_KIND: Final = code_list(
    {
        "car": pb.VEHICLE_KIND_CAR,
        "taxi": pb.VEHICLE_KIND_CAR,
        "van": pb.VEHICLE_KIND_VAN,
        "camper van": pb.VEHICLE_KIND_VAN,
        "truck": pb.VEHICLE_KIND_LORRY,
        "bus": pb.VEHICLE_KIND_BUS,
        "motorcycle": pb.VEHICLE_KIND_MOTORCYCLE,
        "scooter": pb.VEHICLE_KIND_MOTORCYCLE,
        "boat": pb.VEHICLE_KIND_BOAT,
        "aircraft": pb.VEHICLE_KIND_AIRCRAFT,
        "train": pb.VEHICLE_KIND_TRAIN,
        "other": pb.VEHICLE_KIND_OTHER,
        "unknown": pb.VEHICLE_KIND_UNKNOWN,
    },
    other=pb.VEHICLE_KIND_OTHER,
    inexact=["taxi", "camper van", "scooter"],
)
TRAVEL_MODE: Final = code_list(
    {
        "Plane": pb.TRAVEL_MODE_AIR,
        "Train": pb.TRAVEL_MODE_RAIL,
        "Metro": pb.TRAVEL_MODE_RAIL,
        "Road": pb.TRAVEL_MODE_ROAD,
        "Bus": pb.TRAVEL_MODE_ROAD,
        "Taxi": pb.TRAVEL_MODE_ROAD,
        "Ferry": pb.TRAVEL_MODE_SEA,
        "Foot": pb.TRAVEL_MODE_FOOT,
        "Other": pb.TRAVEL_MODE_OTHER,
        "Unknown": pb.TRAVEL_MODE_UNKNOWN,
    },
    other=pb.TRAVEL_MODE_OTHER,
    inexact=["Metro", "Bus", "Taxi"],
)
GENDER: Final = code_list(
    {
        "Male": pb.SEX_MALE,
        "Female": pb.SEX_FEMALE,
        "Other": pb.SEX_OTHER,
        "Unknown": pb.SEX_UNKNOWN,
    }
)
TRANSACTION_KIND: Final = _tokens(pb.TransactionKind)
ORGANISATION_KIND: Final = _tokens(pb.OrganisationKind)
SECTOR: Final = _tokens(pb.Sector)

VEHICLE: Final = Shape(
    template="vehicle",
    texts={
        "license-plate-number": "identity.plate",
        "vin": "identity.vin",
        "make": "identity.make",
        "model": "identity.model",
        "exterior-color": "identity.colour",
        "description": "identity.description",
    },
    words={"type": ("identity.kind", VEHICLE_KIND)},
    tags=("identity.plate_country",),
)
LOCATION: Final = Shape(
    template="geolocation",
    texts={
        "address": "site.street",
        "zipcode": "site.postal_code",
        "city": "site.town",
        "region": "site.region",
        "text": "description",
    },
    comments={"city": "site.name", "address": "site.original"},
    tags=("kind",),
)
PHONE_ACCOUNT: Final = Shape(
    template="phone-number",
    texts={"phone-number": "identity.value", "text": "identity.display_name"},
    comments={"phone-number": "identity.provider", "text": "identity.holder_name"},
    seen="identity.seen",
)
USER_ACCOUNT: Final = Shape(
    template="user-account",
    texts={
        "username": "identity.value",
        "account-type": "identity.provider",
        "display-name": "identity.display_name",
    },
    comments={"username": "identity.holder_name"},
    tags=("identity.country",),
    seen="identity.seen",
)
BANK_ACCOUNT: Final = Shape(
    template="bank-account",
    texts={
        "account": "identity.value",
        "institution-name": "identity.provider",
        "account-name": "identity.display_name",
        "beneficiary": "identity.holder_name",
    },
    tags=("identity.country",),
    seen="identity.seen",
)
IBAN_ACCOUNT: Final = replace(
    BANK_ACCOUNT, texts={name: where for name, where in BANK_ACCOUNT.texts.items() if name != "account"}
)
COIN_ADDRESS: Final = Shape(
    template="coin-address",
    texts={"address-crypto": "identity.value", "text": "identity.display_name"},
    comments={"address-crypto": "identity.provider", "text": "identity.holder_name"},
    tags=("identity.country",),
    seen="identity.seen",
)
URL: Final = Shape(
    template="url",
    texts={"url": "content.url", "host": "content.site", "text": "text"},
    comments={"url": "content.title", "host": "content.author"},
    instants={"last-seen": "content.captured", "first-seen": "content.posted"},
    tags=("content.kind", "content.text_digest", "language"),
)
FILE: Final = Shape(
    template="file",
    texts={
        "filename": "metadata.file_name",
        "path": "metadata.path",
        "mimetype": "metadata.media_type",
        "text": "content",
    },
    comments={"mimetype": "metadata.series"},
    instants={"creation-time": "metadata.created"},
    tags=(
        "metadata.kind",
        "metadata.victim_identified",
        "metadata.offender_identified",
        "metadata.distributed",
    ),
)
PHONE: Final = Shape(
    template="phone",
    texts={
        "imei": "device.imei",
        "imsi": "device.imsi",
        "iccid": "device.iccid",
        "serial-number": "device.serial",
        "brand": "device.make",
        "model": "device.model",
    },
    tags=("device.kind",),
)
TRANSACTION: Final = Shape(
    template="transaction",
    texts={
        "transaction-number": "detail.reference",
        "transmode-comment": "detail.channel",
        "text": "detail.parties",
    },
    words={"transmode-code": ("detail.kind", TRANSACTION_KIND)},
    instants={"date": "detail.on"},
)
CRYPTO_TRANSACTION: Final = Shape(
    template="cryptocurrency-transaction",
    texts={"transaction-number": "detail.reference"},
    instants={"time": "detail.on"},
)
INCIDENT: Final = Shape(
    template="annotation",
    texts={"text": "description"},
    tags=(
        "kind",
        "acts",
        "means",
        "purposes",
        "sexual_kinds",
        "recruitment_methods",
        "sectors",
        "months",
        "occurred.place.country",
    ),
)
NARRATIVE: Final = Shape(template="report", texts={"title": "title", "summary": "text"}, tags=("language",))

PERSON_TAGS: Final = (
    "age_status",
    "age_band",
    "age_at_exploitation",
    "gender",
    "functions",
    "trafficking_status",
    "status_decided_by",
    "relation_to_trafficker",
    "cooperation",
    "available_for_hearing",
    "safety.do_not_reinterview",
    "safety.anonymity_guaranteed",
    "birth.age_band",
)
_SHAPES: Final = (
    *(VEHICLE, LOCATION, PHONE_ACCOUNT, USER_ACCOUNT, BANK_ACCOUNT, COIN_ADDRESS, URL, FILE, PHONE),
    *(TRANSACTION, CRYPTO_TRANSACTION, INCIDENT, NARRATIVE),
)
JOURNEY_TAGS: Final = ("route.from_country", "route.to_country", "route.month", "in_progress")
_OTHER_PREDICATES: Final = (
    "address birth comment contact-kind country current entity expires identity-kind issued issuing-country "
    "name name-kind name-script parts place portrait proper-kind region role script seen shown since "
    "stand-in status until workplace arrived departed occurred-start occurred-end"
)
PREDICATES: Final = frozenset(
    path(one).predicate
    for shape in _SHAPES
    for one in (*shape.tags, *shape.instants.values(), shape.seen)
    if one
) | {*_OTHER_PREDICATES.split(), *(path(one).predicate for one in (*PERSON_TAGS, *JOURNEY_TAGS))}
"""Of our tags on objects: any other one is not ours, whatever it says."""

HEADER_TAGS: Final = ("type", "case_status", "legal_bases")
HEADER_TEXTS: Final = (
    "closure_reason",
    "purposes_in_words",
    "audience",
    "provenance",
    "methods",
    "crime_areas",
    "source_handling.text",
    "evaluation.original",
)
"""Texts of the header: comments of the event, each with a tag that says which."""

_SYMBOLS: Final = (
    "ADA ALGO APTOS BCH BCC BSC BSV BTC BTG DAI DASH DOGE DOT EOS ETC ETH FIL HSR ICP LTC LSK MKR NEM NEO "
    "OMG PPT SOL TRX XLM XMR XNO XRP XTZ ZEC"
)
SYMBOLS: Final = frozenset(_SYMBOLS.split())
"""Currencies that `cryptocurrency-transaction` is written for, in three letters as the record has them."""
