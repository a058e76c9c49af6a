"""Mark second: the marking of a disclosure, written where a reader of the document looks for handling.

What the source wrote stays as it was written; what the discloser restricts is added in labels of the field,
and what no label says in words. So a document says at least what its marking does. The other way round, the
labels of a document that came in tighten what its submitter states.

Source: `reference/policy/markings.md` 2.2; `reference/formats.md` sections 1.3, 5.2 and 12.3; THREATS A17.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from adapters.loss import Effect, Loss
from gateway.record.handling import Label, Legend
from gateway.record.handling_table import MEANINGS, Scheme
from gateway.record.labelling import labels_of
from gateway.record.marking import Marking
from gateway.v1 import record_pb2 as pb

TLP_ORDER: Final = ("TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED")
"""The labels of TLP 2.0, the loosest first (FIRST, 2022)."""

UNCLASSIFIED: Final = "UNCLASSIFIED - BASIC PROTECTION LEVEL"
"""The lowest classification of a message that resembles Europol's; it restricts nothing."""

_SCHEMES: Final = (Scheme.TLP, Scheme.EUROPOL, Scheme.DISSEMINATION, Scheme.EU)
_HANDLING_CODES: Final = frozenset(text for scheme, text in MEANINGS if scheme == Scheme.EUROPOL)
_EU_LEVELS: Final = frozenset(text for scheme, text in MEANINGS if scheme == Scheme.EU)
_DISSEMINATION: Final = ("NOFORN", "ORCON", "REL TO")
_ADDED: Final = "the marking under which it was disclosed, written as handling"


def mark(
    record: pb.Record, marking: Marking, *, discloser: str, words: Sequence[str] = ()
) -> tuple[pb.Record, tuple[Loss, ...]]:
    """Return a record whose handling says what its marking does, in labels and in words.

    `discloser` is the agency whose marking it is: whom to ask for consent. `words` are said besides.

    Raises:
        Malformed: nobody may have it, or no label is strict enough.
    """
    legend = Legend(source=discloser, own=frozenset({discloser}), audiences={})
    written = labels_of(marking, _SCHEMES, legend)
    marked = pb.Record()
    marked.CopyFrom(record)
    handling = marked.header.source_handling
    codes = list(dict.fromkeys([*handling.codes, *_codes(written.labels)]))
    told = [label.words for label in written.labels if label.words]
    told += [_IN_WORDS[axis](marking) for axis in written.lost if axis in _IN_WORDS]
    said = [handling.text] if handling.text else []
    said += [word for word in (*told, *words) if word not in handling.text]
    if said and "H3" not in codes and any(code in _HANDLING_CODES for code in codes):
        codes.append("H3")
    if "H0" in codes and any(code in _HANDLING_CODES for code in codes if code != "H0"):
        codes.remove("H0")  # it stands alone; what it limits is said in words
        limited = _IN_WORDS["purposes"](marking) if marking.purposes is not None else ""
        said += [limited] if limited and limited not in said else []
    handling.codes[:] = codes
    if said:
        handling.text = "\n".join(said)
    _set_level(handling, written.labels)
    handling.traffic_light = stricter_light(handling.traffic_light, _of(written.labels, Scheme.TLP))
    loss = Loss(path="header.source_handling", effect=Effect.INVENTED, why=_ADDED)
    return marked, (loss,)


def labels_in(handling: pb.SourceHandling) -> tuple[Label, ...]:
    """Return the labels that a document bears, each with its scheme; one that is not known comes as it is,
    so that whoever reads it takes it for the strictest.
    """
    return tuple(_labels_in(handling))


def _labels_in(handling: pb.SourceHandling) -> Iterator[Label]:
    for code in handling.codes:
        if code.startswith(_DISSEMINATION):
            yield Label(Scheme.DISSEMINATION, code)
        else:
            yield Label(Scheme.EUROPOL, code, handling.text if code == "H3" else "")
    if handling.text and "H3" not in handling.codes:
        yield Label(Scheme.EUROPOL, "H3", handling.text)
    if handling.traffic_light:
        yield Label(Scheme.TLP, handling.traffic_light)
    level = handling.classification
    if level and level != UNCLASSIFIED:
        yield Label(Scheme.EU if level in _EU_LEVELS else Scheme.INTERPOL, level)


def stricter_light(one: str, other: str) -> str:
    """Return the stricter of two TLP 2.0 labels, either of which may be empty; an unknown one is RED."""
    found = [light for light in (one, other) if light]
    if any(light not in TLP_ORDER for light in found):
        return TLP_ORDER[-1]
    return max(found, key=TLP_ORDER.index, default="")


def _codes(labels: tuple[Label, ...]) -> list[str]:
    return [label.text for label in labels if label.scheme in (Scheme.EUROPOL, Scheme.DISSEMINATION)]


def _of(labels: tuple[Label, ...], scheme: Scheme) -> str:
    return next((label.text for label in labels if label.scheme == scheme), "")


def _set_level(handling: pb.SourceHandling, labels: tuple[Label, ...]) -> None:
    ours = _of(labels, Scheme.EU)
    theirs = handling.classification
    if not theirs or theirs == UNCLASSIFIED:
        if ours:
            handling.classification = ours
    elif ours and ours != theirs:
        # Two scales are not compared: the source's stands in its place, ours beside it in words.
        note = f"Disclosed as {ours}."
        handling.text = "\n".join(part for part in (handling.text, note) if part)


def _listed(values: object) -> str:
    assert isinstance(values, frozenset)
    return ", ".join(sorted(getattr(one, "token", str(one)) for one in values))


def _asked(marking: Marking) -> str:
    return ", ".join(sorted(f"{who or 'the originator'} ({kind.token})" for who, kind in marking.consent))


_IN_WORDS: Final[Mapping[str, Callable[[Marking], str]]] = MappingProxyType(
    {
        "rel": lambda marking: f"Only for: {_listed(marking.rel or frozenset())}.",
        "excl": lambda marking: f"Never for: {_listed(marking.excl)}.",
        "purposes": lambda marking: f"Only for the purposes: {_listed(marking.purposes or frozenset())}.",
        "holders": lambda marking: f"May be held by: {marking.holders.token}.",
        "level": lambda marking: f"Level: {marking.level.token}.",
        "consent": lambda marking: (
            "Ask first: "
            + ", ".join(
                sorted(f"{agency or 'the originator'} ({kind.token})" for agency, kind in marking.consent)
            )
            + "."
        ),
        "compart": lambda marking: f"Only for holders of: {_listed(marking.compart)}.",
        "act": lambda marking: f"Act on it at most: {marking.act.token}.",
        "subject_may_be_told": lambda _: "The person concerned may not be told.",
        "encrypt": lambda _: "Keep it encrypted.",
        "display_only": lambda _: "Show it only; keep no copy.",
        "no_automated_use": lambda _: "No automated use.",
        "expires": lambda marking: f"Not to be used after {marking.expires}.",
        "review_by": lambda marking: f"To be reviewed by {marking.review_by}.",
    }
)
"""What a restriction says in words, where no label of ours says it."""
