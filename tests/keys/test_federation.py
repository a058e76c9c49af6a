"""What the keepers of the directory take in, and what they refuse to sign."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.errors import (
    Conflict,
    GatewayError,
    Malformed,
    Misconfigured,
    NotFound,
    Refused,
    Stale,
    VerificationFailed,
)
from keys.document import write_blob
from keys.enrolment import Enrolment, enrolment_bundle, parse_enrolment, sign_keys_file
from keys.federation import Federation
from keys.keystore import Kdf
from keys.member import MemberStatus
from keys.signer import key_id
from keys.use import KeyUse
from tests.keys.agencies import (
    BASELINE,
    NGO,
    NL,
    NOW,
    PASSPHRASE,
    RO,
    Agency,
    agency_keys,
    agreement,
    community,
    federation,
    later_version,
    record,
    reopened,
)
from tests.keys.test_ed25519 import WEAK


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "federation"


def test_what_was_published_is_there_when_opened_again(home: Path) -> None:
    made = federation(home, NL, RO)

    opened = reopened(home)

    assert opened.members() == made.members() == {"police.nl": NL.member(), "police.ro": RO.member()}
    assert opened.keys("police.nl") == agency_keys("police.nl")
    assert opened.root() == made.root()


def test_nothing_is_written_before_it_is_published(home: Path) -> None:
    federation(home, NL)
    opened = reopened(home)

    opened.enrol(RO.enrolment())

    assert list(reopened(home).members()) == ["police.nl"]
    opened.publish()
    assert list(reopened(home).members()) == ["police.nl", "police.ro"]


def test_versions_once_written_stay_as_they_are(home: Path) -> None:
    federation(home, NL)
    before = {file: file.read_bytes() for file in (home / "repository").rglob("*") if file.is_file()}

    reopened(home).publish()

    changed = [file.name for file, data in before.items() if file.read_bytes() != data]
    assert changed == ["timestamp.json"]


def test_the_keys_stand_beside_what_is_served_and_not_in_it(home: Path) -> None:
    made = federation(home, NL)

    assert stat.S_IMODE((home / "federation.keys").stat().st_mode) == 0o600
    assert made.repository_path == home / "repository"
    assert not list(made.repository_path.rglob("*.keys"))


def test_a_federation_is_never_made_over_another(home: Path) -> None:
    federation(home)

    with pytest.raises(Conflict):
        federation(home)


def test_only_the_passphrase_opens_the_federation(home: Path) -> None:
    federation(home)

    with pytest.raises(VerificationFailed):
        Federation.open(home, b"wrong", NOW, allow_cheap=True)
    with pytest.raises(Misconfigured):
        Federation.open(home, PASSPHRASE, NOW)
    with pytest.raises(NotFound):
        Federation.open(home.with_name("other"), PASSPHRASE, NOW, allow_cheap=True)


def test_a_time_that_is_not_utc_is_refused(home: Path) -> None:
    with pytest.raises(Malformed):
        Federation.create(home, PASSPHRASE, NOW.replace(tzinfo=None), Kdf.CHEAP_FOR_TESTS)


@pytest.mark.parametrize("name", ["timestamp", "2.snapshot", "2.targets", "1.root"])
def test_a_repository_changed_by_others_is_not_signed_again(home: Path, name: str) -> None:
    federation(home, NL)
    file = home / "repository" / "metadata" / f"{name}.json"
    document = json.loads(file.read_bytes())
    document["signed"]["expires"] = "2099-01-01T00:00:00Z"
    file.write_text(json.dumps(document))

    with pytest.raises(VerificationFailed):
        reopened(home)


def test_of_two_sittings_the_second_must_start_again(home: Path) -> None:
    federation(home, NL)
    first, second = reopened(home), reopened(home)
    first.publish()

    with pytest.raises(Conflict) as refused:
        second.publish()

    assert refused.value.code == "moved"
    reopened(home).publish()


def test_the_targets_are_renewed_at_half_their_life(home: Path) -> None:
    federation(home, NL)
    metadata = home / "repository" / "metadata"

    reopened(home, NOW + timedelta(days=44)).publish()
    early = sorted(file.name for file in metadata.glob("*.targets.json"))
    reopened(home, NOW + timedelta(days=46)).publish()

    assert early == ["1.targets.json", "2.targets.json"]
    assert (metadata / "3.targets.json").exists()


def test_an_enrolment_file_is_read_as_it_was_written() -> None:
    written = NL.enrolment()
    bundle = enrolment_bundle(written.member, written.keys_metadata, written.keys)

    assert parse_enrolment(bundle) == written


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "other"},
        {"version": 2},
        {"more": 1},
        {"member": {}},
        {"keys": write_blob(b"{}")},
        {"keys": write_blob(agency_keys("police.ro").encode())},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_an_enrolment_file_off_its_form_is_refused(changes: dict[str, object]) -> None:
    written = NL.enrolment()
    document = json.loads(enrolment_bundle(written.member, written.keys_metadata, written.keys))
    document.update(changes)

    with pytest.raises(Malformed):
        parse_enrolment(json.dumps(document).encode())


def test_a_member_is_enrolled_once(home: Path) -> None:
    made = federation(home, NL)

    with pytest.raises(Conflict):
        made.enrol(NL.enrolment())


def test_a_members_description_may_change(home: Path) -> None:
    federation(home, NL)
    opened = reopened(home)

    opened.add_member(NL.member(MemberStatus.SUSPENDED))
    opened.publish()

    assert reopened(home).members()["police.nl"].status is MemberStatus.SUSPENDED


def test_two_members_never_have_the_same_key(home: Path) -> None:
    made = federation(home, NL)
    copied = replace(agency_keys("police.ro"), keys=(record("police.nl", KeyUse.SIGNING),), origins=())
    as_directory = replace(
        agency_keys("police.ro"),
        keys=(replace(copied.keys[0], public=NL.signer.public_key, key_id=NL.signer.key_id),),
        origins=(),
    )
    made.add_member(RO.member())

    for keys in (copied, as_directory):
        with pytest.raises(Conflict) as refused:
            made.accept_keys("police.ro", *RO.handed_in(keys))
        assert refused.value.code == "key-in-use"


def test_a_directory_key_of_another_member_is_refused(home: Path) -> None:
    made = federation(home, NL)
    taken = replace(agency_keys("police.nl").keys[0], public=RO.signer.public_key, key_id=RO.signer.key_id)
    keys = agency_keys("police.nl")
    made.accept_keys("police.nl", *NL.handed_in(later_version(keys, keys=(*keys.keys, taken)), 2))

    with pytest.raises(Conflict):
        made.add_member(RO.member())


def test_keys_of_a_stranger_are_refused(home: Path) -> None:
    with pytest.raises(NotFound):
        federation(home, NL).accept_keys("police.ro", *RO.handed_in())


def test_keys_are_signed_by_the_members_own_directory_key(home: Path) -> None:
    made = federation(home, NL, RO)
    keys = later_version(agency_keys("police.nl"))
    metadata, document = NL.handed_in(keys, 2)

    for by in (RO, Agency(id="police.nl", generation=2)):
        forged, _ = sign_keys_file(keys, by.signer, 2, NOW + timedelta(days=1))
        with pytest.raises(VerificationFailed):
            made.accept_keys("police.nl", forged, document)
    unsigned = json.loads(metadata) | {"signatures": []}
    with pytest.raises(VerificationFailed):
        made.accept_keys("police.nl", json.dumps(unsigned).encode(), document)
    made.accept_keys("police.nl", metadata, document)


def test_metadata_and_document_belong_together(home: Path) -> None:
    made = federation(home, NL)
    metadata, document = NL.handed_in(later_version(agency_keys("police.nl")), 2)

    for changed in (document + b" ", document.replace(b"7443", b"7444"), b""):
        with pytest.raises(VerificationFailed):
            made.accept_keys("police.nl", metadata, changed)
    for changed in (b"", b"{}", metadata[:-1], document):
        with pytest.raises(VerificationFailed):
            made.accept_keys("police.nl", changed, document)


def test_a_member_signs_its_own_path_alone(home: Path) -> None:
    made = federation(home, NL, RO)
    foreign, document = sign_keys_file(agency_keys("police.nl"), RO.signer, 2, NOW + timedelta(days=1))

    with pytest.raises(VerificationFailed) as refused:
        made.accept_keys("police.ro", foreign, document)

    assert refused.value.code == "foreign-path"


def test_versions_of_keys_grow(home: Path) -> None:
    made = federation(home, NL)
    second = later_version(agency_keys("police.nl"))

    for version in (1, 0):
        with pytest.raises(GatewayError):
            made.accept_keys("police.nl", *NL.handed_in(second, version))
    made.accept_keys("police.nl", *NL.handed_in(second, 5))
    with pytest.raises(Conflict) as refused:
        made.accept_keys("police.nl", *NL.handed_in(later_version(second), 5))

    assert refused.value.code == "version-not-newer"


def test_keys_that_have_expired_already_are_refused(home: Path) -> None:
    made = federation(home, NL)

    with pytest.raises(Stale):
        made.accept_keys("police.nl", *NL.handed_in(later_version(agency_keys("police.nl")), 2, expires=NOW))


def test_a_removed_key_is_refused(home: Path) -> None:
    made = federation(home, NL)
    keys = agency_keys("police.nl")

    with pytest.raises(VerificationFailed) as refused:
        made.accept_keys("police.nl", *NL.handed_in(later_version(keys, keys=keys.keys[:-1]), 2))

    assert refused.value.code == "keys-rewritten"


@pytest.mark.parametrize("public", WEAK[::9], ids=bytes.hex)
def test_a_weak_key_is_refused_when_it_is_handed_in(home: Path, public: bytes) -> None:
    made = federation(home, NL)
    metadata, document = _handed_in_weak(public)

    with pytest.raises(Malformed) as refused:
        made.accept_keys("police.nl", metadata, document)

    assert refused.value.code == "weak-key"


def _handed_in_weak(public: bytes) -> tuple[bytes, bytes]:
    # A careless agency's own software would not even write it: the object is made behind its back.
    keys = later_version(agency_keys("police.nl"))
    weak = record("police.nl", KeyUse.SIGNING, 2)
    object.__setattr__(weak, "public", public)
    object.__setattr__(weak, "key_id", key_id(public))
    object.__setattr__(keys, "keys", (*keys.keys, weak))
    return NL.handed_in(keys, 2)


def test_after_a_new_directory_key_the_member_signs_anew(home: Path) -> None:
    made = federation(home, NL)
    renewed = Agency(id="police.nl", generation=2)
    made.add_member(renewed.member())

    with pytest.raises(Refused) as refused:
        made.publish()

    assert refused.value.code == "keys-not-resigned"
    made.accept_keys("police.nl", *renewed.handed_in(later_version(agency_keys("police.nl")), 2))
    made.publish()
    assert reopened(home).members()["police.nl"].directory_key == renewed.signer.public_key


def test_terms_name_members_alone(home: Path) -> None:
    made = federation(home, NL, RO)

    made.add_agreement(agreement("police.nl", "police.ro"))
    made.add_community(community("police.nl"))
    with pytest.raises(NotFound) as refused:
        made.add_agreement(agreement("police.nl", "shelter.ngo"))
    with pytest.raises(NotFound):
        made.add_community(community("shelter.ngo"))

    assert refused.value.field == "parties[1]"


@pytest.mark.parametrize("text", ["", " \n", "permit\u202e", "a\x00", "e\u0301", "\ud800"], ids=range(6))
def test_a_baseline_that_people_cannot_read_is_refused(home: Path, text: str) -> None:
    made = federation(home)

    with pytest.raises(Malformed):
        made.set_baseline(text)
    made.set_baseline(BASELINE)


def test_keys_dated_in_the_future_are_refused(home: Path) -> None:
    made = federation(home, NL)
    late = replace(agency_keys("police.nl"), published_at=NOW + timedelta(days=1))

    with pytest.raises(VerificationFailed) as refused:
        made.accept_keys("police.nl", *NL.handed_in(late, 2))

    assert refused.value.code == "keys-in-future"


def test_an_enrolment_that_fails_lists_nobody(home: Path) -> None:
    made = federation(home, NL)
    written = NGO.enrolment()
    broken = Enrolment(member=written.member, keys_metadata=b"{}", keys=written.keys)

    with pytest.raises(VerificationFailed):
        made.enrol(broken)

    assert list(made.members()) == ["police.nl"]
    made.publish()
