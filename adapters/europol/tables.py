"""Which value of an entity stands in which element, and which only as a line of its remark.

Source: `reference/formats.md` section 1.7.
"""

from __future__ import annotations

from typing import Final

from adapters.europol.leaves import Form, Leaf

PERSON_LINES: Final = (
    Leaf("Role", "role", Form.CODE),
    Leaf("Function", "functions", Form.CODE),
    Leaf("Gender", "gender", Form.CODE),
    Leaf("Trafficking status", "trafficking_status", Form.CODE),
    Leaf("Status decided by", "status_decided_by", Form.CODE),
    Leaf("Relation to trafficker", "relation_to_trafficker", Form.CODE),
    Leaf("Age at exploitation", "age_at_exploitation", Form.COUNT),
    Leaf("Cooperation", "cooperation", Form.CODE),
    Leaf("Available for hearing", "available_for_hearing", Form.FLAG),
    Leaf("Do not reinterview", "safety.do_not_reinterview", Form.FLAG),
    Leaf("Unsafe country", "safety.unsafe_countries", Form.COUNTRY),
    Leaf("Language", "languages", Form.LANGUAGE),
    Leaf("Height in cm", "description.height_cm", Form.COUNT),
    Leaf("Weight in kg", "description.weight_kg", Form.COUNT),
    Leaf("Eye colour", "description.eye_colours"),
    Leaf("Hair colour", "description.hair_colours"),
    Leaf("Clothing", "description.clothing"),
    Leaf("Deceased", "description.deceased", Form.FLAG),
)

ORGANISATION: Final = (
    Leaf("Name", "identity.names", required=True),
    Leaf("RegistrationNumber", "identity.registration_number"),
    Leaf("Country", "identity.country", Form.COUNTRY),
)
ORGANISATION_LINES: Final = (Leaf("Kind", "kind", Form.CODE),)

PLACE: Final = (
    Leaf("Street", "street"),
    Leaf("PostalCode", "postal_code"),
    Leaf("Town", "town"),
    Leaf("Region", "region"),
    Leaf("Country", "country", Form.COUNTRY),
    Leaf("Latitude", "latitude_e6", Form.LATITUDE),
    Leaf("Longitude", "longitude_e6", Form.LONGITUDE),
    Leaf("PrecisionMetres", "precision_m", Form.COUNT),
)
PLACE_LINES: Final = (Leaf("Name", "name"), Leaf("Place in the source", "original"))

LOCATION: Final = tuple(Leaf(leaf.name, f"site.{leaf.path}", leaf.form) for leaf in PLACE)
LOCATION_LINES: Final = (
    Leaf("Kind", "kind", Form.CODE),
    *(Leaf(leaf.name, f"site.{leaf.path}", leaf.form) for leaf in PLACE_LINES),
)

VEHICLE: Final = (
    Leaf("Kind", "identity.kind", Form.KIND, required=True),
    Leaf("RegistrationNumber", "identity.plate"),
    Leaf("RegistrationCountry", "identity.plate_country", Form.COUNTRY),
    Leaf("Vin", "identity.vin"),
    Leaf("Make", "identity.make"),
    Leaf("Model", "identity.model"),
    Leaf("Colour", "identity.colour"),
)

ACCOUNT: Final = (
    Leaf("Value", "value", required=True),
    Leaf("Provider", "provider"),
    Leaf("SeenAt", "seen", Form.INSTANT),
)
"""Of an account or a contact; its kind stands before them."""
ACCOUNT_LINES: Final = (
    Leaf("Country", "country", Form.COUNTRY),
    Leaf("Display name", "display_name"),
    Leaf("Holder name", "holder_name"),
)
CONTACT_LINES: Final = (Leaf("Country", "country", Form.COUNTRY),)
FINANCIAL_ACCOUNT: Final = (Leaf("Identifier", "value"),)
FINANCIAL_ACCOUNT_LINES: Final = (Leaf("Provider", "provider"), *ACCOUNT_LINES)

