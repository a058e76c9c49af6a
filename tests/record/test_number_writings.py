"""A telephone or account number is found at home and from abroad."""

from __future__ import annotations

import re

import pytest

from gateway.record.folding import squeeze
from gateway.record.number_writings import account_parts, national, national_pattern


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("+40 722 555 123", "722555123"),
        ("0040 722 555 123", "722555123"),
        ("0722 555 123", "722555123"),
        ("+373 69 123 456", "69123456"),
        ("069 123 456", "69123456"),
        ("+7 912 345 67 89", "9123456789"),
        ("+1 (202) 555-0134", "2025550134"),
        ("+44 (0)20 7946 0123", "2079460123"),
        ("+354 555 1234", "5551234"),
        ("+31 6 12345678", "612345678"),
        ("12345", ""),
    ],
)
def test_the_digits_that_stay_the_same_are_those_after_code_and_trunk(written: str, same: str) -> None:
    assert national(written, squeeze(written)) == same


@pytest.mark.parametrize(
    "text", ["555 1234", "tel. 555-1234.", "+354 555 1234", "00354 5551234", "0555 1234"]
)
def test_a_short_number_is_found_alone_and_from_abroad(text: str) -> None:
    assert re.search(national_pattern("5551234"), text)


@pytest.mark.parametrize("text", ["invoice 95551234", "55512345", "1115551234"])
def test_a_short_number_is_not_found_within_another(text: str) -> None:
    assert not re.search(national_pattern("5551234"), text)


def test_an_account_is_known_by_what_banks_at_home_call_it() -> None:
    assert account_parts("nl91abna0417164300") == ("abna0417164300", "417164300")
    assert account_parts("kx98765") == ()
