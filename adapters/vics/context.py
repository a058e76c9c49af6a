"""What kind of VICS document it is: its version, whether it lists media or cases, whose categories it uses.

The number of a category means another thing in every country, and the address in the document alone says
which: so a category is a scheme and a number, and no number is moved from one scheme into another.

Source: `reference/formats.md` section 8; addresses as seen in public tools.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from gateway.errors import Malformed

MEMBERS: Final = ("@odata.context", "odata.metadata")
"""Members that hold the address: that of VICS 2.0, that of 1.3 and before."""

DEFAULT: Final = "vics/Default"
"""Scheme of VICS 2.0 where no country is named."""

V13: Final = "vics/1.3"
"""Scheme of VICS 1.3, which names no country."""

BASELINE: Final = "icse/baseline"
"""Scheme of the ICSE export: 1 where a file is of the international baseline, 0 where it is not."""

_ADDRESS: Final = re.compile(
    r"https?://[A-Za-z0-9./_-]*ProjectVic/DataModels/(?P<version>\d\.\d)\.xml"
    r"(?:/(?P<place>[A-Za-z]{2,16}))?(?:/\$metadata)?#(?P<kind>Media|Cases)(?:/.{0,64})?"
)
_V20_SCHEME: Final = re.compile(r"vics/([A-Za-z]{2,16})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the address of a document says; `scheme` is that of its categories."""

    scheme: str
    cases: bool


def read_context(address: object) -> Context:
    """Return what an address says.

    Raises:
        Malformed: code `wrong-document`: it is none of VICS.
    """
    match = _ADDRESS.fullmatch(address) if isinstance(address, str) else None
    if match is None:
        raise Malformed(
            "is no address of a VICS data model, whose categories nobody could tell",
            field=MEMBERS[0],
            code="wrong-document",
        )
    return Context(scheme=f"vics/{match['place'] or match['version']}", cases=match["kind"] == "Cases")


def address_20(scheme: str, *, cases: bool) -> str:
    """Return the address of a VICS 2.0 document with categories of this scheme."""
    match = _V20_SCHEME.fullmatch(scheme)
    assert match is not None, "a scheme that `is_20` accepts"
    kind = "Cases" if cases else "Media"
    return f"http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/{match[1]}/$metadata#{kind}"


def address_13(*, cases: bool) -> str:
    """Return the address of a VICS 1.3 document."""
    return f"http://github.com/ICMEC/ProjectVic/DataModels/1.3.xml#{'Cases' if cases else 'Media'}"


def is_20(scheme: str) -> bool:
    """Tell whether VICS 2.0 can name a scheme of categories."""
    return _V20_SCHEME.fullmatch(scheme) is not None
