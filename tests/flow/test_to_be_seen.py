"""A verified disclosure leaves while what is protected stays: searched for in every byte there is."""

from __future__ import annotations

import base64
import io
import json
import logging
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from itertools import combinations

import pytest

from gateway.cli.main import run
from gateway.flow.audit import export_ledger
from gateway.flow.consult import arrivals, show_arrival, show_own
from gateway.flow.preview import preview, withheld_everywhere
from gateway.flow.verify import verify
from tests.flow import forge, oracle, records
from tests.flow.federation import NGO, NL, PASSPHRASE, RO, TO_NGO, TO_RO, Homes, item

MINORS_NAME = ("Sânziana", "Închipuitu")


@dataclass
class Played:
    """The demonstration's case after it went to both recipients; `bodies` are the opened payloads."""

    homes: Homes
    record_id: str
    protected: list[str]
    exchanges: dict[str, str]
    bodies: dict[str, bytes]
    told: bytes


@pytest.fixture(scope="module")
def played(quiet: Homes) -> Iterator[Played]:
    """Play the case once; everything that was printed or logged meanwhile is kept."""
    written, handler = io.StringIO(), logging.StreamHandler(stream := io.StringIO())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with redirect_stdout(written), redirect_stderr(written):
            protected, record_id, exchanges = _play(quiet)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    yield Played(
        homes=quiet,
        record_id=record_id,
        protected=protected,
        exchanges=exchanges,
        bodies={agency: forge.release_of(quiet[agency], exchanges[agency]) for agency in (RO, NGO)},
        told=(written.getvalue() + stream.getvalue()).encode(),
    )


def _play(homes: Homes) -> tuple[list[str], str, dict[str, str]]:
    case = records.demonstration()
    protected = withheld_everywhere(preview(homes[NL], item(case, TO_RO, TO_NGO), homes.now))
    answer = homes.push(case, TO_RO, TO_NGO)
    homes.push(case, TO_RO, ask=("person.name",))
    for agency in (RO, NGO):
        homes.carry(agency)
    for agency in (NL, RO, NGO):
        export_ledger(homes[agency], homes.now)
        homes.close(agency)
        for command in (["inbox", "list"], ["keys", "list"]):
            run([*command, "--home", str(homes.home(agency)), "--json"])
    return protected, answer.record_id, {one.recipient: one.exchange_id for one in answer.exchanges}


def test_disclosure_to_the_shelter_verifies_under_its_originators_signature(played: Played) -> None:
    found = verify(played.homes[NGO], played.exchanges[NGO], played.homes.now)

    assert (found.originator, found.record_id) == (NL, played.record_id)
    assert 0 < found.portions < found.leaves


def test_protected_values_are_many_were_pushed_and_are_readable_at_home(played: Played) -> None:
    shown = show_own(
        played.homes[NL], played.record_id, purpose="investigation", actor="system/test", now=played.homes.now
    )
    pushed = records.demonstration()
    readable = json.dumps(shown.record, ensure_ascii=False)

    assert len(played.protected) >= 15
    assert set(MINORS_NAME) <= set(played.protected)
    assert [value for value in played.protected if value.encode() not in pushed] == []
    assert [
        value for value in played.protected if json.dumps(value, ensure_ascii=False)[1:-1] not in readable
    ] == []


@pytest.mark.parametrize("agency", [RO, NGO])
def test_no_protected_value_stands_in_the_opened_payload(played: Played, agency: str) -> None:
    assert len(played.bodies[agency]) > 1_000

    assert oracle.places(played.protected, {agency: played.bodies[agency]}) == []


def test_search_finds_what_is_there_in_every_spelling(played: Played) -> None:
    """The other searches of this module mean something only if this one finds."""
    (name,) = MINORS_NAME[:1]
    seen = "Plăsmuitu"

    for form in oracle.forms(name):
        assert oracle.places([name], {"there": b"\x01" * 7 + form + b"\x02" * 5}) == [(name, "there")]
    assert oracle.places([seen], {RO: played.bodies[RO]}) == [(seen, RO)]
    for shift in range(3):
        text = base64.b64encode(b"#" * shift + name.encode() + b" and more")
        assert oracle.places([name], {"there": text}) == [(name, "there")]


def test_no_protected_value_stands_in_any_file_while_the_homes_are_open(played: Played) -> None:
    for agency in (NL, RO, NGO):
        played.homes.opened(agency)

    files = oracle.files_of(played.homes.folder)

    assert any(name.endswith("store.db") for name in files)
    assert oracle.places(played.protected, files) == []


