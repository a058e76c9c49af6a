"""Views of invented hash lists, and of anything beside them."""

from __future__ import annotations

from hypothesis import strategies as st

from adapters.adapter import View
from adapters.strip import strip
from gateway.record.schema import ENTITY_KINDS, KINDS
from gateway.v1 import record_pb2 as pb
from tests.adapters.views import TODAY, make_awkward, shown
from tests.record.strategies import records

SCHEMES = ("vics/US", "vics/Default", "vics/1.3", "icse/baseline", "another")
LENGTHS: dict[pb.HashAlgorithm.ValueType, int] = {
    pb.HASH_ALGORITHM_MD5: 16,
    pb.HASH_ALGORITHM_SHA1: 20,
    pb.HASH_ALGORITHM_SHA256: 32,
    pb.HASH_ALGORITHM_SHA512: 64,
    pb.HASH_ALGORITHM_PHOTODNA: 144,
    pb.HASH_ALGORITHM_PDQ: 32,
}
_MEDIA = [KINDS["artefact"]] * 3 + [KINDS["narrative"], KINDS["relationship"], KINDS["person"]]
_REMARKS = ("Tags", "Comments", "Something else")
# What a hash list would have to refuse.
_PICTURES = ("/9j/4AAQSkZJRgABAQ", "data:image/png;base64,AAAA", "iVBORw0KGgoAAAANSUhEUg")


@st.composite
def lists(draw: st.DrawFn, *, awkward: bool = True, most: int = 9) -> View:
    """Return a view of mostly artefacts, of every algorithm and scheme, stripped as exporting does."""
    record = draw(records(most=most, kinds=_MEDIA))
    for artefact in record.artefacts:
        draw_artefact(draw, artefact)
    files = [one.id for one in record.artefacts]
    for narrative in record.narratives:
        narrative.title = draw(st.sampled_from(_REMARKS))
        about_one = draw(st.booleans())
        if files and about_one:
            narrative.subjects[:] = [draw(st.sampled_from(files))]
    random = draw(st.randoms(use_true_random=False))
    if awkward:
        make_awkward(record, random)
        for artefact in record.artefacts:
            if random.random() < 0.1:
                artefact.metadata.series = random.choice(_PICTURES)
    return stripped(draw(shown(record)))


@st.composite
def anything(draw: st.DrawFn) -> View:
    """Return a view of any record, stripped as exporting does."""
    record = draw(records(most=9, kinds=[*ENTITY_KINDS, KINDS["artefact"], KINDS["artefact"]]))
    make_awkward(record, draw(st.randoms(use_true_random=False)))
    return stripped(draw(shown(record)))


def stripped(view: View) -> View:
    """Return a view without what names or finds protected persons."""
    record, _ = strip(view.record, pseudonyms={}, today=TODAY)
    return View(record=record)


def draw_artefact(draw: st.DrawFn, artefact: pb.DigitalArtefact) -> None:
    """Give an artefact hashes of several algorithms and classifications of several schemes."""
    for algorithm in draw(st.lists(st.sampled_from(sorted(LENGTHS)), max_size=3)):
        size = LENGTHS[algorithm]
        value = draw(st.binary(min_size=size, max_size=size) | st.just(bytes(size)))
        artefact.hashes.add(algorithm=algorithm, value=value)
    for scheme in draw(st.lists(st.sampled_from(SCHEMES), max_size=2)):
        artefact.classifications.add(scheme=scheme, number=draw(st.integers(0, 5) | st.just(2**32 - 1)))
    if draw(st.booleans()):
        artefact.metadata.created.CopyFrom(
            pb.Moment(date=pb.PartialDate(year=2031, month=1, day=2), at=1_925_089_445_000)
        )
