"""`comity access` at a running gateway: who may what, from the moment it is given until it is taken."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Queue

import pytest

from gateway.client import Gateway, Push
from gateway.errors import Forbidden, GatewayError, VerificationFailed
from gateway.tls.credential import new_request
from gateway.tls.identity import Identity, Role
from tests.cli.doors import comity, ok
from tests.live.houses import NL, RO, TO_RO, House, case
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("events")


@pytest.fixture
def nl(pair: dict[str, House]) -> House:
    """Return a house whose gateway runs, and whose ledger a witness has seen."""
    pair[RO].begin()
    pair[NL].begin()
    until(lambda: pair[NL].status().cosigned_size)
    return pair[NL]


def given(nl: House, role: str, name: str = "anna") -> Path:
    """Give access to somebody, and return the identity file."""
    out = nl.folder / f"{name}.pem"
    ok("access", "add", role, name, "--new-key", "--out", out, "--home", nl.home)
    return out


def at(nl: House, identity: Path) -> tuple[str | Path, ...]:
    """Return the options of somebody who works from another machine."""
    return ("--gateway", nl.config.local, "--identity", identity)


def test_auditor_may_export_and_not_push(nl: House, tmp_path: Path) -> None:
    anna = given(nl, "auditor")

    told = ok("audit", "export", tmp_path / "export", *at(nl, anna))
    with Gateway(nl.config.local, anna) as client, pytest.raises(Forbidden) as refused:
        client.push_one(Push(record=case(), to=[TO_RO]))

    assert told["origin"] == f"comity.ledger/{NL}/1"
    verdict = ok("audit", "verify", tmp_path / "export", "--trust", nl.folder / RO)
    assert verdict["verdict"] == "clean"
    assert refused.value.code == "not-allowed"


def test_system_may_push_and_neither_export_nor_see_how_the_gateway_stands(nl: House, tmp_path: Path) -> None:
    pushed = nl.client().push_one(Push(record=case(), to=[TO_RO]))
    exported = comity("audit", "export", tmp_path / "export", *at(nl, nl.identity), "--json")
    seen = comity("status", *at(nl, nl.identity), "--json")

    assert pushed.problem is None
    assert (exported.code, exported.object["code"]) == (1, "not-allowed")
    assert (seen.code, seen.object["code"]) == (1, "not-allowed")
    assert not (tmp_path / "export").exists()


def test_operator_works_from_another_machine(nl: House, tmp_path: Path) -> None:
    olga = given(nl, "operator", "olga")

    assert ok("status", *at(nl, olga))["agency"] == NL
    assert ok("doctor", RO, *at(nl, olga))["peer"] == RO
    assert ok("audit", "export", tmp_path / "export", *at(nl, olga))["files"] > 0


def test_request_of_whoever_holds_the_key_is_answered_with_a_certificate_only(nl: House) -> None:
    key, asked = new_request(Identity(agency=NL, role=Role.SYSTEM, name="other"))
    request, out = nl.folder / "other.csr", nl.folder / "other.crt"
    request.write_bytes(asked)

    ok("access", "add", "system", "other", "--request", request, "--out", out, "--home", nl.home)

    assert b"PRIVATE" not in out.read_bytes()
    identity = nl.folder / "other.pem"
    identity.touch(mode=0o600)
    identity.write_bytes(key + out.read_bytes())
    with Gateway(nl.config.local, identity) as client:
        assert client.find("none") == []


def test_certificate_of_a_stopped_home_holds_once_the_gateway_runs(pair: dict[str, House]) -> None:
    nl = pair[NL]
    kept, lost = given(nl, "system", "kept"), given(nl, "system", "lost")
    ok("access", "revoke", "system", "lost", "--home", nl.home)
    nl.begin()

    with Gateway(nl.config.local, kept) as client:
        assert client.find("none") == []
    with Gateway(nl.config.local, lost) as client, pytest.raises(Forbidden) as refused:
        client.find("none")
    assert refused.value.code == "revoked"


@pytest.mark.parametrize("running", [False, True], ids=["stopped", "running"])
def test_console_is_nobody_that_a_certificate_is_issued_for(running: bool, pair: dict[str, House]) -> None:
    nl = pair[NL]
    if running:
        nl.begin()
    out = nl.folder / "console.pem"

    answer = comity(
        *("access", "add", "operator", "console", "--new-key", "--out", out), "--home", nl.home, "--json"
    )

    assert (answer.code, answer.object["code"]) == (1, "bad-name")
    assert not out.exists()
    assert [one["name"] for one in ok("access", "list", "--home", nl.home)["accesses"]] == ["records"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("officer", "anna", "--new-key", "--out", "OUT"),
        ("gateway", "anna", "--new-key", "--out", "OUT"),
        ("system", "Anna B", "--new-key", "--out", "OUT"),
        ("system", "anna", "--new-key", "--out", "OUT", "--days", "0"),
        ("system", "anna", "--new-key", "--out", "OUT", "--days", "398"),
        ("system", "anna", "--out", "OUT"),
        ("system", "anna", "--new-key", "--request", "OUT", "--out", "OUT"),
        ("system", "anna", "--new-key", "--out", "nowhere/anna.pem"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_given_is_wrong_usage_and_leaves_nothing(
    arguments: tuple[str, ...], pair: dict[str, House], tmp_path: Path
) -> None:
    """A certificate in the ledger whose key was never written would be nobody's."""
    out = tmp_path / "anna.pem"
    words = [str(out) if word == "OUT" else word for word in arguments]

    answer = comity("access", "add", *words, "--home", pair[NL].home, "--json")

    assert answer.code == 2
    assert not out.exists()
    accesses = ok("access", "list", "--home", pair[NL].home)["accesses"]
    assert [one["name"] for one in accesses] == ["records"]


