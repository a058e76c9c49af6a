"""The object templates of MISP that are written, and what each of their attributes is.

Only the attributes that are used stand here. A template is named by its UUID and version, so that whoever
imports an object knows by which rules it was made.

Source: MISP/misp-objects (CC0 1.0 or BSD-2-Clause); categories as in MISP's describeTypes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

_CATEGORIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("first-name", "middle-name", "last-name", "full-name", "gender"), "Person"),
        **dict.fromkeys(("date-of-birth", "place-of-birth", "nationality", "phone-number"), "Person"),
        **dict.fromkeys(("passport-number", "passport-country", "passport-expiration"), "Person"),
        "identity-card-number": "Person",
        **dict.fromkeys(("text", "datetime", "float", "size-in-bytes"), "Other"),
        **dict.fromkeys(("email", "email-src"), "Social network"),
        **dict.fromkeys(("bank-account-nr", "iban", "btc"), "Financial fraud"),
        **dict.fromkeys(("url", "hostname", "ip-src"), "Network activity"),
        **dict.fromkeys(("attachment", "filename"), "External analysis"),
        **dict.fromkeys(("md5", "sha1", "sha256", "sha512", "sha3-256", "sha3-512"), "Payload delivery"),
        **dict.fromkeys(("ssdeep", "tlsh", "mime-type"), "Payload delivery"),
    }
)

SEVERAL_LINES: Final = frozenset({"text", "comment"})
"""Types whose values may hold line breaks; MISP refuses one in any other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """One attribute of a template: its type, its category, and whether an object may have several."""

    type: str
    category: str
    several: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One template. An object is valid when it has one of the attributes in `needs`; where nothing is shown
    that could stand there, `stand_in` takes words that say so.
    """

    name: str
    uuid: str
    version: str
    meta_category: str
    needs: frozenset[str]
    stand_in: str
    relations: Mapping[str, Relation]


def _template(identity: str, needs: str, attributes: str) -> Template:
    """Return a template from words: `relation`, or `relation=type` where it is no text, `*` for several."""
    name, uuid, version, meta_category = identity.split()
    relations = {}
    for word in attributes.split():
        relation, _, kind = word.rstrip("*").partition("=")
        kind = kind or "text"
        category = "Internal reference" if relation == "summary" else _CATEGORIES[kind]
        relations[relation] = Relation(type=kind, category=category, several=word.endswith("*"))
    first, *_ = needs.split()
    return Template(
        name=name,
        uuid=uuid,
        version=version,
        meta_category=meta_category,
        needs=frozenset(needs.split()),
        stand_in=first,
        relations=MappingProxyType(relations),
    )


_WRITTEN: Final = (
    _template(
        "person a15b0477-e9d1-4b9c-9546-abe78a4f4248 21 misc",
        "alias handle first-name last-name full-name",
        "alias* handle* first-name=first-name middle-name=middle-name last-name=last-name title text role* "
        "full-name=full-name date-of-birth=date-of-birth place-of-birth=place-of-birth gender=gender "
        "nationality=nationality* address* e-mail=email-src* phone-number=phone-number* ip-src=ip-src* "
        "passport-number=passport-number passport-country=passport-country occupation "
        "passport-expiration=passport-expiration passport-creation=datetime portrait=attachment* "
        "identity-card-number=identity-card-number birth-certificate-number",
    ),
    _template(
        "organization f750e12b-127a-432c-b022-b3f9153c4e2a 9 misc",
        "name alias",
        "name alias* registration-number address* phone-number=phone-number* e-mail=email-src* "
        "type-of-organization sector* description",
    ),
    _template(
        "vehicle 683c076c-f695-4ff2-8efa-e98a418049f4 5 misc",
        "description make model license-plate-number vin exterior-color type",
        "description make model license-plate-number* vin exterior-color type",
    ),
    _template(
        "phone-number c4b5a67c-63d2-11ec-90d6-0242ac120003 1 mobile",
        "phone-number",
        "phone-number=phone-number country-code text",
    ),
    _template(
        "user-account 49606b06-22f0-4ac8-8eee-2f12ad46f3d3 6 misc",
        "username user-id",
        "username user-id account-type display-name description email=email*",
    ),
    _template(
        "bank-account b4712203-95a8-4883-80e9-b566f5df11c9 3 financial",
        "account iban",
        "account=bank-account-nr iban=iban account-name beneficiary institution-name",
    ),
    _template(
        "coin-address d0e6997e-78da-4815-a6a1-cfc1c1cb8a46 7 financial",
        "address-crypto",
        "address-crypto text",
    ),
    _template(
        "transaction a47fa26a-01b6-4747-a394-5144e34456dc 1 financial",
        "amount date transaction-number transmode-code",
        "amount date=datetime transaction-number transmode-code transmode-comment text",
    ),
    _template(
        "cryptocurrency-transaction a4aab70f-e43a-48cb-bf82-505de8228dd6 3 financial",
        "value time transaction-number",
        "value=float time=datetime transaction-number* symbol",
    ),
    _template(
        "transport-ticket 8d6bd699-86f8-477c-aac3-a7f273c19266 2 misc",
        "destination origin",
        "destination origin company date-of-arrival=datetime date-of-departure=datetime ticket-number* "
        "type-of-transport",
    ),
    _template(
        "geolocation cd6f2238-ba55-4888-82c4-104e6e1acf21 8 misc",
        "region city countrycode latitude longitude",
        "region city countrycode latitude=float longitude=float accuracy-radius=float address zipcode text",
    ),
    _template(
        "file 688c46fb-5edb-40a3-8273-1af7923e2215 25 file",
        "path filename size-in-bytes md5 sha1 sha256 sha512 sha3-256 sha3-512 ssdeep tlsh",
        "path* filename=filename* size-in-bytes=size-in-bytes mimetype=mime-type creation-time=datetime "
        "text* md5=md5 sha1=sha1 sha256=sha256 sha512=sha512 sha3-256=sha3-256 sha3-512=sha3-512 "
        "ssdeep=ssdeep tlsh=tlsh",
    ),
    _template(
        "phone d7e4fbdd-b551-4862-bddb-a0b470a38509 6 misc",
        "text imei imsi iccid",
        "text imei* imsi iccid serial-number brand model",
    ),
    _template(
        "url 60efb77b-40b5-4c46-871b-ed1ed999fce5 10 network",
        "resource_path url",
        "resource_path* url=url host=hostname text first-seen=datetime last-seen=datetime",
    ),
    _template(
        "annotation 5d8dc046-15a1-4ca3-a09f-ed4ede7c4487 3 misc",
        "text",
        "text type",
    ),
    _template(
        "report 70a68471-df22-4e3f-aa1a-5a3be19f82df 8 misc",
        "title summary",
        "title* summary* case-number type",
    ),
)

TEMPLATES: Final[Mapping[str, Template]] = MappingProxyType({one.name: one for one in _WRITTEN})
"""The templates by their names."""
