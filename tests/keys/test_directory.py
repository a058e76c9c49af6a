"""The directory as a value: who takes part, under which terms, and what a decision rests on."""

from __future__ import annotations

import json
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from gateway.errors import NotFound, Refused, Stale
from keys.directory import Directory
from keys.federation import Federation
from keys.member import MemberStatus
from keys.mirror import Mirror, file_source
from tests.keys.agencies import (
    BASELINE,
    NGO,
    NL,
    NOW,
    RO,
    Agency,
    agency_keys,
    agreement,
    community,
    federation,
    later_version,
    reopened,
)

TODAY = NOW.date()
FBI = Agency(id="police.us")


class Seen:
    """A federation and one mirror of it."""

    def __init__(self, path: Path) -> None:
        self._home = path / "federation"
        self._pin = federation(self._home, NL, RO, NGO).root()
        self._path = path

    def after(self, *changes: object) -> Directory:
        """Return the directory after the keepers made these changes."""
        keepers = reopened(self._home)
        for change in changes:
            assert callable(change)
            change(keepers)
        keepers.publish()
        return Mirror(self._path / "mirror", self._pin).refresh(file_source(keepers.repository_path))


@pytest.fixture
def seen(tmp_path: Path) -> Seen:
    return Seen(tmp_path)


def test_active_members_are_peers(seen: Seen) -> None:
    directory = seen.after()

    member, keys = directory.peer("police.ro", NOW)

    assert directory.active == {"police.nl", "police.ro", "shelter.ngo"}
    assert (member, keys) == (RO.member(), agency_keys("police.ro"))
    assert directory.baseline == BASELINE


@pytest.mark.parametrize("status", [MemberStatus.SUSPENDED, MemberStatus.LEFT])
def test_a_member_that_takes_no_part_is_no_peer_and_stays_on_record(seen: Seen, status: MemberStatus) -> None:
    directory = seen.after(lambda keepers: keepers.add_member(RO.member(status)))

    assert "police.ro" not in directory.active
    with pytest.raises(Refused) as refused:
        directory.peer("police.ro", NOW)
    assert refused.value.facts["why"] == status.value
    assert directory.keys_of("police.ro") == agency_keys("police.ro")
    assert directory.member("police.ro").status is status


def test_a_member_without_keys_is_no_peer(seen: Seen) -> None:
    directory = seen.after(lambda keepers: keepers.add_member(FBI.member()))

    assert directory.refused == {"police.us": "no-keys"}
    with pytest.raises(Refused):
        directory.peer("police.us", NOW)
    with pytest.raises(NotFound):
        directory.keys_of("police.us")


def test_a_stranger_is_not_found(seen: Seen) -> None:
    directory = seen.after()

    for ask in (directory.member, directory.keys_of, lambda agency: directory.peer(agency, NOW)):
        with pytest.raises(NotFound) as refused:
            ask("police.us")
        assert refused.value.code == "unknown-agency"


def test_nobody_is_a_peer_once_the_directory_has_expired(seen: Seen) -> None:
    directory = seen.after()

    assert directory.expires_at == NOW + timedelta(days=7)
    directory.check_fresh(NOW + timedelta(days=7) - timedelta(seconds=1))
    with pytest.raises(Stale) as refused:
        directory.peer("police.ro", NOW + timedelta(days=7))
    assert refused.value.code == "stale-directory"


def test_a_member_is_no_peer_once_its_own_document_has_expired(seen: Seen) -> None:
    soon = NOW + timedelta(days=1)
    keys = later_version(agency_keys("police.ro"))
    directory = seen.after(
        lambda keepers: keepers.accept_keys("police.ro", *RO.handed_in(keys, 2, expires=soon))
    )

    directory.peer("police.ro", soon - timedelta(seconds=1))
    with pytest.raises(Stale) as refused:
        directory.peer("police.ro", soon)
    assert refused.value.code == "keys-expired"
    directory.peer("police.nl", soon)


