"""Closed lists of foreign codes and their equals in the record's vocabularies, read and written.

Spellings are compared by letters and digits only, so that a code (`AtWork`) and its label (`At work`) are
one; a label that differs in more than that stands beside its code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, TypeVar

from gateway.record.folding import squeeze

Member = TypeVar("Member", bound=int)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeList(Generic[Member]):
    """One closed list, by folded spelling. `other` is the member for what is not in it, if it has one."""

    members: Mapping[str, Member]
    other: Member | None
    inexact: frozenset[str]
    """Folded spellings whose member is only near: reading one is a loss."""
    prefix: re.Pattern[str] | None
    """What some sources write before a code; its first group alone is tried last."""
    spellings: Mapping[int, str]
    """The code as the standard's pick list spells it, by member; a member without a code is absent."""

    def find(self, text: str) -> tuple[Member, bool] | None:
        """Return the member spelled this way and whether it is an exact equal; None when there is none."""
        spellings = [text]
        match = self.prefix.match(text) if self.prefix else None
        if match:
            spellings += [text[match.end() :], match.group(1)]
        for spelling in map(squeeze, spellings):
            if spelling in self.members:
                return self.members[spelling], spelling not in self.inexact
        return None


def code_list(
    pairs: Mapping[str, Member],
    *,
    other: Member | None = None,
    inexact: Iterable[str] = (),
    prefix: str = "",
    coarser: Mapping[Member, str] = MappingProxyType({}),
) -> CodeList[Member]:
    """Return the list with these spellings and members.

    Of several spellings the first exact one is written; `coarser` names the code of members that the
    standard can only tell less precisely.
    """
    near = frozenset(map(squeeze, inexact))
    exact_first = sorted(pairs, key=lambda spelling: squeeze(spelling) in near)
    spellings: dict[int, str] = {pairs[spelling]: spelling for spelling in reversed(exact_first)}
    spellings.update(coarser.items())
    return CodeList(
        members=MappingProxyType({squeeze(spelling): member for spelling, member in pairs.items()}),
        other=other,
        inexact=near,
        prefix=re.compile(prefix) if prefix else None,
        spellings=MappingProxyType(spellings),
    )
