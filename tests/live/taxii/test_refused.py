"""What the port refuses: strangers, writing, other media, requests off their form, more than a share."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from gateway.client.connection import Connection
from gateway.errors import GatewayError
from gateway.taxii import port
from gateway.tls.credential import Credential, read_credential
from gateway.tls.identity import Role
from gateway.wire.methods import METHODS, Method
from tests.flow import oracle
from tests.live.houses import NL, RO, House
from tests.live.taxii.conftest import FOR_RO, Pulled, pushed
from tests.live.taxii.tools import Tool, asked, registered, with_port

pytestmark = pytest.mark.usefixtures("events")
NOTHING = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def port_of_nl(pair: dict[str, House]) -> Callable[[], Tool]:
    """Return what begins a gateway with a port and gives a tool of police.ro."""

    def begun() -> Tool:
        with_port(pair[NL])
        tool = registered(pair[NL], "misp", RO)
        pair[NL].begin()
        return tool

    return begun


@contextmanager
def raw(tool: Tool, context: ssl.SSLContext | None = None) -> Iterator[ssl.SSLSocket]:
    """Give a bare TLS connection."""
    host, _, number = tool.address.rpartition(":")
    with (
        socket.create_connection((host, int(number)), timeout=30) as plain,
        (context or tool.context()).wrap_socket(plain, server_hostname=host) as secured,
    ):
        yield secured


def said(tool: Tool, data: bytes) -> bytes:
    """Return all that is answered to these bytes until the port ends the connection, or is silent."""
    answer = b""
    with raw(tool) as connection:
        connection.settimeout(3)
        with suppress(OSError):
            connection.sendall(data)
        with suppress(OSError):
            while piece := connection.recv(65_536):
                answer += piece
    return answer


def test_nobody_is_let_in_without_a_certificate_of_this_agency(port_of_nl: Callable[[], Tool]) -> None:
    tool = port_of_nl()
    bare = ssl.create_default_context(cafile=str(tool.ca))
    old = tool.context()
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    foreign = ssl.create_default_context(cafile=str(tool.ca))
    foreign.load_cert_chain(tool.ca.parent / f"{RO}.pem")

    for context in (bare, old, foreign):
        with pytest.raises(OSError), raw(tool, context) as connection:
            connection.sendall(b"GET /taxii2/ HTTP/1.1\r\nHost: x\r\n\r\n")
            if not connection.recv(1):
                raise ConnectionResetError


def test_other_roles_are_refused_here_and_tools_are_refused_everywhere_else(pair: dict[str, House]) -> None:
    nl = pair[NL]
    with_port(nl)
    roles = (Role.SYSTEM, Role.AUDITOR, Role.OPERATOR)
    strangers = [registered(nl, f"a-{role.value}", RO, role=role) for role in roles]
    tool = registered(nl, "misp", RO)
    nl.begin()
    credential = read_credential(tool.identity.read_bytes())

    answers = [one.ask("/taxii2/") for one in strangers]
    refused = {
        (name, path): _refused(address, credential, method)
        for name, address in (("local", nl.config.local), ("peer", nl.config.listen))
        for path, method in METHODS.items()
        if not method.client_streams
    }

    assert {(one.status, one.json["error_code"]) for one in answers} == {(403, "wrong-port")}
    # What the port does not serve at all is not there for a tool either.
    assert {code for (name, _), code in refused.items() if name == "local"} == {
        "not-allowed",
        "transport-unimplemented",
    }
    assert {code for (name, _), code in refused.items() if name == "peer"} == {"transport-unavailable"}
    assert refused["local", "/gateway.v1.Operation/GetStatus"] == "not-allowed"


def _refused(address: str, credential: Credential, method: Method) -> str:
    with Connection(address, credential) as connection, pytest.raises(GatewayError) as error:
        connection.ask(method, method.request(), method.response)
    return error.value.code


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/taxii+json;version=2.1", 200),
        ("application/taxii+json; version=2.1", 200),
        ("application/taxii+json", 200),
        ("text/html, application/taxii+json;version=2.1;q=0.5", 200),
        ("*/*", 200),
        ("", 200),
        ("application/taxii+json;version=2.0", 406),
        ("application/vnd.oasis.taxii+json; version=2.0", 406),
        ("application/json", 406),
        ("application/stix+json;version=2.1", 406),
        ("text/html", 406),
        ("application/taxii+json;version=2.1;q=0", 406),
        (",;=", 406),
    ],
)
def test_media_types(accept: str, status: int, port_of_nl: Callable[[], Tool]) -> None:
    tool = port_of_nl()

    answer = tool.ask("/comity/", Accept=accept)

    assert answer.status == status
    assert answer.headers["content-type"] == "application/taxii+json;version=2.1"
    assert answer.headers["server"] == "comity"
    assert status == 200 or answer.json["http_status"] == str(status)


def test_whatever_would_write_is_refused_and_stores_nothing(pulled: Pulled) -> None:
    """A48: the port is for reading; nothing comes in by it."""
    pushed(pulled.nl)
    path = pulled.ro.collection_path(FOR_RO)
    one = pulled.ro.ask(path + "objects/?match[type]=report").json["objects"][0]["id"]
    before = oracle.counts(pulled.nl.home), oracle.size(pulled.nl.home)
    places = ("/taxii2/", "/comity/", path, path + "objects/", f"{path}objects/{one}/", path + "manifest/")

    answers = {
        (method, place): pulled.ro.ask(place, method).status
        for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "BREW")
        for place in places
    }
    elsewhere = pulled.ro.ask(f"/comity/collections/{NOTHING}/objects/", "POST").status

    assert answers.pop(("POST", path + "objects/")) == 403
    assert answers.pop(("DELETE", f"{path}objects/{one}/")) == 403
    assert set(answers.values()) <= {400, 405}
    assert elsewhere == 404
    assert (oracle.counts(pulled.nl.home), oracle.size(pulled.nl.home)) == before


def test_body_is_never_read(port_of_nl: Callable[[], Tool]) -> None:
    tool = port_of_nl()
    head = b"Host: x\r\nAccept: application/taxii+json;version=2.1\r\n"
    path = f"/comity/collections/{NOTHING}/objects/".encode()

    answers = [
        said(tool, b"POST " + path + b" HTTP/1.1\r\n" + head + b"Content-Length: 1073741824\r\n\r\n{}"),
        said(tool, b"GET /taxii2/ HTTP/1.1\r\n" + head + b"Content-Length: 5\r\n\r\nhello"),
        said(tool, b"GET /taxii2/ HTTP/1.1\r\n" + head + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ]

    assert [one.split(b" ", 2)[1] for one in answers] == [b"404", b"400", b"400"]
    assert all(one.count(b"HTTP/1.1") == 1 for one in answers)


SMUGGLED = b"GET /comity/ HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        b"GET /taxii2/ HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd" + SMUGGLED,
        b"GET /taxii2/ HTTP/1.1\r\nHost: x\r\nContent-Length: +4\r\n\r\nabcd" + SMUGGLED,
        b"GET /taxii2/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n" + SMUGGLED,
        b"GET /taxii2/ HTTP/1.1\r\nHost: x\r\nX: y\nTransfer-Encoding : chunked\r\n\r\n" + SMUGGLED,
        b"GET /taxii2/ HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 9_000 + b"\r\n\r\n" + SMUGGLED,
        b"GET /taxii2/" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n" + SMUGGLED,
        b"GET /taxii2/ HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n" + SMUGGLED,
        b"\x16\x03\x01 not http at all\r\n\r\n" + SMUGGLED,
        b"GET /taxii2/ HTTP/9.9\r\n\r\n" + SMUGGLED,
        b"GET\x00/taxii2/ HTTP/1.1\r\n\r\n" + SMUGGLED,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SMUGGLED,
    ],
    ids=range(12),
)
def test_broken_http_is_answered_once_and_no_second_request_is_taken_out_of_it(
    data: bytes, port_of_nl: Callable[[], Tool]
) -> None:
    tool = port_of_nl()

    answer = said(tool, data)

    assert answer.count(b"HTTP/1.1 ") <= 1
    assert b" 200 " not in answer
    assert not any(word in answer for word in (b"aiohttp", b"Traceback", b"Python", b"Error(", b"llhttp"))
    assert tool.ask("/taxii2/").status == 200


PATHS = [
    "/",
    "//taxii2/",
    "/taxii2",
    "/taxii2/../comity/",
    "/comity/collections",
    "/comity/%63ollections/",
    "/comity/collections/%2e%2e/",
    "/comity/collections/../../etc/passwd",
    f"/comity/collections/{NOTHING}/",
    f"/comity/collections/{NOTHING.upper()}/",
    "/comity/collections/' OR 1=1 --/".replace(" ", "%20"),
    f"/comity/collections/{NOTHING}/objects/%25/",
    f"/comity/collections/{NOTHING}/objects/identity--{NOTHING}/versions/more/",
    "/comity/status/1/",
    "http://elsewhere.invalid/taxii2/",
    "/taxii2/%00",
    "/taxii2/#x",
    "*",
]


def test_paths_that_are_none_are_not_found(port_of_nl: Callable[[], Tool]) -> None:
    tool = port_of_nl()

    found = {path: tool.ask(path).status for path in PATHS}

    assert set(found.values()) <= {400, 404}, found


QUERIES = [
    ("limit=-1", 400),
    ("limit=1.5", 400),
    ("limit=%d0%b0", 400),
    ("limit=99999999999", 400),
    ("limit=", 400),
    ("limit=1&limit=2", 400),
    ("added_after=yesterday", 400),
    ("added_after=2031-99-01T00:00:00Z", 400),
    ("added_after=2031-01-01", 400),
    ("next=abc", 400),
    ("next=" + "A" * 5_000, 400),
    ("match[size]=1", 400),
    ("match[version]=newest", 400),
    ("match[id]=", 400),
    ("match[id]=" + ",".join(["x"] * 65), 400),
    ("%ff=%ff", 400),
    ("&".join(f"a{number}=1" for number in range(40)), 400),
    ("match[id]=%25", 200),
    ("match[id]=%27%20OR%201%3D1%20--", 200),
    ("match[id]=report--_%25", 200),
    ("match[type]=%2A", 200),
    ("match[spec_version]=2.0", 200),
    ("added_after=2099-01-01T00:00:00Z", 200),
]


def test_queries_off_their_form_are_refused_and_no_text_of_them_means_more_than_itself(
    pulled: Pulled,
) -> None:
    """A51: SQL and LIKE."""
    pushed(pulled.nl)
    path = pulled.ro.collection_path(FOR_RO) + "objects/"

    found = [(query, pulled.ro.ask(f"{path}?{query}")) for query, _ in QUERIES]

    assert [(query, answer.status) for query, answer in found] == QUERIES
    assert all(answer.json == {"more": False} for _, answer in found if answer.status == 200)
    whole = pulled.ro.ask(path).json
    for query in ("limit=0", "limit=100", "match[version]=all", "match[spec_version]=2.1,2.0", "colour=red"):
        assert pulled.ro.ask(f"{path}?{query}").json == whole


def test_head_is_answered_like_get_without_its_body(pulled: Pulled) -> None:
    pushed(pulled.nl)
    path = pulled.ro.collection_path(FOR_RO) + "objects/"

    head, whole = pulled.ro.ask(path, "HEAD"), pulled.ro.ask(path)

    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == str(len(whole.body))


def test_error_nobody_foresaw_is_told_by_its_number_alone(
    pulled: Pulled, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError("Verzonnenova lives at Denkbeeldigestraat")

    monkeypatch.setattr("gateway.taxii.service.page_of", fails)
    answer = pulled.ro.ask(pulled.ro.collection_path(FOR_RO) + "objects/")

    assert answer.status == 500
    assert set(answer.json) == {"title", "error_code", "http_status", "error_id"}
    assert b"Verzonnen" not in answer.body


def test_one_tool_holds_no_more_connections_than_it_may(port_of_nl: Callable[[], Tool]) -> None:
    tool = port_of_nl()
    held = [tool.connect() for _ in range(port.CONNECTIONS_PER_CLIENT_MAX)]
    answers = [asked(one, "/taxii2/").status for one in held]

    with pytest.raises((OSError, ConnectionError)), raw(tool) as more:
        more.sendall(b"GET /taxii2/ HTTP/1.1\r\nHost: x\r\n\r\n")
        if not more.recv(1):
            raise ConnectionResetError
    held.pop().close()

    assert set(answers) == {200}
    for one in held:
        one.close()


def test_connection_that_says_too_little_is_ended(
    port_of_nl: Callable[[], Tool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(port, "IDLE_S", 0.5)
    tool = port_of_nl()

    with raw(tool) as connection:
        connection.sendall(b"GET /taxii2/ HTTP/1.1\r\nX-Slow: ")
        connection.settimeout(20)
        with suppress(ConnectionResetError):
            assert connection.recv(1) == b""
