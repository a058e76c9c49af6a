"""Countries by code and by name."""

from __future__ import annotations

import pytest

from adapters.countries import alpha2


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("ro", "RO"),
        ("ROU", "RO"),
        ("Romania", "RO"),
        ("THE NETHERLANDS", "NL"),
        ("Côte d'Ivoire", "CI"),
        ("Cote d’Ivoire", "CI"),
        ("UK", "GB"),
        ("EL", "GR"),
        ("XA", "XA"),
        ("NA", "NA"),
    ],
)
def test_country_is_known_by_code_and_name(written: str, code: str) -> None:
    assert alpha2(written) == code


@pytest.mark.parametrize("written", ["", "XX", "ZZ", "00", "N/A", "n.a.", "Atlantis", "R O", "unknown"])
def test_what_is_no_country_stays_unknown(written: str) -> None:
    assert alpha2(written) is None
