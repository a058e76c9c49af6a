"""What admission answers, in the form tests compare."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import Refused
from gateway.ledger.kinds import FinalCode
from gateway.sealing.admission import FINAL_CODES, IN_BAND_CODES, FinalRefusal, examine
from gateway.sealing.batch import EnvelopeBatch
from tests.sealing.house import House


def told(data: bytes, within: EnvelopeBatch, house: House, carrier: House, **changes: Any) -> str:
    """Return the in-band code of a refusal."""
    with pytest.raises(Refused) as refusal:
        examine(data, within, house.reception(carrier, **changes))
    assert refusal.value.code in IN_BAND_CODES
    return refusal.value.code


def final(data: bytes, within: EnvelopeBatch, house: House, carrier: House, **changes: Any) -> FinalCode:
    """Return the code of a final refusal."""
    outcome = examine(data, within, house.reception(carrier, **changes))
    assert isinstance(outcome, FinalRefusal)
    assert outcome.code in FINAL_CODES
    return outcome.code
