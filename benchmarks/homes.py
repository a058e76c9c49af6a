"""Two homes and a stream of records for measuring."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from gateway import app
from gateway import home as gateway_home
from gateway.config import HomeConfig, read_config
from gateway.v1 import marking_pb2
from gateway.v1 import record_pb2 as pb
from keys.enrolment import parse_enrolment
from keys.federation import Federation
from keys.keystore import Kdf
from keys.member import MemberKind, Regime, Unit, UnitFunction
from policy.bundle import shipped_baseline


def found(folder: Path, addresses: Mapping[str, tuple[str, str]] = MappingProxyType({})) -> bytes:
    """Make police.nl and police.ro in a folder, joined in one federation; return their passphrase.

    `addresses` are those for peers and for own systems, by agency; without them letters go by file. Key
    derivation is cheap here: opening a home is not what is measured.
    """
    passphrase, now = b"benchmark", app.system_clock().replace(microsecond=0)
    federation = Federation.create(folder / "federation", passphrase, now, Kdf.CHEAP_FOR_TESTS)
    federation.set_baseline(shipped_baseline())
    for agency, country in (("police.nl", "NL"), ("police.ro", "RO")):
        description = gateway_home.Description(
            agency=agency,
            kind=MemberKind.LEO,
            country=country,
            regime=Regime.LED,
            display_name=agency,
            units=(Unit(name="unit", functions=(UnitFunction.ANTI_TRAFFICKING,)),),
        )
        listen, local = addresses.get(agency, ("", ""))
        home = folder / agency
        secret = home / "passphrase"
        home.mkdir(mode=0o700)
        secret.touch(mode=0o600)
        secret.write_bytes(passphrase)
        config = HomeConfig(
            home=home,
            agency=agency,
            exercise=True,
            passphrase_file=secret,
            listen=listen,
            endpoint=listen,
            local=local,
        )
        path = gateway_home.create_home(config, description, passphrase, now, kdf=Kdf.CHEAP_FOR_TESTS)
        federation.enrol(parse_enrolment(path.read_bytes()))
    federation.publish()
    for agency in ("police.nl", "police.ro"):
        app.join(read_config(folder / agency), passphrase, federation.repository_path, app.system_clock())
    return passphrase


def sample_record(number: int) -> bytes:
    """Return a record of about 4 KiB with five entities, whose portions are different every time."""
    record = pb.Record()
    header = record.header
    header.own_reference = f"bench-{number}"
    header.exercise = True
    header.retain_until = "2031-12-31"
    marking = header.marking
    marking.policy_id, marking.level = "comity/1", marking_pb2.LEVEL_RESTRICTED
    marking.rel.append("police.ro")
    marking.purposes.append(marking_pb2.PURPOSE_INVESTIGATION)
    marking.holders = marking_pb2.HOLDERS_ORGANISATION
    header.case_references.add(number=f"XNL-{number}", authority="police.nl", country="NL")
    for index, role in enumerate((pb.ROLE_VICTIM, pb.ROLE_SUSPECT)):
        person = record.persons.add(id=f"p{index}", role=role, age_status=pb.AGE_STATUS_ADULT)
        person.names.add(family=f"Specimen{number}", given="Invented")
        person.birth.year, person.birth.month, person.birth.day = 1990 + index, 1 + number % 12, 7
        person.nationalities.add(country="RO")
        person.contacts.add(kind=pb.CONTACT_KIND_PHONE, value=f"+999{number:08}", country="RO")
        address = person.addresses.add()
        place = address.place
        place.street, place.town, place.country = "Invented Street 1", "Denkdorp", "NL"
    vehicle = record.vehicles.add(id="v").identity
    vehicle.kind, vehicle.plate, vehicle.plate_country = pb.VEHICLE_KIND_VAN, f"XX-{number}", "RO"
    vehicle.make = "Invented"
    online = record.online_contents.add(id="o")
    online.content.kind, online.content.site = pb.ONLINE_KIND_ADVERTISEMENT, "ads.example.invalid"
    online.content.url = f"https://ads.example.invalid/{number}"
    online.text = "An invented advertisement. " * 100
    incident = record.incidents.add(id="i", kind=pb.INCIDENT_KIND_TRAFFICKING)
    incident.acts.append(pb.ACT_RECRUITMENT)
    incident.means.append(pb.MEANS_DEBT_BONDAGE)
    incident.purposes.append(pb.EXPLOITATION_PURPOSE_SEXUAL_EXPLOITATION)
    incident.occurred.place.town, incident.occurred.place.country = "Denkdorp", "NL"
    incident.occurred.start.date.year, incident.occurred.start.date.month = 2026, 3
    return record.SerializeToString(deterministic=True)
