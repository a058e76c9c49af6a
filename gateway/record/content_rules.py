"""What single values of record content must look like: texts by their meaning, numbers by their range, and
the members of a message by each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from gateway.errors import Malformed
from gateway.record.age import proven_age
from gateway.record.findings import Report
from gateway.record.regions import REGIONS, region_of
from gateway.record.text import check_agency_id, check_country, parse_day
from gateway.record.vocabulary import AgeClass
from gateway.v1 import record_pb2 as pb

TextRule = Callable[[str, str], object]
MessageRule = Callable[[Any, str, Report, date], None]


def _country(value: str, path: str) -> None:
    if value in REGIONS:
        return
    check_country(value, path)
    if region_of(value) is None:
        raise Malformed("is no country code in use", code="bad-country", field=path)


def _pattern(pattern: str, says: str, code: str) -> TextRule:
    compiled = re.compile(pattern)

    def rule(value: str, path: str) -> None:
        if not compiled.fullmatch(value):
            raise Malformed(says, code=code, field=path)

    return rule


_COUNTRY_FIELDS = (
    "country",
    "issuing_country",
    "plate_country",
    "from_country",
    "to_country",
    "unsafe_countries",
)

TEXT_RULES: Mapping[str, TextRule] = MappingProxyType(
    {
        **dict.fromkeys(_COUNTRY_FIELDS, _country),
        "ConsentRecord.recipients": check_agency_id,
        "ConsentRecord.expires": parse_day,
        "ConsentRecord.given_on": parse_day,
        "RecordHeader.retain_until": parse_day,
        "Care.provider": check_agency_id,
        "Name.script": _pattern("[A-Z][a-z]{3}", "is not an ISO 15924 code", "bad-script"),
        "Person.languages": _pattern(
            "[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", "is not an ISO 639 code", "bad-language"
        ),
        "TransactionDetail.amount": _pattern(
            r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,8})?", "is not a decimal number", "bad-decimal"
        ),
        "TransactionDetail.currency": _pattern("[A-Z]{3}", "is not an ISO 4217 code", "bad-currency"),
    }
)
"""Rules of texts, by `Message.field` or by the field's name alone."""

MOST: Mapping[str, int] = MappingProxyType(
    {"Link.confidence": 100, "Score.percent": 100, "Person.age_at_exploitation": 130}
)
"""Highest values of numbers."""


def _partial_date(when: Any, path: str, report: Report, _: date) -> None:
    year, month, day = when.HasField("year"), when.HasField("month"), when.HasField("day")
    if (month and not year) or (day and not month):
        report.add(path, "bad-date", "states a month without a year, or a day without a month")
        return
    if year and not 1 <= when.year <= 9999:
        report.add(f"{path}.year", "bad-date", "is not a year from 1 to 9999")
        return
    if month and not 1 <= when.month <= 12:
        report.add(f"{path}.month", "bad-date", "is not a month")
        return
    if day:
        try:
            date(when.year, when.month, when.day)
        except ValueError:
            report.add(f"{path}.day", "bad-date", "is not a day of that month")


def _birth(birth: pb.BirthDate, path: str, report: Report, today: date) -> None:
    if birth.HasField("age_band") and len(birth.ListFields()) > 1:
        report.add(path, "bad-date", "states an age band beside a date")
    _partial_date(birth, path, report, today)
    if (birth.year, birth.month or 1, birth.day or 1) > (today.year, today.month, today.day):
        report.add(path, "bad-date", "lies ahead")


def _moment(moment: pb.Moment, path: str, report: Report, _: date) -> None:
    if not moment.HasField("at"):
        return
    try:
        stated = date(moment.date.year, moment.date.month, moment.date.day)
        instant = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=moment.at)
    except (ValueError, OverflowError):
        report.add(f"{path}.at", "bad-date", "needs a full date beside it")
        return
    # The date is local to the source, so it may differ by a day from the instant's in UTC.
    if abs((instant.date() - stated).days) > 1:
        report.add(f"{path}.at", "contradiction", "is not on the stated date")


def _name(name: pb.Name, path: str, report: Report, _: date) -> None:
    if not (name.family or name.given or name.middle or name.full):
        report.add(path, "empty", "holds no part of a name")


def _nationality(nationality: pb.Nationality, path: str, report: Report, _: date) -> None:
    if nationality.HasField("country") and nationality.HasField("region"):
        report.add(path, "contradiction", "states a region beside a country")


def _place(place: pb.Place, path: str, report: Report, _: date) -> None:
    if place.HasField("latitude_e6") != place.HasField("longitude_e6"):
        report.add(path, "incomplete", "states latitude or longitude without the other")
    if abs(place.latitude_e6) > 90_000_000:
        report.add(f"{path}.latitude_e6", "out-of-range", "is beyond a pole")
    if abs(place.longitude_e6) > 180_000_000:
        report.add(f"{path}.longitude_e6", "out-of-range", "is beyond the 180th meridian")


_Algorithm = pb.HashAlgorithm
_HASH_BYTES = {
    _Algorithm.HASH_ALGORITHM_MD5: 16,
    _Algorithm.HASH_ALGORITHM_SHA1: 20,
    _Algorithm.HASH_ALGORITHM_SHA256: 32,
    _Algorithm.HASH_ALGORITHM_SHA512: 64,
    _Algorithm.HASH_ALGORITHM_SHA3_256: 32,
    _Algorithm.HASH_ALGORITHM_SHA3_512: 64,
}


def _hash(digest: pb.Hash, path: str, report: Report, _: date) -> None:
    if not digest.algorithm or not digest.value:
        report.add(path, "incomplete", "needs an algorithm and a value")
    elif len(digest.value) != _HASH_BYTES.get(digest.algorithm, len(digest.value)):
        report.add(f"{path}.value", "out-of-range", "is not as long as its algorithm makes it")


def _online(reference: pb.OnlineReference, path: str, report: Report, _: date) -> None:
    if reference.HasField("text_digest") and len(reference.text_digest) != 32:
        report.add(f"{path}.text_digest", "out-of-range", "is not 32 bytes")


_AGE_STATED = {age.value: age for age in AgeClass}


def _person(person: pb.Person, path: str, report: Report, today: date) -> None:
    proven = {
        proven_age(person.birth, today),
        proven_age(pb.BirthDate(age_band=person.age_band), today) if person.age_band else AgeClass.UNKNOWN,
    }
    stated = _AGE_STATED.get(person.age_status, AgeClass.UNKNOWN)
    if {AgeClass.MINOR, AgeClass.ADULT} <= proven | {stated}:
        report.add(f"{path}.age_status", "contradiction", "contradicts the birth date or the age band")


MESSAGE_RULES: Mapping[str, MessageRule] = MappingProxyType(
    {
        "PartialDate": _partial_date,
        "BirthDate": _birth,
        "Moment": _moment,
        "Name": _name,
        "Nationality": _nationality,
        "Place": _place,
        "Hash": _hash,
        "OnlineReference": _online,
        "Person": _person,
    }
)
"""Rules of a message's members by each other, by the message's name."""
