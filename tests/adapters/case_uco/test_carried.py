"""What the mapping promises in full survives in UCO itself, and not only in facets of our own."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.adapter import View
from adapters.case_uco.format import CaseUco
from gateway.v1 import record_pb2 as pb
from tests.adapters.case_uco.samples import render
from tests.adapters.views import carried_lost, check_round_trip, lost_paths

# Organisation: UCO has one name, so further ones stand in our facet.
# Location: UCO has no precision in metres, and locations of no kind.
# Account: telephone, mailbox and handle; others have an identifier and no class of their own.
# Times are instants: UCO has no dates alone, and the date is that of the instant in UTC.
# Handling: whom it may be released to, statements, terms of use, classification, traffic light.
CARRIED = (
    *("organisations.identity.names", "organisations.identity.registration_number"),
    *("organisations.identity.country", "organisations.sector", "organisations.activity"),
    *("locations.site.name", "locations.site.street", "locations.site.postal_code", "locations.site.town"),
    *("locations.site.region", "locations.site.country", "locations.site.latitude_e6"),
    *("locations.site.longitude_e6", "locations.description"),
    *("accounts.identity.kind", "accounts.identity.value", "accounts.identity.provider"),
    *("accounts.identity.seen", "accounts.identity.display_name", "accounts.holder"),
    *("online_contents.content.kind", "online_contents.content.url", "online_contents.content.captured"),
    *("online_contents.content.text_digest", "online_contents.accounts", "online_contents.text"),
    *("artefacts.hashes", "artefacts.metadata.size_bytes", "artefacts.metadata.media_type"),
    *("artefacts.metadata.file_name", "artefacts.metadata.path", "artefacts.metadata.series"),
    *("artefacts.metadata.created", "artefacts.classifications", "artefacts.exhibits", "artefacts.device"),
    *("incidents.occurred.start", "incidents.occurred.end", "incidents.location"),
    *("relationships.link.from", "relationships.link.to", "relationships.link.kind"),
    *("relationships.link.since", "relationships.link.until", "relationships.link.confidence"),
    *("relationships.link.description", "header.source_handling"),
)

# Left out are words that stand for "not recorded", and space around a text, which no reader keeps.
_TEXTS = st.sampled_from(
    [
        *(
            "Ilinca",
            "Ana Petrova",
            "ŁÓDŹ",
            "मारिया",
            "מרים",
            "王小明",
            "محمد",
            "=1+1",
            "@sum(a)",
            "'=1",
            "a;=b",
        ),
        *(
            "one; two",
            "a|b",
            "x,y",
            '"',
            "<b>&amp;",
            "first\nsecond",
            "1988",
            "Strada Pildei 7",
            "+999555 01",
        ),
        *(
            "TLP:RED is no light here",
            "unknown",
            "N/A",
            "true",
            "{}",
            "kb:x",
            "_:b0",
            "https://a.example.invalid",
        ),
        *("REL TO", "x" * 70, "é" * 70, "a\tb", "\u0939\u093f\u0928\u094d\u200d\u0926\u0940"),
    ]
)
_KINDS = (pb.ARTEFACT_KIND_IMAGE, pb.ARTEFACT_KIND_VIDEO, pb.ARTEFACT_KIND_AUDIO, pb.ARTEFACT_KIND_ARCHIVE)
_COUNTRIES = st.sampled_from(["NL", "RO", "NG", "XK"])
_DAYS = st.builds(
    pb.PartialDate, year=st.integers(1000, 2999), month=st.integers(1, 12), day=st.integers(1, 28)
)


@st.composite
def _moments(draw: st.DrawFn) -> pb.Moment:
    day = draw(st.integers(-10_000, 40_000))
    at = pb.Moment(at=day * 86_400_000 + draw(st.integers(0, 86_399_999)))
    when = date(1970, 1, 1) + timedelta(days=day)
    at.date.CopyFrom(pb.PartialDate(year=when.year, month=when.month, day=when.day))
    return at


@st.composite
def _identities(draw: st.DrawFn, kinds: list[int]) -> pb.AccountIdentity:
    kind = pb.AccountKind.ValueType(draw(st.sampled_from(kinds)))
    return pb.AccountIdentity(kind=kind, value=draw(_TEXTS), provider=draw(_TEXTS))


@st.composite
def carried_records(draw: st.DrawFn) -> pb.Record:
    """Return a record that states every field of the list, each as the mapping promises it."""
    record = pb.Record()
    organisation = record.organisations.add(id="organisation/aaaaaaaaaa", activity=draw(_TEXTS))
    organisation.sector = draw(st.sampled_from(pb.Sector.values()[1:]))
    organisation.identity.names.append(draw(_TEXTS))
    organisation.identity.registration_number = draw(_TEXTS)
    organisation.identity.country = draw(_COUNTRIES)
    location = record.locations.add(id="location/aaaaaaaaaa", description=draw(_TEXTS))
    for name in ("name", "street", "postal_code", "town", "region"):
        setattr(location.site, name, draw(_TEXTS))
    location.site.country = draw(_COUNTRIES)
    location.site.latitude_e6 = draw(st.integers(-90_000_000, 90_000_000))
    location.site.longitude_e6 = draw(st.integers(-180_000_000, 180_000_000))
    account = record.accounts.add(id="account/aaaaaaaaaa", holder=organisation.id)
    account.identity.CopyFrom(draw(_identities([1, 2, 3])))
    account.identity.display_name = draw(_TEXTS)
    account.identity.seen.CopyFrom(draw(_moments()))
    _add_observed(draw, record)
    incident = record.incidents.add(id="incident/aaaaaaaaaa", location=location.id)
    incident.occurred.start.CopyFrom(draw(_moments()))
    incident.occurred.end.CopyFrom(draw(_moments()))
    link = record.relationships.add(id="relationship/aaaaaaaaaa").link
    setattr(link, "from", organisation.id)
    link.to, link.description = location.id, draw(_TEXTS)
    link.kind = draw(st.sampled_from(pb.RelationKind.values()[1:]))
    link.confidence = draw(st.integers(0, 100))
    link.since.CopyFrom(draw(_DAYS))
    link.until.CopyFrom(draw(_DAYS))
    handling = record.header.source_handling
    handling.codes.extend(draw(st.lists(st.sampled_from(["H1", "H2", "ORCON", "OWN-7"]), unique=True)))
    handling.codes.append("REL TO shelter.xb, police.xa")
    handling.text, handling.classification = draw(_TEXTS), draw(_TEXTS)
    handling.traffic_light = draw(st.sampled_from(["TLP:CLEAR", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"]))
    return record


def _add_observed(draw: st.DrawFn, record: pb.Record) -> None:
    online = record.online_contents.add(id="online-content/aaaaaaaaaa", text=draw(_TEXTS))
    online.content.kind = draw(st.sampled_from(pb.OnlineKind.values()[1:]))
    online.content.url = draw(_TEXTS)
    online.content.captured.CopyFrom(draw(_moments()))
    online.content.text_digest = draw(st.binary(min_size=32, max_size=32))
    online.accounts.extend(draw(st.lists(_identities([1]), min_size=1, max_size=3)))
    artefact = record.artefacts.add(id="artefact/aaaaaaaaaa")
    for algorithm, size in ((1, 16), (2, 20), (3, 32), (4, 64), (5, 32), (6, 64), (7, 9), (8, 35), (9, 144)):
        digest = draw(st.binary(min_size=size, max_size=size))
        artefact.hashes.add(algorithm=pb.HashAlgorithm.ValueType(algorithm), value=digest)
    artefact.metadata.size_bytes = draw(st.integers(0, (1 << 64) - 1))
    artefact.metadata.kind = draw(st.sampled_from(_KINDS))
    for name in ("media_type", "file_name", "path", "series"):
        setattr(artefact.metadata, name, draw(_TEXTS))
    artefact.metadata.created.CopyFrom(draw(_moments()))
    artefact.classifications.add(scheme=draw(_TEXTS), number=draw(st.integers(0, 99)))
    artefact.exhibits.extend(draw(st.lists(_TEXTS, min_size=1, max_size=2)))
    device = record.artefacts.add(id="artefact/bbbbbbbbbb").device
    device.kind = draw(st.sampled_from(pb.DeviceKind.values()[1:7]))
    for name in ("imei", "imsi", "iccid", "serial", "make", "model"):
        setattr(device, name, draw(_TEXTS))


@given(record=carried_records())
def test_nothing_that_the_mapping_promises_is_lost(record: pb.Record) -> None:
    (losses,) = render(record).losses

    assert carried_lost(losses, CARRIED) == set()
    check_round_trip(CaseUco(), View(record=record), "json")


@given(record=carried_records())
@settings(max_examples=30)
def test_such_a_record_loses_nothing_at_all(record: pb.Record) -> None:
    (losses,) = render(record).losses

    assert lost_paths(losses) == set()
