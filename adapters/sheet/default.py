"""The column map of a sheet that brings none: plain English headings, and a start for a map of one's own."""

from __future__ import annotations

from functools import cache
from typing import Final

from adapters.sheet.column_map import ColumnMap
from adapters.sheet.map_file import read_map

DEFAULT: Final = """\
# Column map: on the left a heading of the sheet, on the right what its cells say in the record. One row of
# the sheet is one record. Change headings to yours, take out what your sheet does not have, add what it has.
#
# A column may say more than its path:
#   "Geboren" = { path = "persons[person].birth", dates = "day-first" }
#   "Gender" = { path = "persons[person].sex", codes = { f = "female", m = "male" }, absent = ["?"] }
#   "Remarks" = { path = "narratives[notes].text", optional = true }
# `optional` columns may be missing from the sheet. `codes` translate words of the sheet; `verbatim` names a
# text that keeps words without a translation, which are an error else. Words in `absent` say "not recorded",
# as an empty cell, -99, 00 and unknown always do. A label in brackets tells several of a kind in a row apart.

dates = "year-first"  # or "day-first" (14.2.2031), or "month-first" (2/14/2031): never guessed
separator = ";"       # between several values in one cell

[columns]
"Our reference" = "header.own_reference"
"Case number" = "header.case_references.number"
"Case authority" = "header.case_references.authority"
"Case country" = "header.case_references.country"
"Record type" = "header.type"
"Case status" = "header.case_status"
"Reason for closure" = "header.closure_reason"
"Created on" = "header.created_on"
"Crime areas" = "header.crime_areas"
"Origin of the information" = "header.provenance"
"Permitted purposes" = "header.purposes_in_words"
"Meant for" = "header.audience"
"Handling codes" = "header.source_handling.codes"
"Handling in words" = "header.source_handling.text"
"Classification" = "header.source_handling.classification"
"Traffic light" = "header.source_handling.traffic_light"
"Grading scheme" = "header.evaluation.scheme"
"Grading of the source" = "header.evaluation.source"
"Grading of the information" = "header.evaluation.information"
"Grading as written" = "header.evaluation.original"

# The person the row is about: whoever states no role is protected.
"Role" = "persons[person].role"
"Functions" = "persons[person].functions"
"First name" = "persons[person].names.given"
"Middle name" = "persons[person].names.middle"
"Family name" = "persons[person].names.family"
"Full name" = "persons[person].names.full"
"Title" = "persons[person].names.title"
"Kind of name" = "persons[person].names.kind"
"Script of the name" = "persons[person].names.script"
"Also known as" = "persons[person].aliases.full"
"Pseudonym" = "persons[person].foreign_pseudonym"
"Date of birth" = "persons[person].birth"
"Age band by birth" = "persons[person].birth.age_band"
"Age band" = "persons[person].age_band"
"Minor or adult" = "persons[person].age_status"
"Age when exploited" = "persons[person].age_at_exploitation"
"Sex" = "persons[person].sex"
"Gender" = "persons[person].gender"
"Nationalities" = "persons[person].nationalities"
"Languages" = "persons[person].languages"
"Telephone" = "persons[person].contacts[phone].value"
"E-mail" = "persons[person].contacts[email].value"
"Street" = "persons[person].addresses.place.street"
"Postal code" = "persons[person].addresses.place.postal_code"
"Town" = "persons[person].addresses.place.town"
"Region" = "persons[person].addresses.place.region"
"Country" = "persons[person].addresses.place.country"
"Address is current" = "persons[person].addresses.current"
"Address since" = "persons[person].addresses.since"
"Address until" = "persons[person].addresses.until"
"Occupation" = "persons[person].workplaces[job].occupation"
"Sector of work" = "persons[person].workplaces[job].sector"
"Marital status" = "persons[person].household.marital_status"
"Number of children" = "persons[person].household.number_of_children"
"Education" = "persons[person].description.education"
"Height in cm" = "persons[person].description.height_cm"
"Deceased" = "persons[person].description.deceased"
"Vulnerabilities" = "persons[person].health.vulnerabilities"
"Trafficking status" = "persons[person].trafficking_status"
"Status decided by" = "persons[person].status_decided_by"
"Relation to the trafficker" = "persons[person].relation_to_trafficker"
"Anonymity guaranteed" = "persons[person].safety.anonymity_guaranteed"
"Do not interview again" = "persons[person].safety.do_not_reinterview"
"Unsafe countries" = "persons[person].safety.unsafe_countries"
"Consent" = "persons[person].consents.status"
"Consent for" = "persons[person].consents.purposes"
"Consent to" = "persons[person].consents.recipients"
"Consent given on" = "persons[person].consents.given_on"
"Consent ends" = "persons[person].consents.expires"
"Guardian is suspect" = "persons[person].consents.guardian_is_suspect"
"Referral" = "persons[person].referrals.direction"
"Referral on" = "persons[person].referrals.on"
"Referral reason" = "persons[person].referrals.reason"
"Referral details" = "persons[person].referrals.details"

"Document kind" = "documents[paper].details.kind"
"Document number" = "documents[paper].details.number"
"Document country" = "documents[paper].details.issuing_country"
"Document issued" = "documents[paper].details.issued"
"Document expires" = "documents[paper].details.expires"
"Document status" = "documents[paper].details.status"

# What happened to the person.
"Incident" = "incidents[incident].kind"
"Acts" = "incidents[incident].acts"
"Means of control" = "incidents[incident].means"
"Purposes" = "incidents[incident].purposes"
"Sexual exploitation" = "incidents[incident].sexual_kinds"
"Recruitment" = "incidents[incident].recruitment_methods"
"Web sites and apps" = "incidents[incident].platforms"
"Sectors" = "incidents[incident].sectors"
"Place name" = "incidents[incident].occurred.place.name"
"Place street" = "incidents[incident].occurred.place.street"
"Place town" = "incidents[incident].occurred.place.town"
"Place region" = "incidents[incident].occurred.place.region"
"Place country" = "incidents[incident].occurred.place.country"
"Latitude" = "incidents[incident].occurred.place.latitude_e6"
"Longitude" = "incidents[incident].occurred.place.longitude_e6"
"Began" = "incidents[incident].occurred.start"
"Ended" = "incidents[incident].occurred.end"
"Months" = "incidents[incident].months"
"What happened" = "incidents[incident].description"

"Suspect first name" = "persons[suspect].names.given"
"Suspect family name" = "persons[suspect].names.family"
"Suspect full name" = "persons[suspect].names.full"
"Suspect kind of name" = "persons[suspect].names.kind"
"Suspect date of birth" = "persons[suspect].birth"
"Suspect sex" = "persons[suspect].sex"
"Suspect nationalities" = "persons[suspect].nationalities"
"Suspect functions" = "persons[suspect].functions"
"Suspect telephone" = "persons[suspect].contacts[phone].value"
"Vehicle kind" = "vehicles[vehicle].identity.kind"
"Vehicle plate" = "vehicles[vehicle].identity.plate"
"Vehicle country" = "vehicles[vehicle].identity.plate_country"
"Vehicle make" = "vehicles[vehicle].identity.make"
"Vehicle model" = "vehicles[vehicle].identity.model"
"Vehicle colour" = "vehicles[vehicle].identity.colour"

"Notes" = "narratives[notes].text"
"Language of the notes" = "narratives[notes].language"

# What holds for every row that says anything of the same entity, or of the same part of it.
[constants]
"header.source" = "ngo"
"persons[suspect].role" = "suspect"
"persons[person].contacts[phone].kind" = "phone"
"persons[person].contacts[email].kind" = "email"
"persons[person].workplaces[job].kind" = "employer"
"persons[suspect].contacts[phone].kind" = "phone"
"documents[paper].holder" = "persons[person]"
"narratives[notes].subjects" = ["persons[person]"]

# Who is tied to what. By role: a victim as victim, a suspect as suspect, a witness as witness.
[[ties]]
from = "persons[person]"
to = "incidents[incident]"
kind = "by-role"

[[ties]]
from = "persons[suspect]"
to = "incidents[incident]"
kind = "by-role"

[[ties]]
from = "persons[suspect]"
to = "vehicles[vehicle]"
kind = "uses"
"""


@cache
def default_map() -> ColumnMap:
    """Return the default map."""
    return read_map(DEFAULT.encode())