def test_nothing_of_the_record_stands_in_clear_on_the_disk_of_anybody(played: Played) -> None:
    """A39: what was released is no secret to its recipient, and still none to who takes the disk."""
    released = ["Plăsmuitu", "van Verzinsel", "Club Luchtkasteel", "XX 99 ZZZ", "XNL-2031-0000417"]
    played.homes.close()

    files = oracle.files_of(played.homes.folder)

    assert oracle.places([*played.protected, *released], files) == []


def test_keys_and_passphrase_stand_in_no_file_but_their_own(played: Played) -> None:
    gateway = played.homes[NL]
    secrets = {
        "storage": gateway.storage_secret,
        "pseudonym": gateway.pseudonym_secret,
        "ledger": gateway.ledger_mldsa_seed,
    }
    files = oracle.files_of(played.homes.folder)

    assert [
        (name, file) for name, secret in secrets.items() for file, data in files.items() if secret in data
    ] == []
    assert {file.rsplit("/", 1)[-1] for file, data in files.items() if PASSPHRASE in data} == {"passphrase"}
    assert not any(secret.hex() in repr(gateway) for secret in secrets.values())
    assert not any(repr(secret) in repr(gateway) for secret in secrets.values())


def test_nothing_that_was_printed_or_logged_names_anybody(played: Played) -> None:
    assert played.told

    assert oracle.places([*played.protected, "Plăsmuitu"], {"told": played.told}) == []


def test_ledgers_say_nothing_of_the_record(played: Played) -> None:
    ledgers = {
        agency: json.dumps(oracle.entries(played.homes.home(agency))).encode() for agency in (NL, RO, NGO)
    }
    exported = {
        f"{agency}/{name}": data
        for agency in (NL, RO, NGO)
        for name, data in export_ledger(played.homes[agency], played.homes.now, openings=True).items()
    }
    words = [*played.protected, "Plăsmuitu", "XNL-2031-0000417", played.record_id]

    assert oracle.places(words, ledgers) == []
    assert oracle.places(words, exported) == []


def test_recipient_reads_what_was_released_and_the_shelter_sees_its_own_client_only(played: Played) -> None:
    homes = played.homes
    seen = {
        agency: json.dumps(
            show_arrival(
                homes[agency], played.exchanges[agency], purpose=purpose, actor="system/test", now=homes.now
            ).record,
            ensure_ascii=False,
        )
        for agency, purpose in ((RO, "investigation"), (NGO, "victim-protection"))
    }

    assert "Plăsmuitu" in seen[RO] and "XX 99 ZZZ" in seen[RO]
    assert "Născocilă" in seen[NGO] and "Născocilă" not in seen[RO]
    assert "Plăsmuitu" not in seen[NGO] and "XX 99 ZZZ" not in seen[NGO]
    assert all(value not in text for value in MINORS_NAME for text in seen.values())


def test_neither_recipient_holds_an_id_name_or_key_of_the_other(played: Played) -> None:
    """A38: who else received it is not for a recipient to know."""
    for one, other in ((RO, NGO), (NGO, RO)):
        keys = played.homes[NL].directory.keys_of(other).keys
        words = [other, played.exchanges[other], *(key.key_id for key in keys)]
        assert oracle.places(words, {one: played.bodies[one]}) == []
        assert not any(key.public in played.bodies[one] for key in keys)


def test_recipients_of_one_record_share_no_pseudonym(played: Played) -> None:
    """A31: what is common to both is the statement and its portions, by design; no token is."""
    tokens = {}
    for agency, purpose in ((RO, "investigation"), (NGO, "victim-protection")):
        shown = show_arrival(
            played.homes[agency],
            played.exchanges[agency],
            purpose=purpose,
            actor="system/test",
            now=played.homes.now,
        )
        tokens[agency] = set(shown.pseudonyms.values())

    assert all(tokens.values())
    for one, other in combinations(tokens.values(), 2):
        assert not {a for a in one for b in other for n in range(len(a) - 5) if a[n : n + 6] in b}


def test_quiet_homes_show_only_what_came(played: Played) -> None:
    assert [one.outcome for one in arrivals(played.homes[RO])] == ["received"]
    assert [one.outcome for one in arrivals(played.homes[NGO])] == ["received"]
