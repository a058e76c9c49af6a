"""Attributes that stand in an event by themselves, outside any object: one entity each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from adapters.misp.found import Found
from adapters.misp.things_read import HASHES, read_hash
from gateway.v1 import record_pb2 as pb

_ACCOUNTS: Final[Mapping[str, tuple[pb.AccountKind.ValueType, str]]] = MappingProxyType(
    {
        "phone-number": (pb.ACCOUNT_KIND_PHONE, ""),
        **dict.fromkeys(("email", "email-src", "email-dst"), (pb.ACCOUNT_KIND_EMAIL, "")),
        **dict.fromkeys(("iban", "bank-account-nr"), (pb.ACCOUNT_KIND_BANK, "")),
        "cc-number": (pb.ACCOUNT_KIND_CARD, ""),
        **dict.fromkeys(("btc", "xmr", "dash"), (pb.ACCOUNT_KIND_CRYPTO, "")),
        **dict.fromkeys(("ip-src", "ip-dst"), (pb.ACCOUNT_KIND_IP, "")),
        "jabber-id": (pb.ACCOUNT_KIND_MESSENGER, "jabber"),
        "twitter-id": (pb.ACCOUNT_KIND_SOCIAL_HANDLE, "twitter"),
    }
)
_LINKS: Final = frozenset({"url", "uri", "link"})
_SITES: Final = frozenset({"domain", "hostname"})
_WORDS: Final = frozenset({"text", "comment", "other"})


def draw_attribute(found: Found, record: pb.Record) -> Any:
    """Add what an attribute names; return nothing for one of a type that is not read.

    A name alone gives nobody a role: whoever bears it is of unknown role, and protected.

    Raises:
        Malformed: code `bad-number` for a hash that is none.
    """
    found.taken = True
    if found.type in _ACCOUNTS:
        kind, provider = _ACCOUNTS[found.type]
        account = record.accounts.add(id=found.uuid)
        account.identity.kind, account.identity.value = kind, found.value
        if provider:
            account.identity.provider = provider
        return account
    if found.type in _LINKS | _SITES:
        content = record.online_contents.add(id=found.uuid)
        if found.type in _LINKS:
            content.content.url = found.value
        else:
            content.content.site = found.value
        return content
    name, _, algorithm = found.type.rpartition("|")
    if algorithm in HASHES and name in ("", "filename"):
        return _draw_file(found, name, algorithm, record)
    if found.type in _WORDS:
        return record.narratives.add(id=found.uuid, text=found.value)
    if found.type == "full-name":
        person = record.persons.add(id=found.uuid, role=pb.ROLE_UNKNOWN)
        person.names.add(full=found.value, kind=pb.NAME_KIND_PRIMARY)
        return person
    found.taken = False
    return None


def _draw_file(found: Found, name: str, algorithm: str, record: pb.Record) -> pb.DigitalArtefact:
    artefact = record.artefacts.add(id=found.uuid)
    if name:
        file_name, _, found.value = found.value.rpartition("|")
        if file_name:
            artefact.metadata.file_name = file_name
    artefact.hashes.append(read_hash(found, algorithm))
    return artefact
