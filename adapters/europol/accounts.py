"""Kinds of accounts that share a code with others: the line that tells them apart."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.europol.codes import COMMUNICATION, CONTACTS, number_of_code
from adapters.values import token
from gateway.v1 import record_pb2 as pb

ACCOUNT: Final = "account"
"""Of an URL: that it stands for an account, not for what was seen there."""

_NOT_STATED: Final = "not stated"
_LABEL: Final = "Kind: "
_ACCOUNTS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "messenger": pb.ACCOUNT_KIND_MESSENGER,
        "other": pb.ACCOUNT_KIND_OTHER,
        ACCOUNT: pb.ACCOUNT_KIND_URL,
        _NOT_STATED: pb.ACCOUNT_KIND_UNSPECIFIED,
    }
)
_CONTACTS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "messenger": pb.CONTACT_KIND_MESSENGER,
        "other": pb.CONTACT_KIND_OTHER,
        _NOT_STATED: pb.CONTACT_KIND_UNSPECIFIED,
    }
)


def write_account_line(identity: pb.AccountIdentity) -> str:
    """Return the line of an account whose kind has no code of its own; nothing for another."""
    if identity.kind == pb.ACCOUNT_KIND_URL:
        return _LABEL + ACCOUNT
    return _line(identity) if identity.kind in _ACCOUNTS.values() else ""


def write_contact_line(contact: pb.Contact) -> str:
    """Return the line of a contact whose kind has no code of its own; nothing for another."""
    return _line(contact) if contact.kind in _CONTACTS.values() else ""


def split_line(remark: str) -> tuple[str, str]:
    """Return the word of such a line at the beginning of a remark, and the rest."""
    first, _, rest = remark.partition("\n")
    word = first.removeprefix(_LABEL)
    return (word, rest) if word != first and word in _ACCOUNTS else ("", remark)


def read_account_kind(identity: pb.AccountIdentity, code: str, word: str) -> None:
    """Set the kind of an account from its code, or from the line that says more."""
    found = _ACCOUNTS[word] if word else number_of_code(COMMUNICATION, code)
    if found:
        identity.kind = pb.AccountKind.ValueType(found)


def read_contact_kind(contact: pb.Contact, code: str, word: str) -> None:
    """Set the kind of a contact from its code, or from the line that says more."""
    found = _CONTACTS.get(word, 0) if word else number_of_code(CONTACTS, code)
    if found:
        contact.kind = pb.ContactKind.ValueType(found)


def _line(message: pb.AccountIdentity | pb.Contact) -> str:
    return _LABEL + (token(message, "kind") or _NOT_STATED)