def test_file_that_exists_is_not_written_over(pair: dict[str, House], tmp_path: Path) -> None:
    out = tmp_path / "anna.pem"
    out.write_text("kept")

    answer = comity(
        *("access", "add", "system", "anna", "--new-key", "--out", out), "--home", pair[NL].home, "--json"
    )

    assert (answer.code, answer.object["code"]) == (1, "exists")
    assert out.read_text() == "kept"


def test_identity_file_is_its_owners_alone(nl: House) -> None:
    anna = given(nl, "operator")
    assert anna.stat().st_mode & 0o777 == 0o600
    anna.chmod(0o640)

    answer = comity("status", *at(nl, anna), "--json")

    assert (answer.code, answer.object["code"]) == (2, "wrong-mode")


def test_identity_of_another_agency_finds_that_this_is_not_its_gateway(nl: House) -> None:
    theirs = nl.folder / f"{RO}.pem"

    answer = comity("status", *at(nl, theirs), "--json")
    with Gateway(nl.config.local, theirs) as client, pytest.raises(VerificationFailed) as refused:
        client.find("none")

    assert (answer.code, answer.object["code"]) == (1, "other-gateway")
    assert RO in answer.object["error"]
    assert refused.value.code == "other-gateway"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--gateway", "127.0.0.1:1"), 2),
        (("--identity", "anna.pem"), 2),
        (("--gateway", "nonsense", "--identity", "anna.pem"), 2),
        (("--gateway", "127.0.0.1:1", "--identity", "nowhere.pem"), 2),
        ((), 2),
    ],
    ids=["no identity", "no gateway", "no address", "no file", "nothing"],
)
def test_who_asks_whom_is_said_whole(
    options: tuple[str, ...], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COMITY_HOME", raising=False)

    assert comity("status", *options, "--json").code == code
    assert comity("audit", "export", "nowhere", *options, "--json").code == code


def revoke(nl: House) -> None:
    ok("access", "revoke", "system", "records", "--home", nl.home)


def test_revoked_system_is_refused_at_its_next_call(nl: House) -> None:
    client = nl.client()
    assert client.find("none") == []

    revoke(nl)

    with pytest.raises(Forbidden) as refused:
        client.find("none")
    assert refused.value.code == "revoked"
    (row,) = [one for one in ok("access", "list", "--home", nl.home)["accesses"] if one["name"] == "records"]
    assert row["revoked_at"] is not None


def test_revoked_system_is_refused_in_the_middle_of_a_push(nl: House) -> None:
    more: Queue[Push | None] = Queue()
    answers = nl.client().push(iter(more.get, None), batch=1)
    more.put(Push(record=case(reference="before"), to=[TO_RO]))
    assert next(answers).problem is None

    revoke(nl)
    more.put(Push(record=case(reference="after"), to=[TO_RO]))

    with pytest.raises(Forbidden) as refused:
        next(answers)
    more.put(None)
    assert refused.value.code == "revoked"
    other = given(nl, "system", "other")
    with Gateway(nl.config.local, other) as client:
        assert len(client.find("before")) == 1
        assert client.find("after") == []


def test_revoked_system_is_refused_while_it_waits_at_its_inbox(nl: House) -> None:
    ended: Queue[GatewayError] = Queue()

    def follow() -> Iterator[None]:
        try:
            for _ in nl.client().inbox("investigation", follow=True, timeout_s=20):
                yield
        except GatewayError as exc:
            ended.put(exc)

    before = _inboxes(nl)
    reader = threading.Thread(target=lambda: list(follow()), daemon=True)
    reader.start()
    until(lambda: _inboxes(nl) > before)

    revoke(nl)

    failure = ended.get(timeout=5)
    assert (type(failure), failure.code) == (Forbidden, "revoked")


def _inboxes(nl: House) -> int:
    return next((one.value for one in nl.status().counters if one.name == "rpc.Inbox"), 0)
