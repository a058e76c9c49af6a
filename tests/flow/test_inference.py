"""What a recipient cannot work out: from lengths, from tokens, from what an auditor is shown."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from gateway.flow.audit import export_ledger, trust_of
from gateway.flow.carry import pack
from gateway.flow.consult import show_arrival
from gateway.flow.submit import Addressee
from gateway.ledger.findings import Severity
from gateway.ledger.inspection import inspect
from gateway.record.vocabulary import Purpose
from gateway.sealing.batch import parse_batch, parse_envelope
from gateway.sealing.bundle import parse_bundle
from gateway.v1 import marking_pb2
from gateway.v1 import record_pb2 as pb
from tests.flow import forge, oracle, records
from tests.flow.federation import BORDER, NL, RO, TO_NGO, TO_RO, Homes


def _withheld_differently(seed: random.Random) -> pb.Record:
    """Return the same record with other withheld content: names, phones, streets of other lengths."""
    record = records.small(1, name="N" + "a" * seed.randint(1, 60), given="G" + "e" * seed.randint(1, 30))
    victim = record.persons[0]
    victim.contacts[0].value = "+999" + "5" * seed.randint(4, 10)
    victim.addresses[0].place.street = "S" * seed.randint(1, 120)
    # Fields that leave at no rung may be there or not, within one bucket of leaves.
    if seed.random() < 0.5:
        victim.aliases.add(full="A" * seed.randint(1, 40))
    if seed.random() < 0.5:
        victim.statements.add(text="t" * seed.randint(1, 400))
    record.header.own_reference = f"X-{'9' * seed.randint(1, 20)}"
    if seed.random() < 0.5:
        victim.shelter.place.name, victim.shelter.place.country = "H" * seed.randint(1, 50), "NL"
    return record


def test_records_that_differ_only_in_what_is_withheld_look_alike_to_the_recipient(homes: Homes) -> None:
    """A33: neither the payload nor the envelope is a byte longer or shorter."""
    seed = random.Random(33)
    for _ in range(12):
        homes.push(_withheld_differently(seed))
    exchanges = [row[0] for row in oracle.query(homes.home(NL), "SELECT exchange_id FROM exchanges")]
    bundle, _ = pack(homes[NL], RO, homes.now)
    batch = parse_bundle(bundle).envelopes
    assert batch is not None

    bodies = [forge.release_of(homes[NL], exchange) for exchange in exchanges]
    sealed = [parse_envelope(one).sealed for one in parse_batch(batch).envelopes]

    assert len(bodies) == 12
    assert len({len(body) for body in bodies}) == 1
    assert len({len(data) for data in sealed}) == 1


def test_one_person_has_another_token_for_every_recipient_and_purpose(homes: Homes) -> None:
    record = records.small()
    records.mark(record.header.marking, RO, BORDER)
    record.header.marking.purposes.append(marking_pb2.PURPOSE_PROSECUTION)
    asked = [
        (RO, TO_RO),
        (RO, replace(TO_RO, purpose=Purpose.PROSECUTION)),
        (BORDER, replace(TO_RO, agency=BORDER)),
    ]
    tokens: list[set[str]] = []

    for recipient, addressee in asked:
        (exchange,) = homes.push(record, addressee).exchanges
        assert exchange.outcome.value == "release"
        homes.carry(recipient)
        shown = show_arrival(
            homes[recipient],
            exchange.exchange_id,
            purpose=addressee.purpose.token if addressee.purpose else "",
            actor="system/test",
            now=homes.now,
        )
        tokens.append(set(shown.pseudonyms.values()))

    assert all(tokens)
    everything = [token for found in tokens for token in found]
    assert len(everything) == len(set(everything))


def test_same_record_pushed_twice_is_not_linked_by_entity_names_or_tokens(homes: Homes) -> None:
    """Who sees both may find that they tell the same; nothing in them says that they are the same."""
    views = []
    for _ in range(2):
        (exchange,) = homes.push(records.small(), TO_RO).exchanges
        homes.carry(RO)
        views.append(
            show_arrival(
                homes[RO],
                exchange.exchange_id,
                purpose="investigation",
                actor="system/test",
                now=homes.now,
            )
        )

    names = [{key.split(":")[0] for key in view.rungs} - {"record/header"} for view in views]
    assert not names[0] & names[1]
    assert not set(views[0].pseudonyms.values()) & set(views[1].pseudonyms.values())


def test_submitted_ids_and_references_leave_with_nobody(homes: Homes) -> None:
    record = records.small()
    record.persons[0].id = "dossier-Zelda-17"
    record.accounts[0].holder = "dossier-Zelda-17"
    record.relationships[0].link.to = "dossier-Zelda-17"
    record.header.own_reference = "NL/ZAAK/2044/8812"
    record.header.author = "officer-jansen"
    (exchange,) = homes.push(record).exchanges
    homes.carry(RO)

    body = forge.release_of(homes[RO], exchange.exchange_id)
    words = ["dossier-Zelda-17", "NL/ZAAK/2044/8812", "officer-jansen"]

    assert oracle.places(words, {"payload": body}) == []
    homes.close()
    assert oracle.places(words, oracle.files_of(homes.home(NL), homes.home(RO))) == []


@pytest.mark.parametrize("openings", [False, True])
def test_export_with_openings_leaves_no_decision_unjudged(homes: Homes, openings: bool) -> None:
    homes.push(records.small(), TO_RO, TO_NGO)
    homes.push(records.small(2), TO_RO, ask=("person.name",))
    homes.carry(RO)
    files = export_ledger(homes[NL], homes.now, openings=openings)

    report = inspect(files, trust_of(homes[RO].directory))

    assert report.exit_code == 0
    unjudged = [found.code for found in report.findings if found.severity is Severity.NOT_JUDGED]
    assert unjudged == ([] if openings else ["openings-absent"])
    opened = files.get("openings.jsonl", b"").count(b"\n")
    # Two statements; a decision and its purpose for each of three exchanges.
    assert opened == (2 + 3 * 2 if openings else 0)


def test_opening_of_a_decision_that_was_altered_is_found(homes: Homes) -> None:
    homes.push(records.small(), TO_RO)
    files = export_ledger(homes[NL], homes.now, openings=True)
    rows = files["openings.jsonl"].split(b"\n")
    rows[0] = rows[0].replace(rows[0][-20:-10], rows[0][-10:-20:-1] or b"0" * 10)

    report = inspect({**files, "openings.jsonl": b"\n".join(rows)}, trust_of(homes[RO].directory))

    assert report.exit_code == 1


def test_ledger_of_one_agency_says_the_same_of_a_denial_as_of_nothing(homes: Homes) -> None:
    """Who was denied learns nothing: no envelope, no entry it is shown, no number that moves."""
    homes.push(
        records.small(), Addressee(agency=BORDER, purpose=TO_RO.purpose, legal_basis=TO_RO.legal_basis)
    )
    homes.push(records.small(2), TO_RO)
    homes.carry(RO)

    (released,) = (one for one in oracle.entries(homes.home(NL)) if one["kind"] == 6)

    assert released["pair_seq"] == 1
    assert oracle.query(homes.home(NL), "SELECT DISTINCT peer FROM outbox") == [(RO,)]
