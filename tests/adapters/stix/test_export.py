"""A bundle that leaves: stripped first, marked second, and read by its receiver with what binds it."""

from __future__ import annotations

from dataclasses import replace

from adapters.export import Disclosed, export
from adapters.stix.format import Stix21
from gateway.record.marking import BOTTOM, Holders
from gateway.v1 import record_pb2 as pb
from tests.adapters.views import TODAY


def test_victim_leaves_under_her_pseudonym_and_the_marking_comes_along() -> None:
    record = pb.Record()
    victim = record.persons.add(id="person/aaaaaaaaaa", role=pb.ROLE_VICTIM)
    victim.names.add(full="Ilinca Exemplu")
    victim.contacts.add(kind=pb.CONTACT_KIND_PHONE, value="+999 5550")
    marking = replace(BOTTOM, holders=Holders.ORGANISATION, rel=frozenset({"police.nl"}))
    disclosed = Disclosed(
        record=record, marking=marking, discloser="police.ro", pseudonyms={victim.id: "XA-V-1"}
    )

    exported = export([disclosed], Stix21(), form="json", today=TODAY, exercise=True)

    (draft,) = Stix21().parse(exported.data, today=TODAY, exercise=True)
    assert b"Ilinca" not in exported.data
    assert b"5550" not in exported.data
    assert draft.record.persons[0].foreign_pseudonym == "XA-V-1"
    handling = draft.record.header.source_handling
    assert handling == exported.views[0].record.header.source_handling
    assert handling.traffic_light == "TLP:AMBER+STRICT"
    assert "REL TO police.nl" in handling.codes
