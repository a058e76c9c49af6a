"""What is refused at the door: with its reason and the path of the field, and nothing of it stays."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import timedelta

import pytest

from gateway.errors import GatewayError, Malformed
from gateway.flow.repeat import PushAnswer
from gateway.flow.submit import Addressee, PushItem, push
from gateway.record.findings import InvalidRecord
from gateway.record.json_form import from_json
from gateway.v1 import record_pb2 as pb
from tests.flow import oracle, records
from tests.flow.federation import BANK, NL, RO, TO_RO, Homes, item

_ENDLESS = b"\x0a\xff\xff\xff\xff\x0f"


def _changed(change: Callable[[pb.Record], object]) -> bytes:
    record = records.small()
    change(record)
    return records.encoded(record)


def _set(path: str, value: object) -> Callable[[pb.Record], object]:
    *parents, last = path.split(".")

    def change(record: pb.Record) -> None:
        message: object = record
        for name in parents:
            step, _, index = name.partition("[")
            message = getattr(message, step)
            if index:
                message = message[int(index[:-1])]  # type: ignore[index]
        setattr(message, last, value)

    return change


def _deep(levels: int) -> bytes:
    """Return a record whose header nests as deeply as asked, in fields nobody knows."""
    inner = b""
    for _ in range(levels):
        size = len(inner)
        head = bytearray(b"\xfa\x3e")
        while size >= 0x80:
            head.append(size & 0x7F | 0x80)
            size >>= 7
        inner = bytes(head) + bytes([size]) + inner
    return records.encoded(records.small()) + inner


def _twice(field: str) -> bytes:
    """Return a record that holds one singular field twice."""
    again = pb.Record()
    getattr(again, field).CopyFrom(getattr(records.small(), field))
    return records.encoded(records.small()) + again.SerializeToString()


BAD: dict[str, tuple[bytes, str, str]] = {
    "no protobuf": (b"\xff\xff\xff not a record", "unknown-field", ""),
    "cut short": (records.encoded(records.small())[:-3], "malformed", "relationships"),
    "endless length": (_ENDLESS, "malformed", "header"),
    "empty": (b"", "empty", ""),
    "oversize": (
        _changed(lambda r: r.narratives.add(id="long", text="x" * (1024 * 1024))),
        "too-large",
        "",
    ),
    "string too long": (
        _changed(lambda r: r.narratives.add(id="long", text="x" * 70_000)),
        "too-long",
        "narratives[1].text",
    ),
    # The form of a record has no depth to speak of: what nests deeper is a field nobody knows.
    "too deep": (_deep(40), "unknown-field", ""),
    "duplicate field": (_twice("header"), "not-canonical", "header"),
    "unknown enum": (_changed(_set("persons[0].role", 99)), "unknown-value", "persons[0].role"),
    "enum stated as unknown": (_changed(_set("persons[0].role", 0)), "unknown-value", "persons[0].role"),
    "unknown level": (_changed(_set("header.marking.level", 77)), "unknown-value", "header.marking.level"),
    "no marking": (_changed(lambda r: r.header.ClearField("marking")), "required", "header.marking"),
    "no retention": (
        _changed(lambda r: r.header.ClearField("retain_until")),
        "required",
        "header.retain_until",
    ),
    "expired retention": (
        _changed(_set("header.retain_until", "2019-12-31")),
        "expired-retention",
        "header.retain_until",
    ),
    "no calendar day": (
        _changed(_set("header.retain_until", "2031-02-30")),
        "bad-date",
        "header.retain_until",
    ),
    "duplicate entity id": (_changed(_set("persons[1].id", "victim")), "duplicate-id", "persons[1].id"),
    "dangling relationship": (
        _changed(_set("relationships[0].link.to", "nobody")),
        "dangling-reference",
        "relationships[0].link.to",
    ),
    "dangling holder": (
        _changed(_set("accounts[0].holder", "ghost")),
        "dangling-reference",
        "accounts[0].holder",
    ),
    "not NFC": (
        _changed(_set("persons[1].names[0].family", unicodedata.normalize("NFD", "Fictié"))),
        "not-nfc",
        "persons[1].names[0].family",
    ),
    "unseen character": (
        _changed(_set("persons[1].names[0].family", "Fic\u202etief")),
        "unseen-character",
        "persons[1].names[0].family",
    ),
    "id outside its grammar": (_changed(_set("persons[1].id", "sus pect")), "bad-id", "persons[1].id"),
    "id that would be a path": (_changed(_set("persons[1].id", "../suspect")), "bad-id", "persons[1].id"),
    "country outside its grammar": (
        _changed(_set("persons[0].nationalities[0].country", "ro")),
        "bad-country",
        "persons[0].nationalities[0].country",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_record_is_refused_with_its_field_and_nothing_of_it_stays(quiet: Homes, name: str) -> None:
    data, code, path = BAD[name]
    before = oracle.counts(quiet.opened(NL))

    refusal = quiet.refused(data)

    assert isinstance(refusal, InvalidRecord)
    assert (code, path) in [(one.rule, one.path) for one in refusal.findings]
    assert (refusal.code, refusal.field) == (refusal.findings[0].rule, refusal.findings[0].path)
    assert oracle.counts(quiet.home(NL)) == before
    _assert_no_trace(quiet)
    assert records.SECRET_NAME not in str(refusal) + "".join(map(str, refusal.findings))


def _assert_no_trace(homes: Homes) -> None:
    """Nothing of the record stands in a file, the log of the open store included."""
    texts = [records.SECRET_NAME, records.SECRET_PHONE, "Fictief"]
    assert oracle.places(texts, oracle.files_of(homes.home(NL))) == []


def test_every_fault_of_a_record_is_told_at_once(homes: Homes) -> None:
    record = records.small()
    record.persons[0].id = "a b"
    record.relationships[1].link.to = "nobody"
    record.header.retain_until = "2019-01-01"

    refusal = homes.refused(record)

    assert isinstance(refusal, InvalidRecord)
    assert {one.rule for one in refusal.findings} >= {"bad-id", "dangling-reference", "expired-retention"}


def test_json_that_nests_too_deeply_or_repeats_a_member_is_refused_before_it_is_a_record() -> None:
    with pytest.raises(InvalidRecord) as deep:
        from_json("[" * 100 + "]" * 100)
    with pytest.raises(InvalidRecord) as twice:
        from_json('{"header": {}, "header": {}}')

    assert deep.value.code == "too-deep"
    assert twice.value.code == "duplicate-member"


@pytest.mark.parametrize(
    "agency", ["police.xx", "Police.RO", "police.ro ", "police", 'police.ro"', "police.ro::x", NL]
)
def test_unknown_recipient_is_refused_and_nothing_of_the_record_stays(quiet: Homes, agency: str) -> None:
    before = oracle.counts(quiet.opened(NL))

    to_nobody = Addressee(agency=agency, purpose=TO_RO.purpose, legal_basis=TO_RO.legal_basis)
    refusal = quiet.refused(records.small(), TO_RO, to_nobody)

    assert (refusal.code, refusal.field) == ("unknown-recipient", "recipients")
    assert oracle.counts(quiet.home(NL)) == before
    _assert_no_trace(quiet)


@pytest.mark.parametrize(("field", "code"), [("purpose", "no-purpose"), ("legal_basis", "no-legal-basis")])
def test_release_without_purpose_or_legal_basis_is_refused(homes: Homes, field: str, code: str) -> None:
    record = records.small()
    record.header.ClearField(field)  # type: ignore[arg-type]
    before = oracle.counts(homes.opened(NL))

    refusal = homes.refused(record, Addressee(agency=RO))
    accepted = homes.push(record, TO_RO)

    assert (refusal.code, refusal.field) == (code, f"header.{field}")
    assert accepted.exchanges
    assert oracle.counts(homes.home(NL))["records"] == before["records"] + 1


def test_refused_record_leaves_its_neighbours_alone(homes: Homes) -> None:
    answers = push(homes[NL], [item(records.small(1)), item(b"nonsense"), item(records.small(2))], homes.now)

    assert [type(answer) for answer in answers] == [PushAnswer, InvalidRecord, PushAnswer]
    assert oracle.counts(homes.home(NL))["records"] == 2


@pytest.mark.parametrize(
    ("addressees", "code"),
    [
        ((), "no-recipient"),
        ((TO_RO, TO_RO), "duplicate"),
        (tuple(Addressee(agency=f"police{n}.xx") for n in range(65)), "too-many"),
    ],
    ids=["nobody", "twice", "65"],
)
def test_push_to_nobody_to_one_twice_or_to_too_many_is_refused(
    addressees: tuple[Addressee, ...], code: str
) -> None:
    with pytest.raises(Malformed) as refused:
        PushItem(record=records.encoded(records.small()), addressees=addressees)

    assert (refused.value.code, refused.value.field) == (code, "recipients")


def test_real_record_is_refused_at_an_exercise_home(quiet: Homes) -> None:
    record = records.small()
    record.header.exercise = False
    before = oracle.counts(quiet.opened(NL))

    refusal = quiet.refused(record)

    assert (refusal.code, refusal.field) == ("exercise-mismatch", "header.exercise")
    assert oracle.counts(quiet.home(NL)) == before


def test_recipient_the_marking_excludes_gets_nothing_whatever_is_asked(homes: Homes) -> None:
    record = records.small()
    records.mark(record.header.marking, "shelter.ngo")

    (exchange,) = homes.push(record, TO_RO, ask=("person.name",)).exchanges

    assert exchange.outcome.value == "denied"


def test_bank_gets_nothing_about_victims_or_anybody(homes: Homes) -> None:
    record = records.small()
    records.mark(record.header.marking, BANK)

    (exchange,) = homes.push(
        record, Addressee(agency=BANK, purpose=TO_RO.purpose, legal_basis=TO_RO.legal_basis)
    ).exchanges

    assert exchange.outcome.value == "denied"


def test_record_whose_retention_ends_today_goes_and_tomorrow_is_refused(homes: Homes) -> None:
    record = records.small()
    record.header.retain_until = homes.now.date().isoformat()
    assert homes.push(record).exchanges

    homes.now += timedelta(days=1)
    refusal: GatewayError = homes.refused(record)

    assert refusal.code == "expired-retention"
