"""The matrix as a value and as a file: what becomes of every question, one line per block and category."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from itertools import chain, product
from string import ascii_letters
from typing import Final, NamedTuple

from gateway.errors import Malformed
from gateway.record.vocabulary import AgeClass, RoleClass, Rung
from policy.authoring.sweep import RELEASED, WITHHELD, Block, Outcomes, Place, looseness, places, rungs_of

Key = tuple[str, str, str, str]
"""Situation, kind, purpose, category."""

Matrix = Mapping[Key, tuple[str, ...]]
"""For each key the outcomes by role, age and rung, in the order of these lists."""

_LETTERS: Final = {WITHHELD: ".", RELEASED: "R"}
_SPARE: Final = [letter for letter in ascii_letters if letter != "R"]
_HEAD: Final = "comity policy matrix 1"


class Changed(NamedTuple):
    """One question to which two sets of rules say something else."""

    situation: str
    kind: str
    purpose: str
    category: str
    role: RoleClass
    age: AgeClass
    rung: Rung
    old: str
    new: str

    @property
    def widens(self) -> bool:
        """Whether more leaves, or with fewer approvals in its way."""
        return looseness(self.new) > looseness(self.old) or _fewer(self.old, self.new)

    @property
    def classes(self) -> frozenset[str]:
        """The classes of what it is about."""
        return Place(self.category, self.role, self.age).classes


def rows_of(block: Block, found: Outcomes) -> dict[Key, tuple[str, ...]]:
    """Return a block's part of the matrix."""
    rows: dict[Key, list[str]] = {}
    for place in places():
        rows.setdefault((*block.name, place.category), []).extend(found[place])
    return {key: tuple(row) for key, row in rows.items()}


def encode(matrix: Matrix) -> bytes:
    """Return the matrix as compressed text; equal matrices give equal bytes."""
    held = sorted({*chain.from_iterable(matrix.values())} - _LETTERS.keys())
    letters = {**_LETTERS, **dict(zip(held, _SPARE, strict=False))}
    lines = [_HEAD, *(f"{letter} {outcome}" for outcome, letter in letters.items()), ""]
    lines += ["|".join((*key, "".join(letters[one] for one in row))) for key, row in sorted(matrix.items())]
    return gzip.compress(("\n".join(lines) + "\n").encode(), mtime=0)


def decode(data: bytes) -> Matrix:
    """Return the matrix that was encoded.

    Raises:
        Malformed: code `bad-matrix`: it is no such file.
    """
    try:
        head, _, body = gzip.decompress(data).decode().partition("\n\n")
        title, *legend = head.splitlines()
        outcomes = {line[0]: line[2:] for line in legend}
        rows = [line.split("|") for line in body.splitlines()]
        matrix = {(a, b, c, d): tuple(outcomes[one] for one in row) for a, b, c, d, row in rows}
    except (OSError, EOFError, ValueError, KeyError, IndexError) as exc:
        raise Malformed("is no matrix of outcomes", code="bad-matrix") from exc
    if title != _HEAD:
        raise Malformed("is no matrix of outcomes of this version", code="bad-matrix")
    return matrix


def changes(old: Matrix, new: Matrix) -> Iterator[Changed]:
    """Yield every question to which the two say something else; what one lacks counts as withheld."""
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key), new.get(key)
        if before == after:
            continue
        questions = list(product(RoleClass, AgeClass, rungs_of(key[3])))
        nothing = (WITHHELD,) * len(questions)
        outcomes = zip(questions, before or nothing, after or nothing, strict=True)
        for (role, age, rung), one, other in outcomes:
            if one != other:
                yield Changed(*key, role, age, rung, one, other)


def _fewer(old: str, new: str) -> bool:
    return looseness(old) == looseness(new) == 1 and not set(old.split()) <= set(new.split())