def test_agreements_hold_between_their_parties_in_their_time(seen: Seen) -> None:
    both, others = agreement("police.nl", "police.ro"), agreement("police.nl", "shelter.ngo", name="nl-ngo")
    directory = seen.after(
        lambda keepers: keepers.add_agreement(both), lambda keepers: keepers.add_agreement(others)
    )

    assert directory.agreements_between("police.nl", "police.ro", TODAY) == (both,)
    assert directory.agreements_between("police.ro", "police.nl", TODAY) == (both,)
    assert directory.agreements_between("police.ro", "shelter.ngo", TODAY) == ()
    assert directory.agreements_between("police.nl", "police.ro", date(2101, 1, 1)) == ()


def test_communities_hold_for_their_members_in_their_time(seen: Seen) -> None:
    circle = community("police.nl", "police.ro")
    directory = seen.after(lambda keepers: keepers.add_community(circle))

    assert directory.communities_of("police.ro", TODAY) == (circle,)
    assert directory.communities_of("shelter.ngo", TODAY) == ()
    assert directory.communities_of("police.ro", date(2101, 1, 1)) == ()


def test_a_directory_does_not_change(seen: Seen) -> None:
    directory = seen.after()

    for mapping in (directory.members, directory.keys, directory.versions):
        with pytest.raises(TypeError):
            mapping["police.us"] = None  # type: ignore[index]


def test_the_version_is_the_hash_of_what_a_decision_rests_on(seen: Seen) -> None:
    terms, circle = agreement("police.nl", "police.ro"), community("police.ro")
    directory = seen.after(
        lambda keepers: keepers.add_agreement(terms),
        lambda keepers: keepers.add_community(circle),
    )

    contents = {
        "agreements/nl-ro.json": terms.encode(),
        "communities/labour.json": circle.encode(),
        "members/police.nl.json": NL.member().encode(),
        "members/police.ro.json": RO.member().encode(),
        "policy/baseline.cedar": BASELINE.encode(),
    }
    lines = "".join(f"{path} {sha256(data).hexdigest()}\n" for path, data in sorted(contents.items()))
    assert directory.version_for("police.nl", "police.ro") == sha256(lines.encode()).digest()
    assert directory.version_for("police.ro", "police.nl") == directory.version_for("police.nl", "police.ro")


def _alert(keepers: Federation) -> None:
    document = json.loads(RO.member().encode()) | {"alert": True}
    keepers.add_member(type(RO.member()).parse(json.dumps(document).encode()))


@pytest.mark.parametrize(
    "change",
    [
        _alert,
        lambda keepers: keepers.add_agreement(agreement("police.nl", "police.ro")),
        lambda keepers: keepers.add_community(community("police.ro")),
        lambda keepers: keepers.add_community(community("police.nl")),
        lambda keepers: keepers.set_baseline(BASELINE + "\n"),
    ],
    ids=["recipient", "agreement", "recipient's community", "own community", "baseline"],
)
def test_what_a_decision_rests_on_changes_the_version(seen: Seen, change: object) -> None:
    before = seen.after().version_for("police.nl", "police.ro")

    assert seen.after(change).version_for("police.nl", "police.ro") != before


@pytest.mark.parametrize(
    "change",
    [
        lambda keepers: None,
        lambda keepers: keepers.add_member(FBI.member()),
        lambda keepers: keepers.add_member(NGO.member(MemberStatus.LEFT)),
        lambda keepers: keepers.add_agreement(agreement("police.nl", "shelter.ngo")),
        lambda keepers: keepers.add_community(community("shelter.ngo")),
        lambda keepers: keepers.accept_keys(
            "police.ro", *RO.handed_in(later_version(agency_keys("police.ro")), 2)
        ),
    ],
    ids=["renewal", "new member", "third member", "others' agreement", "others' community", "keys"],
)
def test_other_changes_leave_the_version_as_it_was(seen: Seen, change: object) -> None:
    before = seen.after().version_for("police.nl", "police.ro")

    assert seen.after(change).version_for("police.nl", "police.ro") == before


def test_an_agreement_is_replaced_by_one_of_the_same_id(seen: Seen) -> None:
    wider = agreement("police.nl", "police.ro", "shelter.ngo")
    directory = seen.after(
        lambda keepers: keepers.add_agreement(agreement("police.nl", "police.ro")),
        lambda keepers: keepers.add_agreement(wider),
    )

    assert list(directory.agreements.values()) == [wider]
