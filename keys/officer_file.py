"""The file by which an officer asks to be enrolled, and that others countersign: one JSON document.

It holds nothing secret. Besides what is signed it names how the officer's certificate will be called, and
asks for one.

Source: PROTOCOL section 4 (Officer).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from gateway.errors import Conflict, Malformed, VerificationFailed
from gateway.record.text import check_agency_id
from keys.document import Json, read_document, write_blob, write_document
from keys.officer import Officer, parse_officer, vouch
from keys.signed import SignedType, peek
from keys.signer import Signer

FORMAT: Final = "comity-officer"
VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerFile:
    """An officer of an agency asking to be enrolled.

    `handle` is the name in the certificate; `request` the PKCS#10 request for it, PEM, empty where the key is
    enrolled already and only gets further duties; `signed` are the Signed objects so far.
    """

    agency: str
    handle: str
    request: bytes
    signed: tuple[bytes, ...]

    def __post_init__(self) -> None:
        check_agency_id(self.agency, "agency")
        if not self.signed:
            raise Malformed("is signed by nobody", field="signed")

    @property
    def officer(self) -> Officer:
        """Whom the file is about, as it claims; the signatures are not verified."""
        claimed = peek(self.signed[0])
        if claimed.type is not SignedType.OFFICER:
            raise VerificationFailed("is not about an officer", field="signed", code="wrong-type")
        return parse_officer(claimed.body)

    def countersigned(self, signer: Signer) -> OfficerFile:
        """Return the file with one more signature.

        Raises:
            Conflict: code `duplicate`: this key has signed it already.
        """
        if signer.key_id in {peek(one).key_id for one in self.signed}:
            raise Conflict("has signed this file already", field="key", code="duplicate")
        return replace(self, signed=(*self.signed, vouch(peek(self.signed[0]).body, signer)))

    def encode(self) -> bytes:
        """Return the file's bytes."""
        members: dict[str, Json] = {
            "format": FORMAT,
            "version": VERSION,
            "agency": self.agency,
            "handle": self.handle,
            "signed": [write_blob(one) for one in self.signed],
        }
        if self.request:
            members["request"] = write_blob(self.request)
        return write_document(members)


def parse_officer_file(data: bytes) -> OfficerFile:
    """Return the file of its bytes.

    Raises:
        Malformed: no such file, or one of another version.
    """
    document = read_document(data, "officer file")
    if (document.text("format"), document.integer("version")) != (FORMAT, VERSION):
        raise Malformed("is not an officer file of a known version", field="officer file")
    found = OfficerFile(
        agency=document.text("agency"),
        handle=document.text("handle"),
        request=document.blob("request") if document.has("request") else b"",
        signed=document.blobs("signed"),
    )
    document.close()
    return found
