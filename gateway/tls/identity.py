"""Who a certificate speaks for: one SPIFFE id, under the trust domain of the agency that issued it.

Source: DESIGN section 9; SPIFFE-ID section 2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.errors import Malformed
from gateway.record.text import check_agency_id

_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_SCHEME: Final = "spiffe://"


class Role(StrEnum):
    """What a certificate's holder is to its agency."""

    GATEWAY = "gateway"
    SYSTEM = "system"
    OFFICER = "officer"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    TAXII = "taxii"


ISSUED: Final = (Role.SYSTEM, Role.AUDITOR, Role.OPERATOR, Role.TAXII)
"""Roles that `comity access` issues certificates for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """An agency, a role and a name; `name` is empty for the gateway itself and for nobody else."""

    agency: str
    role: Role
    name: str = ""

    def __post_init__(self) -> None:
        check_agency_id(self.agency, "identity.agency")
        if (self.role is Role.GATEWAY) != (not self.name):
            raise Malformed("has a name exactly where it is no gateway", field="identity.name")
        if self.name:
            check_name(self.name, "identity.name")

    @property
    def uri(self) -> str:
        """The SPIFFE id."""
        return f"{_SCHEME}{self.agency}/{self.actor}"

    @property
    def host(self) -> str:
        """The DNS name: the agency id for its gateway, and never that for anybody else."""
        return f"{self.name}.{self.role.value}.{self.agency}" if self.name else self.agency

    @property
    def actor(self) -> str:
        """Role and name as the flow and the ledger's commitments know them: `system/records`."""
        return f"{self.role.value}/{self.name}" if self.name else self.role.value

    @classmethod
    def parse(cls, uri: str) -> Identity:
        """Return the identity of a SPIFFE id; anything but our own closed forms is Malformed."""
        agency, slash, path = uri.removeprefix(_SCHEME).partition("/")
        role, _, name = path.partition("/")
        if not uri.startswith(_SCHEME) or not slash or role not in set(Role):
            raise Malformed("is not spiffe://<agency>/<role>[/<name>]", field="identity")
        identity = cls(agency=agency, role=Role(role), name=name)
        if identity.uri != uri:
            raise Malformed("is spelled in another way", field="identity")
        return identity


def check_name(name: str, field: str) -> str:
    """Return a name of a system or person if it is one DNS label: lower-case ASCII, digits and dashes."""
    if not _NAME.fullmatch(name):
        raise Malformed("is not 1 to 63 of a-z, 0-9 and dash", field=field, code="bad-name")
    return name
