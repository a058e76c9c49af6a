"""Tools of other members that pull from a running gateway: the outside client library, and bare requests."""

from __future__ import annotations

import http.client
import json
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from taxii2client.v21 import Collection, Server

from gateway import app
from gateway.flow.access import Pulling, add_access
from gateway.tls.credential import new_request
from gateway.tls.identity import Identity, Role
from tests.live.houses import PASSPHRASE, House, free_port

ACCEPT = "application/taxii+json;version=2.1"
_BOTH = ("investigation", "victim-protection")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back of a bare request."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One registered tool: where it pulls, and the files it shows and trusts."""

    address: str
    identity: Path
    ca: Path

    def server(self) -> Server:
        """Return the outside library's client."""
        url = f"https://{self.address}/taxii2/"
        return Server(url, cert=(str(self.identity), str(self.identity)), verify=str(self.ca))

    def collections(self) -> dict[str, Collection]:
        """Return the library's collections by title."""
        return {one.title: one for one in self.server().default.collections}

    def context(self) -> ssl.SSLContext:
        """Return a TLS side that shows this tool's certificate."""
        context = ssl.create_default_context(cafile=str(self.ca))
        context.load_cert_chain(self.identity)
        return context

    def connect(self) -> http.client.HTTPSConnection:
        """Return a connection for bare requests; close it."""
        return http.client.HTTPSConnection(self.address, context=self.context(), timeout=30)

    def ask(self, target: str, method: str = "GET", **headers: str) -> Reply:
        """Return what a bare request is answered."""
        connection = self.connect()
        try:
            return asked(connection, target, method, **headers)
        finally:
            connection.close()

    def collection_path(self, title: str) -> str:
        """Return the path of a collection."""
        listed = self.ask("/comity/collections/").json["collections"]
        return next(f"/comity/collections/{one['id']}/" for one in listed if one["title"] == title)

    def everything(self, title: str, query: str = "") -> list[dict[str, Any]]:
        """Return all objects of a collection, page by page."""
        path, found, following = self.collection_path(title) + "objects/", [], ""
        while True:
            words = "&".join(word for word in (query, following) if word)
            page = self.ask(f"{path}?{words}").json
            found += page.get("objects", [])
            if not page["more"]:
                return found
            following = f"next={page['next']}"


def asked(connection: http.client.HTTPSConnection, target: str, method: str = "GET", **headers: str) -> Reply:
    """Return what a request on an open connection is answered."""
    sent = {"Accept": ACCEPT, **headers}
    connection.request(method, target, headers={name: value for name, value in sent.items() if value})
    response = connection.getresponse()
    return Reply(
        status=response.status,
        headers={name.lower(): value for name, value in response.getheaders()},
        body=response.read(),
    )


def with_port(house: House) -> None:
    """Give a closed home a port where tools pull."""
    file = house.home / "comity.toml"
    file.write_text(f'{file.read_text()}taxii_listen = "127.0.0.1:{free_port()}"\n')


def registered(
    house: House, name: str, agency: str, *, purposes: tuple[str, ...] = _BOTH, role: Role = Role.TAXII
) -> Tool:
    """Return a tool registered at a closed home; with another role, somebody who is none."""
    now = datetime.now(UTC)
    key, request = new_request(Identity(agency=house.agency, role=role, name=name))
    pulling = Pulling(agency=agency, purposes=purposes) if role is Role.TAXII else None
    with app.open_gateway(house.config, PASSPHRASE, now) as gateway:
        _, files = add_access(
            gateway, role.value, name, request_pem=request, life=timedelta(days=1), now=now, pulling=pulling
        )
        authority = gateway.authority.certificate
    identity, ca = house.folder / f"{name}.pem", house.folder / f"{house.agency}-ca.pem"
    identity.touch(mode=0o600)
    identity.write_bytes(key + files)
    ca.write_bytes(authority)
    return Tool(address=house.config.taxii_listen, identity=identity, ca=ca)
