"""Accounts: telephones, mailboxes, accounts of applications, and whatever else has an identifier."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from adapters.case_uco.canvas import Canvas, Members, instant, members, put, reference
from adapters.case_uco.case import Case
from adapters.case_uco.classes import ACCOUNT_CLASSES
from adapters.case_uco.node import Node
from adapters.document import Json
from adapters.loss import Effect
from gateway.v1 import record_pb2 as pb

_ACCOUNT: Final = "uco-observable:AccountFacet"
_CLASSES: Final[Mapping[int, str]] = MappingProxyType(
    {
        pb.ACCOUNT_KIND_PHONE: "uco-observable:PhoneAccount",
        pb.ACCOUNT_KIND_EMAIL: "uco-observable:EmailAccount",
        pb.ACCOUNT_KIND_SOCIAL_HANDLE: "uco-observable:ApplicationAccount",
        pb.ACCOUNT_KIND_MESSENGER: "uco-observable:ApplicationAccount",
        pb.ACCOUNT_KIND_OTHER: "uco-observable:DigitalAccount",
    }
)
_VALUES: Final = (
    ("uco-observable:PhoneAccountFacet", "uco-observable:phoneNumber"),
    ("uco-observable:MobileAccountFacet", "uco-observable:MSISDN"),
    ("uco-observable:EmailAddressFacet", "uco-observable:addressValue"),
    ("uco-observable:InstantMessagingAddressFacet", "uco-observable:addressValue"),
    ("uco-observable:IPv4AddressFacet", "uco-observable:addressValue"),
    ("uco-observable:IPv6AddressFacet", "uco-observable:addressValue"),
    ("uco-observable:IPAddressFacet", "uco-observable:addressValue"),
    (_ACCOUNT, "uco-observable:accountIdentifier"),
    ("uco-observable:DigitalAccountFacet", "uco-observable:accountLogin"),
)
"""Where the value of an account may stand, the first that states one counts."""


def read_account(case: Case, node: Node, account: pb.CommunicationAccount) -> None:
    """Read an account and who holds it."""
    identity = read_identity(case, node)
    if identity.ByteSize():
        account.identity.CopyFrom(identity)
    for facet in case.facets(node, _ACCOUNT):
        owner = facet.reference("uco-observable:owner")
        holder = case.id_of(owner)
        if holder and holder != account.id:
            account.holder = holder
        elif owner:
            facet.lose("uco-observable:owner", Effect.DROPPED, "names nothing that the record keeps")


def read_identity(case: Case, node: Node) -> pb.AccountIdentity:
    """Return what identifies an account."""
    identity = pb.AccountIdentity()
    kind = next((one for name, one in ACCOUNT_CLASSES.items() if name in node.types), 0)
    if kind:
        identity.kind = pb.AccountKind.ValueType(kind)
    value = _value(case, node)
    if value:
        identity.value = value
    provider = _provider(case, node)
    if provider:
        identity.provider = provider
    for facet in case.facets(node, "uco-observable:DigitalAccountFacet"):
        if shown := facet.text("uco-observable:displayName"):
            identity.display_name = shown
    return identity


def _value(case: Case, node: Node) -> str:
    for facet in case.facets(node, "uco-observable:EmailAccountFacet"):
        for iri in facet.references("uco-observable:emailAddress"):
            address = case.part(iri)
            if address is not None and (found := _value(case, address)):
                return found
        if "uco-observable:emailAddress" not in facet.seen and (
            found := facet.text("uco-observable:emailAddress")
        ):
            return found
    for name, property_ in _VALUES:
        for facet in case.facets(node, name):
            if found := facet.text(property_):
                return found
    return ""


def _provider(case: Case, node: Node) -> str:
    for facet in case.facets(node, _ACCOUNT):
        issuer = case.part(facet.reference("uco-observable:accountIssuer"))
        if issuer is not None and (name := issuer.text("uco-core:name")):
            return name
    for facet in case.facets(node, "uco-observable:ApplicationAccountFacet"):
        application = case.graph.get(facet.reference("uco-observable:application"))
        if application is None:
            continue
        application.used = True
        if name := application.text("uco-core:name"):
            return name
        for told in case.facets(application, "uco-observable:ApplicationFacet"):
            if name := told.text("uco-core:name"):
                return name
    return ""


def write_account(canvas: Canvas, account: pb.CommunicationAccount) -> None:
    """Write an account, who holds it, and when it was seen."""
    node = canvas.draw(account, _class_of(account.identity))
    write_identity(canvas, node, account.identity, owner=canvas.iris.get(account.holder, ""))
    write_observation(canvas, account, account.identity.seen)


def write_identity(
    canvas: Canvas, node: Members, identity: pb.AccountIdentity, *, owner: str = ""
) -> Members:
    """Write what identifies an account into its node, and return the node."""
    name = str(node["@type"])
    values: dict[str, Json] = {}
    if identity.provider:
        issuer = canvas.part(node, "issuer", "uco-identity:Organization")
        put(issuer, "uco-core:name", identity.provider)
        values["uco-observable:accountIssuer"] = issuer
    values["uco-observable:owner"] = reference(owner)
    if identity.kind == pb.ACCOUNT_KIND_PHONE:
        canvas.facet(node, "uco-observable:PhoneAccountFacet", {"uco-observable:phoneNumber": identity.value})
    elif identity.kind == pb.ACCOUNT_KIND_EMAIL and identity.value:
        address = canvas.part(node, "address", "uco-observable:EmailAddress")
        canvas.facet(
            address, "uco-observable:EmailAddressFacet", {"uco-observable:addressValue": identity.value}
        )
        canvas.facet(node, "uco-observable:EmailAccountFacet", {"uco-observable:emailAddress": address})
    elif name.endswith("Address"):
        canvas.facet(node, f"{name}Facet", {"uco-observable:addressValue": identity.value})
    else:
        values["uco-observable:accountIdentifier"] = identity.value
    canvas.facet(node, _ACCOUNT, values)
    shown = {"uco-observable:displayName": identity.display_name}
    canvas.facet(node, "uco-observable:DigitalAccountFacet", shown)
    return node


def account_within(canvas: Canvas, owner: Members, identity: pb.AccountIdentity, what: str) -> Members:
    """Return an account as a part of another node."""
    iri = canvas.iri(what, str(owner["@id"]))
    return write_identity(canvas, members(iri, _class_of(identity)), identity)


def write_observation(canvas: Canvas, entity: Any, seen: pb.Moment) -> None:
    """Write that something was observed at an instant."""
    at = instant(seen)
    if at is not None:
        node = canvas.add(canvas.iri("observation", entity.id), "uco-observable:Observation")
        put(node, "uco-action:object", reference(canvas.iris[entity.id]))
        put(node, "uco-action:startTime", at)


def _class_of(identity: pb.AccountIdentity) -> str:
    if identity.kind == pb.ACCOUNT_KIND_IP:
        try:
            return f"uco-observable:IPv{ipaddress.ip_address(identity.value).version}Address"
        except ValueError:
            return "uco-observable:Account"
    return _CLASSES.get(identity.kind, "uco-observable:Account")
