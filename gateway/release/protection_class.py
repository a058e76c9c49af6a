"""Protection classes: what the sender attests about a portion, so that the recipient can judge its own floor.

Source: PROTOCOL section 3.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Final

from gateway.errors import Malformed
from gateway.record.categories import CATEGORIES
from gateway.record.vocabulary import AgeClass, Fact, RoleClass, Rung
from gateway.release.duty import check_tokens
from gateway.v1 import disclosure_pb2

_REMEMBERED: Final = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionClass:
    """Whom a portion tells of, what it is, how precise, and what made its release lawful.

    `lifts` are the approval tokens the decision used, sorted; a fact that is absent counts as false.
    """

    role: RoleClass
    age: AgeClass
    category: str
    rung: Rung
    lifts: tuple[str, ...] = ()
    facts: frozenset[Fact] = frozenset()
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.category not in CATEGORIES:
            raise Malformed("is no known category", field="class.category", code="unknown-value")
        check_tokens(self.lifts, "class.lifts")
        # What is worked out of classes is remembered under them: each is asked for its hash many times.
        key = (self.role, self.age, self.category, self.rung, self.lifts, self.facts)
        object.__setattr__(self, "_hash", hash(key))

    def __hash__(self) -> int:
        return self._hash

    def encode(self) -> bytes:
        """Return the class's bytes."""
        return class_message(self).SerializeToString(deterministic=True)


@lru_cache(maxsize=_REMEMBERED)
def class_message(protection: ProtectionClass) -> disclosure_pb2.ProtectionClass:
    """Return the message of a class: to be copied into a disclosure, never changed, for it is remembered."""
    return disclosure_pb2.ProtectionClass(
        role=disclosure_pb2.RoleClass.ValueType(protection.role),
        age=disclosure_pb2.AgeClass.ValueType(protection.age),
        category=protection.category,
        rung=disclosure_pb2.Rung.ValueType(protection.rung),
        lifts=protection.lifts,
        facts=[disclosure_pb2.Fact.ValueType(fact) for fact in sorted(protection.facts)],
    )


@lru_cache(maxsize=_REMEMBERED)
def parse_class(data: bytes) -> ProtectionClass:
    """Return the class of bytes that passed `scan`. Remembered: a federation uses few, each many times.

    Role and age may be absent and then are unknown, which is the most protected; category and rung may not.

    Raises:
        Malformed: a value outside its closed list, a list that is not sorted and distinct.
    """
    message = disclosure_pb2.ProtectionClass.FromString(data)
    facts = [Fact.from_number(number, "class.facts") for number in message.facts]
    if any(left >= right for left, right in pairwise(facts)):
        raise Malformed("is not sorted and distinct", field="class.facts", code="not-canonical")
    return ProtectionClass(
        role=RoleClass.from_number(message.role, "class.role")
        if message.HasField("role")
        else RoleClass.UNKNOWN,
        age=AgeClass.from_number(message.age, "class.age") if message.HasField("age") else AgeClass.UNKNOWN,
        category=message.category,
        rung=Rung.from_number(message.rung, "class.rung"),
        lifts=tuple(message.lifts),
        facts=frozenset(facts),
    )
