"""What tools of other members pull from a running gateway: what was released to their member, and no more."""

from __future__ import annotations

import io
import json
from importlib.resources import files

import pytest
from taxii2client.v21 import as_pages

from tests.cli.doors import comity, ok
from tests.flow import oracle
from tests.live.houses import TO_NGO, TO_RO
from tests.live.taxii.conftest import FOR_NGO, FOR_RO, Pulled, pushed
from tests.live.taxii.tools import asked
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("events")


def test_outside_library_finds_the_collections_and_pages_through_what_was_released(pulled: Pulled) -> None:
    pushed(pulled.nl, TO_RO, TO_NGO)

    server = pulled.ro.server()
    found = {one.title: one for one in server.default.collections}
    one = found[FOR_RO]
    pages = list(as_pages(one.get_objects, per_request=3))
    told = [entry for page in as_pages(one.get_manifest) for entry in page["objects"]]

    objects = [each for page in pages for each in page["objects"]]
    assert server.api_roots == [server.default]
    assert set(found) == {FOR_RO, "For police.ro: victim-protection"}
    assert (one.can_read, one.can_write) == (True, False)
    assert all(len(page["objects"]) <= 3 for page in pages) and len(pages) > 2
    ids = [each["id"] for each in objects]
    assert len(ids) == len(set(ids))
    assert [entry["id"] for entry in told] == ids
    report = next(each for each in objects if each["type"] == "report")
    assert one.get_object(report["id"])["objects"] == [report]
    assert one.object_versions(report["id"])["versions"] == [report["modified"]]
    assert one.get_objects(type="report")["objects"] == [report]
    assert set(report["object_refs"]) <= set(ids)


def test_nothing_that_names_or_finds_a_victim_is_in_any_byte_that_is_answered(pulled: Pulled) -> None:
    pushed(pulled.nl, TO_RO, TO_NGO)
    told = json.loads(files("gateway.cli").joinpath("case.json").read_text("utf-8"))
    needles = _identifying(told)

    for tool, title in ((pulled.ro, FOR_RO), (pulled.ngo, FOR_NGO)):
        path = tool.collection_path(title)
        asked_for = ("", "objects/", "manifest/", "objects/?match[type]=identity")
        bodies = {name: tool.ask(path + name).body for name in asked_for}
        assert json.loads(bodies["objects/"])["objects"]
        assert len(needles) >= 5
        assert oracle.places(needles, bodies) == []


def _identifying(case: dict[str, list[dict[str, object]]]) -> list[str]:
    """Return the names, numbers and places of whoever is no suspect in a case."""
    spared = ("ROLE_SUSPECT", "ROLE_THIRD_PARTY")
    found: list[str] = []
    for person in case["persons"]:
        if person.get("role") not in spared:
            for part in ("names", "contacts", "addresses"):
                found += _texts(person.get(part, []))
    suspects = json.dumps([one for one in case["persons"] if one.get("role") in spared])
    return [text for text in found if len(text) >= 5 and "_" not in text and text not in suspects]


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for part in parts for text in _texts(part)]


def test_every_tool_sees_its_own_collections_alone(pulled: Pulled) -> None:
    pushed(pulled.nl, TO_RO)
    theirs = pulled.ro.collection_path(FOR_RO)
    one = pulled.ro.ask(theirs + "objects/?match[type]=report").json["objects"][0]["id"]

    for path in (theirs, theirs + "objects/", theirs + "manifest/", f"{theirs}objects/{one}/"):
        refused, absent = pulled.ngo.ask(path), pulled.ngo.ask(path.replace(theirs[20:24], "0000", 1))
        assert (refused.status, absent.status) == (404, 404)
        assert refused.body == absent.body
    mine = pulled.ngo.collection_path(FOR_NGO)
    assert pulled.ngo.ask(f"{mine}objects/{one}/").status == 404
    assert pulled.ngo.ask(f"{mine}objects/{one}/versions/").status == 404
    assert pulled.ngo.ask(mine + "objects/").json == {"more": False}


