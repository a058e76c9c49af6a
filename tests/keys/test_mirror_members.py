"""What a member may not sign about itself; it counts against that member alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tuf.api.metadata import (  # type: ignore[attr-defined]
    Targets,
)

from gateway.errors import (
    Refused,
)
from keys.directory import Directory
from keys.enrolment import sign_keys_file
from keys.keyring import AgencyKeys
from keys.metadata import describe, keys_path, sign_metadata
from keys.mirror import Mirror
from keys.signer import key_id
from keys.use import KeyUse
from tests.keys.agencies import (
    NL,
    NOW,
    RO,
    START,
    agency_keys,
    later_version,
    record,
    reopened,
)
from tests.keys.scene import Scene
from tests.keys.test_ed25519 import WEAK

LATER = NOW + timedelta(days=3)


def _out(directory: Directory, agency: str, why: str) -> None:
    assert directory.refused == {agency: why}
    assert directory.active == {"police.nl", "police.ro"} - {agency}
    with pytest.raises(Refused):
        directory.peer(agency, NOW)
    assert directory.keys_of(agency) == agency_keys(agency)


def _in(directory: Directory, keys: AgencyKeys) -> None:
    assert directory.refused == {}
    assert directory.peer(keys.agency, NOW)[1] == keys


def test_a_later_keys_document_counts(scene: Scene) -> None:
    keys = later_version(
        agency_keys("police.ro"),
        keys=(*agency_keys("police.ro").keys, record("police.ro", KeyUse.SIGNING, 2)),
    )
    keepers = reopened(scene.home)
    keepers.accept_keys("police.ro", *RO.handed_in(keys, 2))
    keepers.publish()

    _in(scene.mirror.refresh(scene.source()), keys)
    _in(scene.mirror.load(), keys)


def test_a_member_cannot_sign_for_another(scene: Scene) -> None:
    forged, document = sign_keys_file(agency_keys("police.nl"), RO.signer, 2, LATER)
    scene.add_target("keys/police.nl.json", document)
    scene.issue(own={"keys-police.ro": (2, forged)})

    directory = scene.mirror.refresh(scene.source())

    _out(directory, "police.ro", "foreign-path")
    assert directory.keys_of("police.nl") == scene.before.keys_of("police.nl")


def test_a_member_cannot_sign_more_than_its_own_path(scene: Scene) -> None:
    own, foreign = agency_keys("police.ro").encode(), agency_keys("police.nl").encode()
    signed = Targets(
        version=2,
        expires=LATER,
        targets={
            keys_path("police.ro"): describe(keys_path("police.ro"), own),
            keys_path("police.nl"): describe(keys_path("police.nl"), foreign),
        },
    )
    scene.issue(own={"keys-police.ro": (2, sign_metadata(signed, RO.signer))})

    _out(scene.mirror.refresh(scene.source()), "police.ro", "foreign-path")


def test_metadata_of_a_member_signed_by_others_is_refused(scene: Scene) -> None:
    forged, document = sign_keys_file(later_version(agency_keys("police.ro")), NL.signer, 2, LATER)
    scene.add_target("keys/police.ro.json", document)
    scene.issue(own={"keys-police.ro": (2, forged)})

    scene.refused()


def _changed_keys(agency: str) -> dict[str, AgencyKeys]:
    keys = agency_keys(agency)
    first = keys.keys[0]
    return {
        "removed": later_version(keys, keys=keys.keys[1:]),
        "start": later_version(
            keys, keys=(replace(first, valid_from=START - timedelta(days=1)), *keys.keys[1:])
        ),
        "backdated": later_version(
            keys, keys=(*keys.keys, record(agency, KeyUse.SIGNING, 2, start=START - timedelta(days=1)))
        ),
        "not later": keys,
    }


@pytest.mark.parametrize("what", ["removed", "start", "backdated", "not later"])
def test_a_rewritten_keys_document_counts_for_nothing_and_the_earlier_one_is_kept(
    scene: Scene, what: str
) -> None:
    scene.slip_in("police.ro", *RO.handed_in(_changed_keys("police.ro")[what], 2))

    for directory in (scene.mirror.refresh(scene.source()), scene.mirror.load()):
        _out(directory, "police.ro", "keys-rewritten")


def test_an_end_that_was_past_when_the_mirror_last_looked_is_not_moved_later(scene: Scene) -> None:
    keys = agency_keys("police.ro")
    ended = later_version(
        keys, keys=(replace(keys.keys[0], valid_until=START + timedelta(hours=3)), *keys.keys[1:])
    )
    scene.slip_in("police.ro", *RO.handed_in(ended, 2))
    _in(scene.mirror.refresh(scene.source()), ended)
    # Dated before the end, as if it had been published in time; but the mirror has looked since.
    longer = later_version(ended, keys=keys.keys)
    assert longer.published_at < START + timedelta(hours=3)

    scene.slip_in("police.ro", *RO.handed_in(longer, 3))

    directory = scene.mirror.refresh(scene.source())
    assert directory.refused == {"police.ro": "keys-rewritten"}
    assert directory.keys_of("police.ro") == ended
    fresh = Mirror(scene.mirror_path.with_name("fresh"), scene.pin).refresh(scene.source())
    assert fresh.refused == {}


def test_two_documents_of_one_version_do_not_both_count(scene: Scene) -> None:
    other = later_version(agency_keys("police.ro"))
    scene.slip_in("police.ro", *RO.handed_in(other, 1))

    _out(scene.mirror.refresh(scene.source()), "police.ro", "keys-rewritten")


def test_a_member_that_signs_nonsense_stops_itself_alone(scene: Scene) -> None:
    for version, document in enumerate((b"", b"{}", agency_keys("police.nl").encode()), start=2):
        signed = Targets(
            version=version,
            expires=LATER,
            targets={keys_path("police.ro"): describe(keys_path("police.ro"), document)},
        )
        scene.slip_in("police.ro", sign_metadata(signed, RO.signer), document)

        _out(scene.mirror.refresh(scene.source()), "police.ro", "bad-keys")


@pytest.mark.parametrize("public", WEAK[::9], ids=bytes.hex)
def test_a_weak_key_is_refused_when_the_directory_is_loaded(scene: Scene, public: bytes) -> None:
    keys = later_version(agency_keys("police.ro"))
    weak = record("police.ro", KeyUse.SIGNING, 2)
    object.__setattr__(weak, "public", public)
    object.__setattr__(weak, "key_id", key_id(public))
    object.__setattr__(keys, "keys", (*keys.keys, weak))
    scene.slip_in("police.ro", *RO.handed_in(keys, 2))

    for directory in (scene.mirror.refresh(scene.source()), scene.mirror.load()):
        _out(directory, "police.ro", "bad-keys")


def test_a_member_that_does_not_renew_is_out_alone(scene: Scene) -> None:
    keys = later_version(agency_keys("police.ro"))
    scene.slip_in("police.ro", *RO.handed_in(keys, 2, expires=NOW - timedelta(seconds=1)))

    for directory in (scene.mirror.refresh(scene.source()), scene.mirror.load()):
        _out(directory, "police.ro", "keys-expired")


def test_a_member_that_mends_its_document_is_back(scene: Scene) -> None:
    scene.slip_in("police.ro", *RO.handed_in(_changed_keys("police.ro")["removed"], 2))
    scene.mirror.refresh(scene.source())
    mended = later_version(agency_keys("police.ro"))
    scene.slip_in("police.ro", *RO.handed_in(mended, 3))

    _in(scene.mirror.refresh(scene.source()), mended)
