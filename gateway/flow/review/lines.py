"""What would leave, field by field, beside what is recorded: told from the very bytes an approval signs.

Source: DESIGN section 6; THREATS A19.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.errors import GatewayError
from gateway.flow.passing.reviewing import OnwardMatter
from gateway.flow.preview import value_text
from gateway.flow.question import FieldKey
from gateway.flow.review.again import Reconsidered
from gateway.flow.review.held import Held
from gateway.flow.review.matter import Matter
from gateway.record.portion import Portion, leaf_of, parse_portion
from gateway.record.schema import KINDS
from gateway.record.text import HEADER_ENTITY
from gateway.record.vocabulary import Rung
from gateway.release.consent import parse_consent
from gateway.release.disclosure import portions_of
from gateway.release.release import parse_release
from policy.decision import PortionVerdict
from policy.explain import explain

WITHHELD = "withheld"

Leaving = Mapping[FieldKey, Portion]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldLine:
    """One field of the record: as recorded, and what of it would leave, why, and how precisely.

    `entity` is the submitted id, `name` and `number` say which portion of the release it is; `path` is what
    to give less of it by. `asked` are the approvals that what leaves rests on, empty where policy gives it
    anyhow.
    """

    path: str
    entity: str
    kind: str
    field: str
    category: str
    name: str
    number: int
    exact: str
    rung: str
    text: str
    why: str
    asked: Sequence[str] = ()


def leaving_data(found: Held, again: Matter | GatewayError) -> tuple[bytes, ...]:
    """Return the portions that would leave, or that a consent would let another agency pass on."""
    if not found.is_consent:
        return portions_of(parse_release(found.body).disclosure)
    permitted = frozenset(parse_consent(found.body).leaves)
    if not isinstance(again, Reconsidered):
        return ()
    return tuple(cut.data for cut in again.submission.cuts if cut.leaf in permitted)


def by_place(data: Sequence[bytes]) -> dict[FieldKey, Portion]:
    """Return portions by entity and field."""
    return {(one.entity, one.field): one for one in map(parse_portion, data)}


def field_lines(leaving: Leaving, again: Matter | GatewayError) -> list[FieldLine]:
    """Return a line for every field of the record, and for whatever else would leave."""
    left = dict(leaving)
    if isinstance(again, Reconsidered):
        lines = _own(left, again)
    elif isinstance(again, OnwardMatter):
        lines = _received(left, again)
    else:
        # The record can not be laid beside it any more: at least what would leave is shown.
        why = again.message if isinstance(again, GatewayError) else ""
        return [_unrecorded(key, portion, why) for key, portion in left.items()]
    extra = "stands in the release and not in the record"
    return lines + [_unrecorded(key, portion, extra) for key, portion in left.items()]


def _own(left: dict[FieldKey, Portion], again: Reconsidered) -> list[FieldLine]:
    by_field = again.ruling.verdicts.by_field
    attributes = list(dict.fromkeys(one for one, _ in by_field.values()))
    why = dict(zip(attributes, explain(again.decision, attributes), strict=True))
    lines = []
    for piece in again.submission.cuts:
        key = (piece.entity, piece.field)
        if piece.rung is Rung.EXACT:
            exact = value_text(*key, parse_portion(piece.data).value)
            attribute, verdict = by_field[key]
            line = _line(key, left.pop(key, None), piece.local or HEADER_ENTITY, why[attribute].why)
            asked = sorted(verdict.approvals) if _is_finer(line, verdict) else ()
            lines.append(replace(line, exact=exact, category=piece.category, asked=asked))
    return lines


def _received(left: dict[FieldKey, Portion], again: OnwardMatter) -> list[FieldLine]:
    disclosure, weighed = again.case.came.disclosure, again.case.weighed
    attributes = list(dict.fromkeys(one for one, _, _ in weighed.by_field.values()))
    why = dict(zip(attributes, explain(again.decision, attributes), strict=True))
    lines = []
    for portion, protection in zip(disclosure.portions, disclosure.classes, strict=True):
        key = (portion.entity, portion.field)
        if key in weighed.by_field:
            reason = why[weighed.by_field[key][0]].why
            line = _line(key, left.pop(key, None), portion.entity, reason)
            exact = value_text(*key, portion.value)
            lines.append(replace(line, exact=exact, category=protection.category))
    return lines


def _is_finer(line: FieldLine, verdict: PortionVerdict) -> bool:
    """Tell whether a field would leave more precisely than policy lets it without approvals."""
    if line.rung == WITHHELD:
        return False
    return verdict.rung is None or Rung.from_token(line.rung, "rung") < verdict.rung


def _unrecorded(key: FieldKey, portion: Portion, why: str) -> FieldLine:
    return replace(_line(key, portion, key[0], why), path="")


def _line(key: FieldKey, portion: Portion | None, local: str, why: str) -> FieldLine:
    """Return what would leave of a field; `portion` is None where nothing of it does."""
    kind = key[0].partition("/")[0]
    fields = KINDS[kind].fields if kind in KINDS else {}
    field = fields[key[1]].name if key[1] in fields else str(key[1])
    return FieldLine(
        path=path_of(local, field),
        entity=local,
        kind=kind,
        field=field,
        category="",
        name=key[0],
        number=key[1],
        exact="",
        rung=WITHHELD if portion is None else portion.rung.token,
        text="" if portion is None else value_text(*key, portion.value),
        why=why,
    )


def path_of(local: str, field: str) -> str:
    """Return what a field is called where less is to be given of it."""
    return f"{'header' if local == HEADER_ENTITY else local}.{field}"


def differs(lines: Sequence[FieldLine], leaving: Leaving) -> str:
    """Return where lines say something else than would leave; empty where they tell exactly that."""
    left = dict(leaving)
    for line in lines:
        portion = left.pop((line.name, line.number), None)
        text = "" if portion is None else value_text(line.name, line.number, portion.value)
        if (WITHHELD if portion is None else portion.rung.token, text) != (line.rung, line.text):
            return f"{line.path} is shown otherwise than it would leave"
    return "more would leave than is shown" if left else ""


def leaves_of(data: Sequence[bytes]) -> frozenset[bytes]:
    """Return the leaves of portions, as a consent names them."""
    return frozenset(map(leaf_of, data))