ONLINE: Final = (
    Leaf("Value", "content.url", required=True),
    Leaf("Provider", "content.site"),
    Leaf("SeenAt", "content.captured", Form.INSTANT),
)
ONLINE_LINES: Final = (
    Leaf("Kind", "content.kind", Form.CODE),
    Leaf("Title", "content.title"),
    Leaf("Author", "content.author"),
    Leaf("Posted at", "content.posted", Form.INSTANT),
    Leaf("Language", "language"),
)

DOCUMENT: Final = (
    Leaf("Kind", "details.kind", Form.KIND, required=True),
    Leaf("Number", "details.number", required=True),
    Leaf("IssuingCountry", "details.issuing_country", Form.COUNTRY),
    Leaf("IssueDate", "details.issued", Form.DATE),
    Leaf("ExpiryDate", "details.expires", Form.DATE),
    Leaf("Status", "details.status", Form.KIND),
)

TRANSACTION: Final = (
    Leaf("Kind", "detail.kind", Form.KIND, required=True),
    Leaf("Identifier", "detail.reference"),
    Leaf("Amount", "detail.amount", Form.AMOUNT),
    Leaf("Currency", "detail.currency", Form.CURRENCY),
    Leaf("At", "detail.on", Form.INSTANT),
)
TRANSACTION_LINES: Final = (Leaf("Channel", "detail.channel"), Leaf("Parties", "detail.parties"))

ARTEFACT: Final = (
    Leaf("MimeType", "metadata.media_type"),
    Leaf("Size", "metadata.size_bytes", Form.COUNT),
)
DEVICE_LINES: Final = (
    Leaf("Device", "device.kind", Form.CODE),
    Leaf("IMSI", "device.imsi"),
    Leaf("ICCID", "device.iccid"),
    Leaf("Serial", "device.serial"),
    Leaf("Make", "device.make"),
    Leaf("Model", "device.model"),
)
ARTEFACT_LINES: Final = (
    Leaf("Kind", "metadata.kind", Form.CODE),
    Leaf("File name", "metadata.file_name"),
    Leaf("Path", "metadata.path"),
    Leaf("Series", "metadata.series"),
    Leaf("Victim identified", "metadata.victim_identified", Form.FLAG),
    Leaf("Offender identified", "metadata.offender_identified", Form.FLAG),
    Leaf("Distributed", "metadata.distributed", Form.FLAG),
    Leaf("Exhibit", "exhibits"),
    *DEVICE_LINES,
)
IMEI: Final = (Leaf("Value", "device.imei", required=True),)
IMSI: Final = (Leaf("Value", "device.imsi", required=True),)

EVENT: Final = (
    Leaf("Kind", "kind", Form.KIND, required=True),
    Leaf("Act", "acts", Form.CODE),
    Leaf("Means", "means", Form.CODE),
    Leaf("ExploitationPurpose", "purposes", Form.CODE),
)
EVENT_TIMES: Final = (
    Leaf("Start", "occurred.start.date", Form.DATE),
    Leaf("End", "occurred.end.date", Form.DATE),
)
EVENT_LINES: Final = (
    Leaf("Sexual exploitation", "sexual_kinds", Form.CODE),
    Leaf("Recruitment method", "recruitment_methods", Form.CODE),
    Leaf("Platform", "platforms"),
    Leaf("Months", "months", Form.COUNT),
)
JOURNEY_LINES: Final = (Leaf("In progress", "in_progress", Form.FLAG),)
LEG_LINES: Final = (
    Leaf("Mode", "mode", Form.CODE),
    Leaf("Carrier", "carrier"),
    Leaf("Ticket", "ticket"),
)

CONNECTION_TIMES: Final = (Leaf("start", "link.since", Form.DATE), Leaf("end", "link.until", Form.DATE))
CONNECTION_LINES: Final = (Leaf("Confidence", "link.confidence", Form.COUNT),)
ADDRESS_LINES: Final = (Leaf("Current", "current", Form.FLAG),)
IMEI_LINES: Final = (Leaf("IMEI", "device.imei"),)
JOURNEY: Final = (Leaf("Start", "route.month", Form.DATE),)
