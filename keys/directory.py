"""The directory as one gateway sees it at one time: who is a member, with which keys, on what terms.

A value: nothing in it changes, and a later refresh gives another. Source: PROTOCOL 4 (directory version), 11.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from types import MappingProxyType

from gateway.errors import NotFound, Refused, Stale
from keys.agreement import Agreement, Community
from keys.keyring import AgencyKeys
from keys.member import Member, MemberStatus
from keys.metadata import BASELINE_PATH


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """A verified state of the directory.

    `keys` holds for each agency the last version that was accepted, whatever the agency's status: old
    evidence needs it. `refused` says, by agency and as a code, why its keys count for nothing new: `no-keys`,
    `keys-expired`, `keys-rewritten`, `foreign-path`, `bad-keys`. `versions` maps each target path to the
    SHA-256, hex, of its content. `keys_expire` is the expiry of each agency's own metadata, `expires_at`
    that of the directory: the earliest of root, targets, snapshot and timestamp.
    """

    members: Mapping[str, Member]
    keys: Mapping[str, AgencyKeys]
    refused: Mapping[str, str]
    agreements: Mapping[str, Agreement]
    communities: Mapping[str, Community]
    baseline: str | None
    versions: Mapping[str, str]
    keys_expire: Mapping[str, datetime]
    expires_at: datetime
    active: frozenset[str] = field(init=False)
    _seen: dict[tuple[str, str], bytes] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("members", "keys", "refused", "agreements", "communities", "versions", "keys_expire"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        active = {
            agency
            for agency, member in self.members.items()
            if member.status is MemberStatus.ACTIVE and agency in self.keys and agency not in self.refused
        }
        object.__setattr__(self, "active", frozenset(active))

    def check_fresh(self, now: datetime) -> None:
        """Return only before `expires_at`: an old directory may hide a revocation.

        Raises:
            Stale: code `stale-directory`.
        """
        if now >= self.expires_at:
            raise Stale("the directory has expired", code="stale-directory")

    def member(self, agency: str) -> Member:
        """Return a member, whatever its status; an agency that is not listed is NotFound."""
        member = self.members.get(agency)
        if member is None:
            raise NotFound("is not a member of the federation", code="unknown-agency", agency=agency)
        return member

    def keys_of(self, agency: str) -> AgencyKeys:
        """Return the last accepted keys of an agency, whatever its status: for judging what it signed once.

        For anything new ask `peer`.

        Raises:
            NotFound: code `unknown-agency` or `no-keys`.
        """
        self.member(agency)
        keys = self.keys.get(agency)
        if keys is None:
            raise NotFound("has published no keys", code="no-keys", agency=agency)
        return keys

    def peer(self, agency: str, now: datetime) -> tuple[Member, AgencyKeys]:
        """Return a member one may exchange with now, and its keys in force.

        Raises:
            NotFound: code `unknown-agency`.
            Refused: code `inactive-agency`: suspended, left, without keys, or its keys were refused.
            Stale: code `stale-directory` or `keys-expired`.
        """
        self.check_fresh(now)
        member = self.member(agency)
        if agency not in self.active:
            why = self.refused.get(agency, member.status.value)
            raise Refused("takes no part in the exchange now", code="inactive-agency", agency=agency, why=why)
        if now >= self.keys_expire[agency]:
            raise Stale("has not renewed its keys document", code="keys-expired", agency=agency)
        return member, self.keys[agency]

    def agreements_between(self, one: str, other: str, on: date) -> tuple[Agreement, ...]:
        """Return the agreements of which both are parties, in force on this day, by id."""
        return tuple(
            agreement
            for _, agreement in sorted(self.agreements.items())
            if one in agreement.parties and other in agreement.parties and agreement.in_force(on)
        )

    def communities_of(self, agency: str, on: date) -> tuple[Community, ...]:
        """Return the communities an agency belongs to on this day, by id."""
        return tuple(
            community
            for _, community in sorted(self.communities.items())
            if agency in community.members and community.in_force(on)
        )

    def version_for(self, self_id: str, recipient_id: str) -> bytes:
        """Return the 32-byte directory version that a decision of one agency about another rests on.

        It is the SHA-256 of one line `<path> <sha256 hex>` each, sorted, for both member documents, every
        agreement both are parties of, every community either belongs to, and the baseline. Days of validity
        are inside those documents, so the version does not change as a day passes. Nothing else in the
        directory changes it.

        Raises:
            NotFound: code `unknown-agency`.
        """
        pair = (self_id, recipient_id)
        known = self._seen.get(pair)
        if known is None:
            known = self._seen[pair] = self._version(self_id, recipient_id)
        return known

    def _version(self, one: str, other: str) -> bytes:
        paths = {f"members/{self.member(agency).id}.json" for agency in (one, other)}
        for agreement in self.agreements.values():
            if one in agreement.parties and other in agreement.parties:
                paths.add(f"agreements/{agreement.id}.json")
        for community in self.communities.values():
            if one in community.members or other in community.members:
                paths.add(f"communities/{community.id}.json")
        if self.baseline is not None:
            paths.add(BASELINE_PATH)
        return sha256("".join(f"{path} {self.versions[path]}\n" for path in sorted(paths)).encode()).digest()
