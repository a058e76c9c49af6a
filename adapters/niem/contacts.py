"""Contact information: telephones, mailboxes, web addresses, accounts of networks and messengers."""

from __future__ import annotations

from typing import Any, Final, TypeVar

from adapters.loss import Effect
from adapters.niem.elements import Part, add, add_text, prune
from adapters.values import number_of, token
from adapters.xml import Element
from gateway.v1 import record_pb2 as pb

Holder = TypeVar("Holder", pb.Contact, pb.AccountIdentity)

_TELEPHONE: Final = ("nc:ContactTelephoneNumber", "nc:FullTelephoneNumber", "nc:TelephoneNumberFullID")
_MESSENGER: Final = "nc:ContactInstantMessenger"
_NETWORK: Final = "nc:ContactSocialMedia"
_SERVICES: Final = (("messenger", _MESSENGER), ("social-handle", _NETWORK))
_ACCOUNT: Final = "nc:AccountID"
_PROVIDER: Final = "nc:ServiceProviderName"
_OTHER: Final = "nc:ContactInformationDescriptionText"
_SINGLE: Final = (("email", "nc:ContactEmailID"), ("url", "nc:ContactWebsiteURI"))


def read_contact(part: Part, held: Holder) -> Holder:
    """Read one address of communication into a contact or an account; the first that is stated counts."""
    found: list[tuple[str, str, str]] = []
    for number in part.parts(_TELEPHONE[0]):
        for full in number.parts(_TELEPHONE[1]):
            found += [("phone", text, "") for text in full.texts(_TELEPHONE[2])]
    for kind, name in _SINGLE:
        found += [(kind, text, "") for text in part.texts(name)]
    for kind, name in _SERVICES:
        for account in part.parts(name):
            found.append((kind, account.text(_ACCOUNT), account.text(_PROVIDER)))
    found += [("", text, "") for text in part.texts(_OTHER)]
    if len(found) > 1:
        part.lose(_OTHER, Effect.DROPPED, "states several addresses, of which the first is kept")
    for kind, value, provider in found[:1]:
        _set(held, kind, value, provider)
    return held


def _set(held: Any, kind: str, value: str, provider: str) -> None:
    if kind:
        held.kind = number_of(held, "kind", kind)
    if value:
        held.value = value
    if provider:
        held.provider = provider


def write_contact(parent: Element, held: pb.Contact | pb.AccountIdentity) -> None:
    """Write one address of communication; of a kind without an element its value alone."""
    kind = token(held, "kind")
    services, singles = dict(_SERVICES), dict(_SINGLE)
    if kind == "phone" and held.value:
        number = add(add(parent, _TELEPHONE[0]), _TELEPHONE[1])
        add_text(number, _TELEPHONE[2], held.value)
    elif kind in singles:
        add_text(parent, singles[kind], held.value)
    elif kind in services:
        account = add(parent, services[kind])
        add_text(account, _ACCOUNT, held.value)
        add_text(account, _PROVIDER, held.provider)
        prune(account)
    else:
        add_text(parent, _OTHER, held.value)
