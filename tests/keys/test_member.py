"""Members, agreements and communities: what the federation says, in closed lists."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from gateway.errors import Malformed, VerificationFailed
from keys.agreement import Agreement, Community
from keys.document import write_blob
from keys.member import Member, UnitFunction, prove_possession
from tests.keys.agencies import NL, RO, agreement, community
from tests.keys.test_ed25519 import WEAK
from tests.keys.test_keyring import Change, _drop, _set


def test_every_document_is_read_as_it_was_written() -> None:
    for written in (NL.member(), agreement("police.nl", "police.ro"), community("police.nl")):
        assert type(written).parse(written.encode()) == written


def test_an_agency_does_what_its_units_do() -> None:
    assert NL.member().functions == {UnitFunction.ANTI_TRAFFICKING}


@pytest.mark.parametrize("public", WEAK, ids=bytes.hex)
def test_a_weak_directory_key_is_refused_at_enrolment_and_at_every_load(public: bytes) -> None:
    document = json.loads(NL.member().encode())
    document["directory_key"] = write_blob(public)

    with pytest.raises(Malformed) as refused:
        Member.parse(json.dumps(document).encode())

    assert refused.value.code == "weak-key"


@pytest.mark.parametrize(
    ("key", "proof"),
    [
        (NL.signer.public_key, prove_possession("police.ro", NL.signer)),
        (NL.signer.public_key, prove_possession("police.nl", RO.signer)),
        (RO.signer.public_key, prove_possession("police.nl", NL.signer)),
        (NL.signer.public_key, bytes(64)),
        (NL.signer.public_key, b"short"),
    ],
    ids=["for another agency", "by another key", "another's key", "zeros", "short"],
)
def test_a_key_one_does_not_hold_cannot_be_enrolled(key: bytes, proof: bytes) -> None:
    document = json.loads(NL.member().encode())
    document.update(directory_key=write_blob(key), proof_of_possession=write_blob(proof))

    with pytest.raises(VerificationFailed) as refused:
        Member.parse(json.dumps(document).encode())

    assert refused.value.code == "no-possession"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (_set("more", 1), "more"),
        (_drop("alert"), "alert"),
        (_set("id", "police"), "id"),
        (_set("id", "a" * 60 + "." + "b" * 60 + "." + "c" * 60), "id"),
        (_set("kind", "police"), "kind"),
        (_set("kind", "LEO"), "kind"),
        (_set("regime", "gdpr"), "regime"),
        (_set("status", "gone"), "status"),
        (_set("alert", 0), "alert"),
        (_set("country", "nl"), "country"),
        (_set("country", "NLD"), "country"),
        (_set("display_name", " "), "display_name"),
        (_set("display_name", "Police\nNL"), "display_name"),
        (_set("display_name", "e\u0301"), "display_name"),
        (_set("display_name", "a\u202eb"), "display_name"),
        (_set("display_name", "a\u200db"), "display_name"),
        (_set("display_name", "a" * 201), "display_name"),
        (_set("units", []), "units"),
        (_set("units.0.functions", []), "units.functions"),
        (_set("units.0.functions", ["espionage"]), "units[0].functions[0]"),
        (_set("units.0.functions", ["border", "border"]), "units[0].functions"),
        (_set("units.0.more", 1), "units[0].more"),
        (_set("units", [{"name": "a", "functions": ["border"]}] * 2), "units"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_member_off_its_form_is_refused_by_name(change: Change, field: str) -> None:
    _refused(Member.parse, NL.member().encode(), change, field)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (_set("more", 1), "more"),
        (_drop("safeguards"), "safeguards"),
        (_set("id", "NL-RO"), "id"),
        (_set("id", "../x"), "id"),
        (_set("parties", ["police.nl"]), "parties"),
        (_set("parties", ["police.nl", "police.nl"]), "parties"),
        (_set("parties", ["police.nl", "Police"]), "parties[1]"),
        (_set("purposes", []), "purposes"),
        (_set("purposes", ["curiosity"]), "purposes[0]"),
        (_set("legal_bases", ["habit"]), "legal_bases[0]"),
        (_set("rungs", ["existence"]), "rungs[0]"),
        (_set("categories", ["name"]), "categories[0]"),
        (_set("classes", ["Network"]), "classes[0]"),
        (_set("articles", []), "articles"),
        (_set("valid_until", "2025-12-31"), "valid_until"),
        (_set("valid_from", "2026-02-30"), "valid_from"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_agreement_off_its_form_is_refused_by_name(change: Change, field: str) -> None:
    _refused(Agreement.parse, agreement("police.nl", "police.ro").encode(), change, field)


def test_an_agreement_that_permits_nothing_is_refused() -> None:
    document = json.loads(agreement("police.nl", "police.ro").encode())
    document.update(categories=[], classes=[])

    with pytest.raises(Malformed):
        Agreement.parse(json.dumps(document).encode())


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (_set("more", 1), "more"),
        (_drop("purpose"), "purpose"),
        (_set("id", "a/b"), "id"),
        (_set("members", []), "members"),
        (_set("purpose", "any"), "purpose"),
        (_set("valid_until", "never"), "valid_until"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_community_off_its_form_is_refused_by_name(change: Change, field: str) -> None:
    _refused(Community.parse, community("police.nl").encode(), change, field)


def test_terms_are_in_force_from_their_first_to_their_last_day() -> None:
    terms = agreement("police.nl", "police.ro")
    circle = community("police.nl")
    day = timedelta(days=1)

    assert terms.in_force(terms.valid_from)
    assert terms.in_force(terms.valid_until)
    assert circle.in_force(circle.valid_until)
    assert not terms.in_force(terms.valid_from - day)
    assert not terms.in_force(terms.valid_until + day)
    assert not circle.in_force(circle.valid_until + day)
    assert terms.valid_from == date(2026, 1, 1)


def _refused(parse: Callable[[bytes], object], written: bytes, change: Change, field: str) -> None:
    document: dict[str, Any] = json.loads(written)
    change(document)

    with pytest.raises(Malformed) as refused:
        parse(json.dumps(document).encode())

    assert refused.value.field == field
