"""The published schemas: what we write and the reference sample follow ours and the reference's alike."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from lxml import etree

from adapters.adapter import View
from adapters.europol.schema import SIENA, UMF, is_valid
from adapters.europol.siena import EuropolSiena
from adapters.europol.umf import EuropolUmf
from gateway.errors import Malformed, Refused
from tests.adapters.europol.samples import (
    HANDLING,
    PARTIES,
    PERSON,
    effects,
    read,
    read_siena,
    siena,
    umf,
)
from tests.adapters.europol.views import views
from tests.adapters.views import EVERY
from tests.reference import reference

_ROOT = Path(__file__).resolve().parents[3]
_SCHEMAS = _ROOT / "adapters" / "europol"


@cache
def _theirs() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(reference("europol-like/umf-like.xsd")))


def test_reference_sample_follows_both_schemas() -> None:
    root = etree.parse(reference("europol-like/umf-like-sample.xml")).getroot()

    assert _theirs().validate(root)
    assert is_valid(root, UMF)


@given(view=views())
@settings(max_examples=50, deadline=None)
def test_what_is_written_follows_both_schemas(view: View) -> None:
    try:
        data = EuropolUmf().render([view], form="xml", allowed=EVERY).data
    except Refused:
        return

    root = etree.fromstring(data)
    theirs = _theirs()
    assert theirs.validate(root), theirs.error_log
    assert is_valid(root, UMF)


@given(view=views())
@settings(max_examples=50, deadline=None)
def test_what_is_written_follows_our_schema_of_messages(view: View) -> None:
    try:
        data = EuropolSiena().render([view], form="xml", allowed=EVERY).data
    except Refused:
        return

    assert is_valid(etree.fromstring(data), SIENA)


@pytest.mark.parametrize(
    "change",
    [
        lambda root: root.remove(root[0]),
        lambda root: root[0].set("type", "LETTER"),
        lambda root: root[1][0].remove(root[1][0][0]),
        lambda root: root[1][1].find("{*}AgeBand").set("x", "y"),
        lambda root: etree.SubElement(root[1], f"{{{UMF}}}Weapon"),
        lambda root: root[2][0].attrib.pop("from"),
        lambda root: root[0].find("{*}Evaluation").set("source", "D"),
    ],
)
def test_what_one_schema_refuses_the_other_does_too(change: Any) -> None:
    root = etree.parse(reference("europol-like/umf-like-sample.xml")).getroot()

    change(root)

    assert not _theirs().validate(root)
    assert not is_valid(root, UMF)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (umf("<Person id='p1'><Name/></Person>"), "Entities.Person.Name"),
        (umf("<Person id='p1'><Role>SAINT</Role></Person>"), "Entities.Person.Role"),
        (
            umf("<Person id='p1'><Role>VICTIM</Role><BirthDate>Ilinca</BirthDate></Person>"),
            "Person.BirthDate",
        ),
        (umf(PERSON + "<Person id='p2'><Role>VICTIM</Role><Sex>?</Sex></Person>"), "Entities.Person[2].Sex"),
        (umf("<Weapon id='w'/>"), "Entities.Weapon"),
        (umf(head=HANDLING), "Header.Handling"),
        (umf(head=PARTIES), "Header"),
        (umf(head=PARTIES + "<Handling><Code>H4</Code></Handling>"), "Header.Handling.Code"),
        (umf("<Person><Role>VICTIM</Role></Person>"), "Entities.Person"),
        (umf(PERSON, "<Connection id='x' from='p1' kind='USES'/>"), "Connections.Connection"),
        (umf("stray words"), "Entities"),
    ],
)
def test_message_that_breaks_the_schema_is_refused_by_element_and_line(data: bytes, field: str) -> None:
    with pytest.raises(Malformed) as refusal:
        read(b"\n\n" + data)

    assert refusal.value.code == "breaks-schema"
    assert field in refusal.value.field
    assert "line 1" in refusal.value.message
    assert not {"Ilinca", "SAINT", "stray"} & set(str(refusal.value).replace("'", " ").split())


@pytest.mark.parametrize("prefix", ["q", "umf", "x-1"])
def test_fault_is_found_whatever_the_prefixes_of_a_message(prefix: str) -> None:
    outer = siena(PERSON.replace("SUSPECT", "SAINT")).replace(b"u:", f"{prefix}:".encode())
    inner = f"<_:Person xmlns:_='{UMF}' id='p2'><_:Role>SAINT</_:Role></_:Person>"
    deep = umf(PERSON + inner.replace("_:", f"{prefix}:").replace(":_=", f":{prefix}="))
    for parse, data, field in (
        (read_siena, outer.replace(b"xmlns:u=", f"xmlns:{prefix}=".encode()), "Entities.Person.Role"),
        (read, deep, "Entities.Person[2].Role"),
    ):
        with pytest.raises(Malformed) as refusal:
            parse(data)
        assert (refusal.value.code, refusal.value.field) == ("breaks-schema", field)


@pytest.mark.parametrize(
    "root",
    [
        "<Message/>",
        "<Message xmlns='urn:example:hx:umf-like:2'/>",
        "<message xmlns='urn:example:hx:umf-like:1'/>",
        "<m:Report xmlns:m='urn:example:hx:umf-like:1'/>",
        "<Message xmlns='urn:example:hx:siena-like:1'/>",
    ],
)
def test_other_root_or_namespace_is_refused(root: str) -> None:
    with pytest.raises(Malformed) as refusal:
        read(root.encode())

    assert refusal.value.code == "breaks-schema"


def test_message_of_the_other_kind_is_refused() -> None:
    for parse, data in ((read, siena()), (read_siena, umf())):
        with pytest.raises(Malformed):
            parse(data)


def test_entity_of_another_namespace_is_refused() -> None:
    with pytest.raises(Malformed):
        read(umf("<Person xmlns='urn:other' id='p1'><Role>VICTIM</Role></Person>"))


def test_prefixes_are_free() -> None:
    data = umf().replace(b"xmlns=", b"xmlns:q=").replace(b"</", b"</q:").replace(b"<", b"<q:")

    draft = read(data.replace(b"<q:/q:", b"</q:"))

    assert [person.id for person in draft.record.persons] == ["p1"]


def test_hint_where_the_schema_stands_is_taken_out_and_never_followed(tmp_path: Path) -> None:
    trap = tmp_path / "trap.xsd"
    trap.write_text("<not even xml")
    hint = f"xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:schemaLocation='urn:trap {trap.as_uri()}'"
    alone = hint.replace("schemaLocation='urn:trap ", "noNamespaceSchemaLocation='")
    for one in (hint, alone):
        data = umf().replace(b"<Message ", f"<Message {one} ".encode())

        assert read(data).record.persons
    web = hint.replace(trap.as_uri(), "http://127.0.0.1:9/trap.xsd")
    assert read(umf(PERSON.replace("<Person ", f"<Person {web} "))).record.persons


@pytest.mark.parametrize("name", ["type='Location'", "nil='true'"])
def test_element_that_says_of_itself_what_type_it_is_is_refused(name: str) -> None:
    claim = f"<Person xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:{name} "

    with pytest.raises(Malformed) as refusal:
        read(umf(PERSON.replace("<Person ", claim)))

    assert (refusal.value.code, refusal.value.field) == ("breaks-schema", "Entities.Person")


def test_two_entities_of_one_id_are_refused() -> None:
    with pytest.raises(Malformed) as refusal:
        read(umf(PERSON + PERSON))

    assert (refusal.value.code, refusal.value.field) == ("duplicate-id", "Entities.Person[2]")


@pytest.mark.parametrize("end", ["from='p1' to='nobody'", "from='nobody' to='p1'"])
def test_connection_to_nowhere_is_refused(end: str) -> None:
    with pytest.raises(Malformed) as refusal:
        read(umf(PERSON, f"<Connection id='x' {end} kind='USES'/>"))

    assert refusal.value.code == "dangling-reference"


def test_connection_of_something_with_itself_or_of_a_connection_is_dropped_and_declared() -> None:
    ties = (
        "<Connection id='x' from='p1' to='p1' kind='USES'/><Connection id='y' from='p1' to='x' kind='USES'/>"
    )

    draft = read(umf(PERSON, ties))

    assert not draft.record.relationships
    assert set(effects(draft)) == {"Connections.Connection[1].from", "Connections.Connection[2].from"}


def test_published_schemas_name_nothing_outside() -> None:
    for path in sorted(_SCHEMAS.glob("*.xsd")):
        root = etree.parse(path).getroot()
        named = [one.get("schemaLocation") for one in root.iter("{*}import", "{*}include", "{*}redefine")]
        assert set(named) <= {"umf.xsd"}
