"""The onward release as its holder makes it once the originator agreed.

What goes on is at most what came, at the rung it came at, and at most what the consent names.

Source: PROTOCOL sections 3, 4 and 6; THREATS A22.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.errors import Corrupt, Refused
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import RELEASE, Owner, owner_of, read_body
from gateway.flow.passing.asked import onward_of
from gateway.flow.passing.weighing import Weighed, planned, weigh
from gateway.flow.question_again import question_again
from gateway.flow.seal import Letter
from gateway.flow.verify import kept_of, verify_received
from gateway.release.admitted import AdmittedRelease
from gateway.release.consent import peek_consent
from gateway.release.narrowing import Narrowing
from gateway.release.onward import build_onward
from gateway.release.plan import Plan
from gateway.release.pseudonym import pseudonym
from gateway.release.release import Release, parse_release
from gateway.store.passing_rows import ConsentRow
from gateway.store.rows import ExchangeRow
from policy.decision import Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Onward:
    """An onward exchange as it is decided now that the originator agreed: `came` is what was received."""

    gateway: Gateway
    exchange: ExchangeRow
    owner: Owner
    came: AdmittedRelease
    weighed: Weighed
    consent: bytes
    anchor: bytes
    now: datetime

    @property
    def decision(self) -> Decision:
        """What own policy says to it."""
        return self.weighed.decision

    @property
    def is_consented(self) -> bool:
        """Whether the consent may still be used."""
        given, _ = peek_consent(self.consent)
        return given.given_on <= self.now.date() <= given.expires

    def plan(self, narrowing: Narrowing = Narrowing()) -> Plan:  # noqa: B008  frozen
        """Return what goes on."""
        permitted = frozenset(peek_consent(self.consent)[0].leaves)
        return planned(self.came, self.weighed, self.now, permitted=permitted, narrowing=narrowing)

    def release(self, chosen: Plan) -> Release:
        """Return the onward release.

        Raises:
            Malformed: nothing leaves.
            Refused: code `no-purpose`.
            VerificationFailed: code `consent-invalid`: the consent does not cover it today.
        """
        question = self.weighed.question
        if question.purpose is None or question.legal_basis is None:
            raise Refused(
                "a release is bound to a purpose and a legal basis", code="no-purpose", field="purpose"
            )
        protected = {
            entity
            for (entity, _), (attributes, _, _) in self.weighed.by_field.items()
            if entity.startswith("person/") and attributes.role.protected
        }
        return build_onward(
            chosen,
            self.came,
            sender=self.gateway.me,
            purpose=question.purpose,
            legal_basis=question.legal_basis,
            pseudonyms={
                entity: pseudonym(
                    self.gateway.pseudonym_secret,
                    recipient=question.recipient.id,
                    purpose=question.purpose,
                    record_id=self.came.disclosure.statement.record_id,
                    subject=entity,
                )
                for entity in protected
            },
            consent=self.consent,
            anchor=self.anchor,
            today=question.today,
        )

    def letter(self, body: bytes, salt: bytes) -> Letter:
        """Return what is sealed to the recipient."""
        return Letter(
            exchange_id=self.exchange.exchange_id,
            recipient=self.exchange.peer,
            lane=self.weighed.question.lane,
            body=body,
            payload_salt=salt,
        )


def onward(gateway: Gateway, row: ConsentRow, consent: bytes, anchor: bytes, now: datetime) -> Onward:
    """Return an onward exchange as it is decided now with this consent, which is verified already.

    Raises:
        NotFound: what was received is gone.
        Refused, Stale: the recipient takes no part any more, or what is known of it is too old.
    """
    exchange = onward_of(gateway, row)
    came_with = gateway.read.exchange(row.came_with)
    if came_with is None:
        raise Corrupt("what was received is not on file", code="no-record", field="consent")
    owner = owner_of(gateway, kept_of(gateway, came_with))
    came = verify_received(gateway, row.came_with, now)
    question = question_again(gateway, exchange, owner, now)
    return Onward(
        gateway=gateway,
        exchange=exchange,
        owner=owner,
        came=came,
        weighed=weigh(gateway, came, question, now, consented=True),
        consent=consent,
        anchor=anchor,
        now=now,
    )


def onward_again(gateway: Gateway, exchange: ExchangeRow, now: datetime) -> Onward:
    """Return an onward exchange whose release is made, as it would be decided now with the consent in it.

    Raises:
        NotFound: what was received is gone.
        Refused, Stale: the recipient takes no part any more, or what is known of it is too old.
        Corrupt: code `no-record`: no consent for it is on file.
    """
    row = gateway.read.consent_of_exchange(exchange.exchange_id)
    if row is None:
        raise Corrupt("an onward release without a consent on file", code="no-record", field="consent")
    came_with = gateway.read.exchange(row.came_with)
    if came_with is None:
        raise Corrupt("what was received is not on file", code="no-record", field="consent")
    owner = owner_of(gateway, kept_of(gateway, came_with))
    release = parse_release(read_body(gateway, owner, RELEASE, exchange.exchange_id))
    if release.consent is None or release.anchor is None:
        raise Corrupt("an onward release without a consent in it", code="no-record", field="consent")
    return onward(gateway, row, release.consent, release.anchor, now)
