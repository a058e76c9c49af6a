"""Members of the federation: what policy relies on, signed by the federation, not by the member.

The content of `members/<agency-id>.json`. Source: PROTOCOL 11; DESIGN 5 (closed lists).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from gateway.errors import Malformed, VerificationFailed
from gateway.record.text import check_agency_id, check_country, check_text
from keys.document import Document, Json, read_document, write_blob, write_document
from keys.ed25519 import check_public_key, verify
from keys.signer import Signer

AGENCY_ID_CHARS_MAX: Final = 180
"""Longest agency id a directory takes: with prefix and hash it must still fit a file name of 255 bytes."""

NAME_CHARS_MAX: Final = 200

_POSSESSION: Final = b"comity/possession/v1\x00"


@unique
class MemberKind(StrEnum):
    """What an agency is."""

    LEO = "leo"
    JUDICIAL = "judicial"
    CHILD_PROTECTION = "child-protection"
    IGO = "igo"
    NGO = "ngo"
    PRIVATE = "private"


@unique
class Regime(StrEnum):
    """Which data-protection law binds an agency, from the view of the federation."""

    LED = "led"
    ADEQUATE = "adequate"
    AGREEMENT = "agreement"
    NONE = "none"


@unique
class MemberStatus(StrEnum):
    """Whether an agency takes part now; those that do not stay listed, for the evidence of their time."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    LEFT = "left"


@unique
class UnitFunction(StrEnum):
    """What a unit of an agency does."""

    ANTI_TRAFFICKING = "anti-trafficking"
    GENERAL_POLICE = "general-police"
    BORDER = "border"
    IMMIGRATION = "immigration"
    PROSECUTION = "prosecution"
    COURT = "court"
    CHILD_PROTECTION = "child-protection"
    VICTIM_SUPPORT = "victim-support"
    HOTLINE = "hotline"
    ANALYSIS = "analysis"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit of an agency and what it does."""

    name: str
    functions: tuple[UnitFunction, ...]

    def __post_init__(self) -> None:
        check_name(self.name, "units.name")
        if not self.functions or len(set(self.functions)) != len(self.functions):
            raise Malformed("lists no function, or one twice", field="units.functions")

    @classmethod
    def read(cls, document: Document) -> Unit:
        """Take a unit from a member document; anything off its form is Malformed."""
        unit = cls(name=document.text("name"), functions=document.choices("functions", UnitFunction))
        document.close()
        return unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One agency as the federation describes it.

    `alert` marks a member whose releases need extra care (policy decides how). `directory_key` is the raw
    Ed25519 public key that alone may sign its keys document; `proof_of_possession` is that key's signature
    over the agency id and the key, so that nobody enrols a key that is another's.
    """

    id: str
    kind: MemberKind
    country: str
    regime: Regime
    status: MemberStatus
    alert: bool
    display_name: str
    units: tuple[Unit, ...]
    directory_key: bytes
    proof_of_possession: bytes

    def __post_init__(self) -> None:
        check_agency_id(self.id, "id")
        if len(self.id) > AGENCY_ID_CHARS_MAX:
            raise Malformed(
                f"is longer than {AGENCY_ID_CHARS_MAX} characters", field="id", code="bad-agency-id"
            )
        check_country(self.country, "country")
        check_name(self.display_name, "display_name")
        if not self.units or len({unit.name for unit in self.units}) != len(self.units):
            raise Malformed("lists no unit, or one name twice", field="units")
        check_public_key(self.directory_key)
        try:
            verify(self.directory_key, _claim(self.id, self.directory_key), self.proof_of_possession)
        except VerificationFailed as exc:
            raise VerificationFailed(
                "does not show that the member holds its directory key",
                field="proof_of_possession",
                code="no-possession",
            ) from exc

    @property
    def functions(self) -> frozenset[UnitFunction]:
        """What the agency does: the functions of all its units."""
        return frozenset(function for unit in self.units for function in unit.functions)

    @classmethod
    def parse(cls, data: bytes) -> Member:
        """Return the member document that `data` holds.

        Raises:
            Malformed: a member is unknown, missing or off its form, or the directory key is weak.
            VerificationFailed: code `no-possession`.
        """
        return cls.read(read_document(data, "member document"))

    @classmethod
    def read(cls, document: Document) -> Member:
        """Take a member from a document; raises what `parse` raises."""
        member = cls(
            id=document.text("id"),
            kind=document.choice("kind", MemberKind),
            country=document.text("country"),
            regime=document.choice("regime", Regime),
            status=document.choice("status", MemberStatus),
            alert=document.flag("alert"),
            display_name=document.text("display_name"),
            units=tuple(Unit.read(found) for found in document.objects("units")),
            directory_key=document.blob("directory_key"),
            proof_of_possession=document.blob("proof_of_possession"),
        )
        document.close()
        return member

    def members(self) -> dict[str, Json]:
        """Return the member as a JSON object."""
        return {
            "id": self.id,
            "kind": self.kind.value,
            "country": self.country,
            "regime": self.regime.value,
            "status": self.status.value,
            "alert": self.alert,
            "display_name": self.display_name,
            "units": [
                {"name": unit.name, "functions": [function.value for function in unit.functions]}
                for unit in self.units
            ],
            "directory_key": write_blob(self.directory_key),
            "proof_of_possession": write_blob(self.proof_of_possession),
        }

    def encode(self) -> bytes:
        """Return the document as JSON."""
        return write_document(self.members())


def prove_possession(agency: str, directory_signer: Signer) -> bytes:
    """Return the 64-byte proof a member document carries, made with the directory key itself."""
    return directory_signer.sign(_claim(agency, directory_signer.public_key))


def check_name(value: str, field: str) -> None:
    """Refuse a name for people that is empty, long, of several lines, or hides characters."""
    check_text(value, field)
    # The joiners are good spelling in some scripts, but the name shown here decides who is trusted.
    if not 0 < len(value) <= NAME_CHARS_MAX or not value.isprintable() or value != value.strip():
        raise Malformed("is empty, too long, or holds an unseen character", field=field)


def _claim(agency: str, directory_key: bytes) -> bytes:
    return _POSSESSION + agency.encode() + b"\x00" + directory_key
