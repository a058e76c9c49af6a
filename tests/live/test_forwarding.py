"""A record passed on between gateways that run: asked, agreed to, released, and verified two hops away."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from gateway import app
from gateway.errors import NotFound
from gateway.flow.review.approve import Word, answer_hold
from gateway.flow.review.enrol import add_officers
from gateway.ledger.findings import Severity
from gateway.record.moment import to_ms
from gateway.record.vocabulary import Duty
from gateway.tls.identity import Identity, Role
from gateway.v1.record_pb2 import Record
from keys.approval import sign_approval
from tests.cli.doors import comity, ok
from tests.flow.forwarding import WHY
from tests.flow.records import mark, small
from tests.flow.review import Crew, approval_for, crew
from tests.live.houses import NL, PASSPHRASE, RO, TO_RO, House, Push, copy_houses, found

BORDER: Final = "border.xx"
WAIT_S: Final = 60.0


@pytest.fixture
def three(tmp_path: Path) -> Iterator[dict[str, House]]:
    """Return three houses of police, nothing running yet."""
    folder = tmp_path / "template"
    folder.mkdir()
    found(folder, datetime.now(UTC).replace(microsecond=0), (NL, RO, BORDER))
    homes = tmp_path / "houses"
    homes.mkdir()
    made = copy_houses(folder, homes, NL, RO, BORDER)
    yield made
    for house in made.values():
        house.close()


def _enrolled(house: House) -> Crew:
    """Enrol two officers at a closed home."""
    officers, now = crew(), datetime.now(UTC)
    with app.open_gateway(house.config, PASSPHRASE, now) as gateway:
        files = [
            officers.anna.file(now, officers.bob, agency=house.agency),
            officers.bob.file(now, officers.anna, agency=house.agency),
        ]
        add_officers(gateway, files, now)
    return officers


def _approved(house: House, request: str, officers: Crew) -> str:
    """Have a releasing officer approve what is held at a closed home; return how the hold stands."""
    now = datetime.now(UTC)
    caller = Identity(agency=house.agency, role=Role.OPERATOR, name="console")
    with app.open_gateway(house.config, PASSPHRASE, now) as gateway:
        approval = approval_for(gateway, request, officers.anna, Duty.RLO)
        word = Word(signed=sign_approval(approval, officers.anna.signer), at_ms=to_ms(now), caller=caller)
        return answer_hold(gateway, word, now).state


def _until(is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + WAIT_S
    while not is_so():
        assert time.monotonic() < ends, "it never came to that"
        time.sleep(0.1)


def _record() -> bytes:
    record: Record = small()
    mark(record.header.marking, RO, BORDER)
    return record.SerializeToString(deterministic=True)


def test_record_goes_on_over_the_wire_once_its_originator_agreed(three: dict[str, House]) -> None:
    nl, ro, border = three[NL], three[RO], three[BORDER]
    officers = _enrolled(nl)
    for house in three.values():
        house.start()
    (pushed,) = nl.client().push_one(Push(record=_record(), to=[TO_RO])).exchanges
    _until(lambda: bool(ro.client().inbox("investigation")))

    asked = ok("record", "forward", pushed.exchange_id, "--to", BORDER, "--reason", WHY, "--home", ro.home)

    assert (asked["outcome"], asked["originator"]) == ("held", NL)
    onward = asked["exchange"]
    again = comity(
        "record", "forward", pushed.exchange_id, "--to", BORDER, "--reason", WHY, "--home", ro.home, "--json"
    )
    assert (again.code, again.object["code"]) == (1, "already-asked")
    _until(lambda: _is_held(nl, asked["request"]))
    nl.stop()
    assert ro.client().exchange(onward).state == "held"

    assert _approved(nl, asked["request"], officers) == "approved"
    nl.start()

    states = [seen.state for seen in ro.client().watch(onward, timeout_s=WAIT_S)]
    assert states[-1] == "delivered"
    (arrived,) = border.client().inbox("investigation")
    assert (arrived.sender, arrived.originator) == (RO, NL)
    verified = ok("record", "verify", arrived.exchange_id, "--home", border.home)
    assert verified["originator"] == NL
    for house in three.values():
        house.stop()
        errors = [one for one in house.audit().findings if one.severity is Severity.FINDING]
        assert errors == []


def _is_held(house: House, request: str) -> bool:
    """Tell whether a request is held where it was asked."""
    try:
        return house.client().exchange(request).state == "held"
    except NotFound:
        return False
