"""The published keys of an agency: which one holds now, which one held then, and what is no keys document."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from gateway.errors import GatewayError, Malformed, NotFound, Stale, VerificationFailed
from keys.document import write_blob
from keys.keyring import AgencyKeys, PublicKeyRecord
from keys.origin import Origin
from keys.signer import key_id
from keys.use import KeyUse
from tests.keys.agencies import NOW, START, agency_keys, origin, public_key, record, vkey
from tests.keys.test_ed25519 import WEAK

DAY = timedelta(days=1)
JUNE = datetime(2026, 6, 1, tzinfo=UTC)
JULY = datetime(2026, 7, 1, tzinfo=UTC)
PUBLISHED = [use for use in KeyUse if use.is_published]


def keys(*records: PublicKeyRecord) -> AgencyKeys:
    return replace(agency_keys("police.nl"), origins=(), keys=records)


def test_a_keys_document_is_read_as_it_was_written() -> None:
    written = replace(
        agency_keys("police.nl"),
        origins=(origin("police.nl", final="comity.ledger/police.nl/1\n3\nAAAA\n"), origin("police.nl", 2)),
        keys=(
            *agency_keys("police.nl").keys,
            record("police.nl", KeyUse.SIGNING, 2, start=JUNE, end=JULY, revoked=JUNE),
        ),
    )

    assert AgencyKeys.parse(written.encode()) == written


def test_the_current_key_is_the_newest_that_holds() -> None:
    earlier = record("police.nl", KeyUse.SEALING, 1, start=JUNE)
    later = record("police.nl", KeyUse.SEALING, 2, start=JULY)

    found = keys(later, earlier)

    assert found.current(KeyUse.SEALING, JUNE) == earlier
    assert found.current(KeyUse.SEALING, JULY - timedelta(seconds=1)) == earlier
    assert found.current(KeyUse.SEALING, JULY) == later


@pytest.mark.parametrize(
    ("state", "only"),
    [
        ("expired", {"start": JUNE, "end": JULY}),
        ("future", {"start": JULY + 2 * DAY}),
        ("revoked", {"start": JUNE, "revoked": JULY - DAY}),
        ("revoked from later on", {"start": JUNE, "revoked": JULY + 30 * DAY}),
    ],
)
@pytest.mark.parametrize("use", PUBLISHED)
def test_a_key_that_does_not_hold_now_is_never_current(use: KeyUse, state: str, only: dict[str, Any]) -> None:
    with pytest.raises(Stale) as refused:
        keys(record("police.nl", use, **only)).current(use, JULY + DAY)

    assert refused.value.code == "no-valid-key"


@pytest.mark.parametrize("listed", PUBLISHED)
@pytest.mark.parametrize("asked", PUBLISHED)
def test_a_key_holds_for_its_own_use_alone(listed: KeyUse, asked: KeyUse) -> None:
    found = keys(record("police.nl", listed, start=JUNE))
    named = found.keys[0].key_id

    if listed is asked:
        assert found.current(asked, JULY) == found.by_id(asked, named) == found.valid_on(asked, named, JULY)
        return

    asks: tuple[Callable[[], PublicKeyRecord], ...] = (
        lambda: found.current(asked, JULY),
        lambda: found.by_id(asked, named),
        lambda: found.valid_on(asked, named, JULY),
    )
    for ask in asks:
        with pytest.raises(NotFound):
            ask()


def test_a_key_of_another_agency_is_not_found() -> None:
    with pytest.raises(NotFound):
        agency_keys("police.nl").by_id(
            KeyUse.SIGNING, agency_keys("police.ro").current(KeyUse.SIGNING, NOW).key_id
        )


@pytest.mark.parametrize(
    "on",
    [JUNE, JUNE + DAY, JULY - timedelta(seconds=1), date(2026, 6, 1), date(2026, 6, 30)],
)
def test_a_key_held_on_every_day_of_its_interval(on: date | datetime) -> None:
    listed = record("police.nl", KeyUse.SIGNING, start=JUNE, end=JULY)

    assert keys(listed).valid_on(KeyUse.SIGNING, listed.key_id, on) == listed


@pytest.mark.parametrize(
    "on",
    [JUNE - timedelta(seconds=1), JULY, date(2026, 5, 31), date(2026, 7, 1)],
)
def test_a_key_did_not_hold_outside_its_interval(on: date | datetime) -> None:
    listed = record("police.nl", KeyUse.SIGNING, start=JUNE, end=JULY)

    with pytest.raises(Stale) as refused:
        keys(listed).valid_on(KeyUse.SIGNING, listed.key_id, on)

    assert refused.value.code == "key-not-valid"


def test_a_key_that_began_or_ended_within_a_day_held_on_that_day() -> None:
    listed = record("police.nl", KeyUse.SIGNING, start=JUNE + DAY / 2, end=JULY + DAY / 2)

    for on in (date(2026, 6, 1), date(2026, 7, 1)):
        assert keys(listed).valid_on(KeyUse.SIGNING, listed.key_id, on) == listed


def test_a_revoked_key_counts_only_for_what_was_cosigned_before() -> None:
    listed = record("police.nl", KeyUse.SIGNING, start=JUNE, revoked=JULY)
    found = keys(listed)

    assert (
        found.valid_on(KeyUse.SIGNING, listed.key_id, JUNE, cosigned_at=JULY - timedelta(seconds=1)) == listed
    )
    for cosigned_at in (None, JULY, JULY + DAY):
        with pytest.raises(VerificationFailed) as refused:
            found.valid_on(KeyUse.SIGNING, listed.key_id, JUNE, cosigned_at=cosigned_at)
        assert refused.value.code == "key-revoked"


@pytest.mark.parametrize("use", [use for use in PUBLISHED if use.is_ed25519])
@pytest.mark.parametrize("public", WEAK[::7], ids=bytes.hex)
def test_a_weak_key_is_refused_at_every_load(use: KeyUse, public: bytes) -> None:
    document = json.loads(keys(record("police.nl", use)).encode())
    document["keys"][0].update(public=write_blob(public), key_id=key_id(public))

    with pytest.raises(Malformed) as refused:
        AgencyKeys.parse(json.dumps(document).encode())

    assert refused.value.code == "weak-key"


@pytest.mark.parametrize("use", [use for use in KeyUse if not use.is_published])
def test_a_key_that_is_nobodys_business_is_not_listed(use: KeyUse) -> None:
    public = public_key("police.nl", KeyUse.SIGNING)

    with pytest.raises(Malformed):
        PublicKeyRecord(
            use=use,
            key_id=key_id(public),
            public=public,
            valid_from=START,
            valid_until=None,
            revoked_since=None,
        )


Change = Callable[[dict[str, Any]], None]


def _set(path: str, value: object) -> Change:
    def change(document: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        found: Any = document
        for name in parents:
            found = found[int(name)] if name.isdecimal() else found[name]
        found[last] = value

    return change


def _drop(path: str) -> Change:
    def change(document: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        found: Any = document
        for name in parents:
            found = found[int(name)] if name.isdecimal() else found[name]
        del found[last]

    return change


OTHER_KEY = vkey("comity.ledger/police.nl/1", 0x01, public_key("police.nl", KeyUse.WITNESS))
OTHER_NAME = vkey("comity.ledger/police.ro/1", 0x01, public_key("police.nl", KeyUse.LEDGER))
OTHER_TYPE = vkey("comity.ledger/police.nl/1", 0x04, public_key("police.nl", KeyUse.LEDGER))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (_set("more", 1), "more"),
        (_set("keys.0.more", 1), "more"),
        (_set("origins.0.more", 1), "more"),
        (_drop("agency"), "agency"),
        (_drop("keys.0.valid_from"), "valid_from"),
        (_set("keys.0.valid_until", None), "valid_until"),
        (_set("keys.0.valid_until", "2000-01-01T00:00:00Z"), "valid_until"),
        (_set("keys.0.use", "signature"), "use"),
        (_set("keys.0.key_id", "0" * 32), "key_id"),
        (_set("keys.1.key_id", "A" * 32), "key_id"),
        (_set("agency", "police.ro"), "origins[0].origin"),
        (_set("agency", "Police.nl"), "agency"),
        (_set("schema_version", 0), "schema_version"),
        (_set("schema_version", True), "schema_version"),
        (_set("published_at", "yesterday"), "published_at"),
        (_set("endpoints", ["gateway.police.nl"]), "endpoints[0]"),
        (_set("endpoints", ["gateway.police.nl:0"]), "endpoints[0]"),
        (_set("endpoints", ["gateway.police.nl:65536"]), "endpoints[0]"),
        (_set("endpoints", ["https://police.nl:443"]), "endpoints[0]"),
        (_set("tls_ca", ["YQ=="]), "tls_ca[0]"),
        (_set("origins.0.origin", "comity.ledger/police.nl/2"), "vkey"),
        (_set("origins.0.origin", "comity.ledger/police.nl/01"), "origin"),
        (_set("origins.0.vkey", OTHER_KEY), "origins[0].vkey"),
        (_set("origins.0.vkey", OTHER_NAME), "vkey"),
        (_set("origins.0.vkey", OTHER_TYPE), "vkey"),
        (_set("origins.0.vkey", "comity.ledger/police.nl/1"), "vkey"),
        (_set("origins.0.final", "comity.ledger/police.nl/2\n1\nAA=\n"), "final"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_off_its_form_is_refused_by_name(change: Change, field: str) -> None:
    document = json.loads(agency_keys("police.nl").encode())
    change(document)

    with pytest.raises(Malformed) as refused:
        AgencyKeys.parse(json.dumps(document).encode())

    assert refused.value.field.endswith(field)


def test_one_key_is_not_listed_twice() -> None:
    first = agency_keys("police.nl")
    signing = first.keys[0]
    public = public_key("police.nl", KeyUse.LEDGER)
    second_use = replace(signing, key_id=key_id(public), public=public)

    for listed in ((*first.keys, signing), (*first.keys, second_use)):
        with pytest.raises(Malformed) as refused:
            replace(first, keys=listed)
        assert refused.value.code == "duplicate"


def test_only_the_last_ledger_may_be_open() -> None:
    first = agency_keys("police.nl")
    closed = origin("police.nl", final="comity.ledger/police.nl/1\n3\nAAAA\n")

    replace(first, origins=(closed, origin("police.nl", 2)))

    for origins in (
        (origin("police.nl"), origin("police.nl", 2)),
        (origin("police.nl", 2),),
        (closed, closed),
    ):
        with pytest.raises(Malformed):
            replace(first, origins=origins)


def test_a_ledger_of_a_weak_key_is_refused() -> None:
    line = "comity.ledger/police.nl/1"

    with pytest.raises(GatewayError):
        Origin(origin=line, vkey=vkey(line, 0x01, WEAK[4]), mldsa_vkey=None, final=None)
