"""Approval tokens: which duty, and how many different people in it, e.g. `CPO:1`.

Source: DESIGN section 6; reference glossary of the rule catalogue.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from gateway.errors import Malformed

# OC is the originator's consent; the others are officers' duties.
_TOKEN: Final = re.compile(r"(?:RLO|VPO|CPO|DPO|JUD|DUTY|NGO|OC):[1-9]")
_TOKENS_MAX: Final = 32


def check_tokens(tokens: tuple[str, ...], field: str) -> tuple[str, ...]:
    """Return approval tokens that are of the closed form, sorted, and name each duty once.

    Raises:
        Malformed: another form, order, a repeated duty (two counts of one duty have no meaning), too many.
    """
    if len(tokens) > _TOKENS_MAX:
        raise Malformed("is too long", field=field)
    if not all(_TOKEN.fullmatch(token) for token in tokens):
        raise Malformed("is not a duty and a count", field=field, code="unknown-value")
    if any(left >= right for left, right in pairwise(tokens)):
        raise Malformed("is not sorted and distinct", field=field, code="not-canonical")
    if len({token.partition(":")[0] for token in tokens}) != len(tokens):
        raise Malformed("names a duty twice", field=field)
    return tokens


def covered(asked: tuple[str, ...], met: tuple[str, ...]) -> bool:
    """Tell whether every token asked for is met: the same duty, by at least as many people."""
    counts = dict(token.split(":") for token in met)
    return all(
        int(counts.get(duty, 0)) >= int(count) for duty, count in (token.split(":") for token in asked)
    )


def merge_tokens(tokens: list[str]) -> tuple[str, ...]:
    """Return tokens sorted, each duty once with the largest count asked of it."""
    counts: dict[str, int] = {}
    for token in tokens:
        duty, _, count = token.partition(":")
        counts[duty] = max(int(count), counts.get(duty, 0))
    return check_tokens(tuple(f"{duty}:{counts[duty]}" for duty in sorted(counts)), "tokens")
