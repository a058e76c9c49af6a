"""The definitions of our extensions, which stand in every bundle; nothing in them tells of a record."""

from __future__ import annotations

from typing import Final

from adapters.stix.handling import HANDLING_EXTENSION
from adapters.stix.layout import RECORD_EXTENSION
from adapters.stix.names import OUR_STAMP, Stix
from adapters.stix.read_header import AUTHOR

_RECORD_SCHEMA: Final = (
    "values: a list of objects. path names a field of the record message that the object stands for, with "
    "dots between the names of nested fields (identity.addresses). value is what the field has instead of "
    "what the properties of STIX say, as JSON: enums by name, bytes in base64, numbers beyond 2^53 as text; "
    "without value the field has none. References name objects of the bundle. In an object of a type "
    "that begins with comity- the list stands in the object itself. Messages and fields are those of "
    "gateway/v1/record.proto."
)
_HANDLING_SCHEMA: Final = (
    "codes: a list of handling codes (H0 to H3, ORCON, REL TO and a list). text: restrictions in words. "
    "classification: the level. traffic_light: a label that is none of TLP 2.0 and counts as TLP:RED."
)


def _definition(id_: str, name: str, description: str, schema: str, types: list[str]) -> Stix:
    return {
        "type": "extension-definition",
        "spec_version": "2.1",
        "id": id_,
        "created": OUR_STAMP,
        "modified": OUR_STAMP,
        "created_by_ref": AUTHOR,
        "name": name,
        "description": description,
        "schema": schema,
        "version": "1.0.0",
        "extension_types": types,
    }


DEFINITIONS: Final[tuple[Stix, ...]] = (
    {
        "type": "identity",
        "spec_version": "2.1",
        "id": AUTHOR,
        "created": OUR_STAMP,
        "modified": OUR_STAMP,
        "name": "Comity",
        "description": "Publishes the extensions used in this bundle; it is no part of what is told.",
        "identity_class": "system",
    },
    _definition(
        RECORD_EXTENSION,
        "Comity record",
        "Says what a record on human trafficking holds and STIX has no property or object for.",
        _RECORD_SCHEMA,
        ["property-extension", "new-sdo"],
    ),
    _definition(
        HANDLING_EXTENSION,
        "Comity handling",
        "Says how the source wants its information handled, beyond the Traffic Light Protocol.",
        _HANDLING_SCHEMA,
        ["property-extension"],
    ),
)
"""Who publishes the extensions, and the two extensions."""