def test_what_came_since_is_pulled_by_the_date_of_the_last(pulled: Pulled) -> None:
    pushed(pulled.nl)
    path = pulled.ro.collection_path(FOR_RO) + "objects/"
    first = pulled.ro.ask(path)
    last = first.headers["x-taxii-date-added-last"]
    nothing = pulled.ro.ask(f"{path}?added_after={last}")
    pushed(pulled.nl)

    fresh = pulled.ro.ask(f"{path}?added_after={last}")

    assert nothing.json == {"more": False} and "x-taxii-date-added-last" not in nothing.headers
    reports = [
        [one["id"] for one in page.json["objects"] if one["type"] == "report"] for page in (first, fresh)
    ]
    assert all(len(one) == 1 for one in reports) and reports[0] != reports[1]
    assert fresh.headers["x-taxii-date-added-first"] > last


def test_tool_that_is_revoked_is_refused_at_once_on_a_connection_that_stands(pulled: Pulled) -> None:
    connection = pulled.ro.connect()
    before = asked(connection, "/comity/collections/")

    ok("access", "revoke", "taxii", "misp", "--home", pulled.nl.home)
    after = asked(connection, "/comity/collections/")
    connection.close()

    assert (before.status, after.status) == (200, 403)
    assert after.json["error_code"] == "revoked"


def test_tool_is_registered_and_listed_while_the_gateway_runs(pulled: Pulled) -> None:
    out = pulled.nl.folder / "cli.pem"
    words = ("--as", "police.ro", "--purpose", "investigation", "--new-key", "--out", out)

    made = ok("access", "add", "taxii", "from-cli", *words, "--home", pulled.nl.home)
    listed = ok("access", "list", "--home", pulled.nl.home)
    status = ok("status", "--home", pulled.nl.home)
    told = comity("status", "--home", pulled.nl.home)

    assert (made["as"], made["purposes"]) == ("police.ro", ["investigation"])
    assert ("from-cli", "police.ro") in [(one["name"], one["as"]) for one in listed["accesses"]]
    assert status["taxii"] == {"listen": pulled.nl.config.taxii_listen, "registered": 3}
    assert f"{pulled.nl.config.taxii_listen}, 3 registered" in told.out


@pytest.mark.parametrize(
    "words",
    [
        ("taxii", "x"),
        ("taxii", "x", "--as", "police.ro"),
        ("taxii", "x", "--purpose", "investigation"),
        ("system", "x", "--as", "police.ro", "--purpose", "investigation"),
        ("taxii", "x", "--as", "police.nl", "--purpose", "investigation"),
        ("taxii", "x", "--as", "police.xx", "--purpose", "investigation"),
        ("taxii", "x", "--as", "police.ro", "--purpose", "curiosity"),
        ("taxii", "misp", "--as", "shelter.ngo", "--purpose", "investigation"),
    ],
)
def test_tool_is_registered_for_another_member_and_a_purpose_or_not_at_all(
    words: tuple[str, ...], pulled: Pulled
) -> None:
    out = pulled.nl.folder / "none.pem"

    refused = comity("access", "add", *words, "--new-key", "--out", out, "--home", pulled.nl.home)

    assert refused.code in (1, 2)
    assert not out.exists()


def test_every_showing_stands_in_a_ledger_that_an_auditor_verifies(pulled: Pulled) -> None:
    (exchange,) = pushed(pulled.nl)
    pulled.ro.everything(FOR_RO)
    pulled.ro.everything(FOR_RO)
    size = pulled.nl.status().size
    for other in pulled.others:
        other.begin()  # They witness: without them nothing is signed.
    until(lambda: pulled.nl.status().cosigned_size >= size)
    pulled.nl.stop()

    reads = [one for one in oracle.entries(pulled.nl.home) if oracle.KINDS.get(one["kind"]) == "read"]

    assert [(one["exchange"], one["peer"]) for one in reads] == [(exchange, "police.ro")]
    assert pulled.nl.audit().exit_code == 0


def test_pages_are_logged_by_tool_and_number_and_nothing_else(pulled: Pulled, events: io.StringIO) -> None:
    pushed(pulled.nl)
    found = pulled.ro.everything(FOR_RO)

    text = events.getvalue()
    lines = [json.loads(line) for line in text.splitlines() if "taxii.answered" in line]

    assert {"method": "objects", "status": 200, "count": len(found), "role": "taxii/misp"}.items() <= (
        lines[-1].items()
    )
    assert all("dropped" not in line for line in lines)
    assert not any(each["id"] in text for each in found)
