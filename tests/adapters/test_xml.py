"""XML from outside: nothing is fetched or expanded, and what is too much is refused before it is built."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapters import xml as subject
from adapters.document import MAX_DEPTH, MAX_DOCUMENT_BYTES
from adapters.xml import MAX_ELEMENTS, read_xml, write_xml, xml_text
from gateway.errors import Malformed
from tests.project import ROOT

LAUGHS = (
    b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>'
)
DOCTYPES = (
    b"<!DOCTYPE a><a/>",
    b"<!doctype a><a/>",
    b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
    b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    b'<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]><a/>',
    b'<!DOCTYPE a [<!ATTLIST a b CDATA "c">]><a/>',
    b"<?xml version='1.0'?>\n<!-- a -->\n<!DOCTYPE a><a/>",
    LAUGHS,
)


def _code(data: bytes) -> str:
    with pytest.raises(Malformed) as refusal:
        read_xml(data)
    assert refusal.value.field == "document"
    return refusal.value.code


@pytest.mark.parametrize("data", DOCTYPES, ids=range(len(DOCTYPES)))
def test_declaration_of_a_type_or_an_entity_is_refused(data: bytes) -> None:
    assert _code(data) == "doctype"


def test_nothing_is_opened_for_a_document_that_names_files_and_hosts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret")

    def refuse(*_: Any) -> Any:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    entity = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}">]><a>&x;</a>'.encode()
    include = (
        f'<a xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="{secret.as_uri()}" parse="text"/></a>'
    )
    sheet = f'<?xml-stylesheet href="{secret.as_uri()}"?><a/>'

    assert _code(entity) == "doctype"
    for text in (include, sheet):
        assert b"secret" not in etree.tostring(read_xml(text.encode()), method="text")


def test_entity_that_nobody_declared_is_refused_and_the_five_of_xml_are_read() -> None:
    assert _code(b"<a>&nobody;</a>") == "not-xml"
    assert read_xml(b"<a>&lt;&gt;&amp;&quot;&apos;&#233;</a>").text == "<>&\"'é"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "latin-1"])
def test_other_encodings_are_refused(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><a>é+ADw-</a>'

    assert _code(text.encode(encoding)) == "bad-encoding"


def test_declaration_that_hides_its_encoding_decides_nothing() -> None:
    hidden = b"<?xml version='1.0'" + b" " * 300 + b"encoding='utf-7'?><a>+ADw-b/+AD4-</a>"

    assert read_xml(hidden).text == "+ADw-b/+AD4-"


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf<a/>",
        b"<?xml version='1.0' encoding='UTF-8'?><a/>",
        b"<?xml version='1.0' encoding='us-ascii'?><a/>",
        b"\n  <a/>\n",
    ],
)
def test_byte_order_mark_declaration_and_surrounding_space_are_taken(data: bytes) -> None:
    assert read_xml(data).tag == "a"


@pytest.mark.parametrize("data", [b"", b"  \n", b"\t"])
def test_empty_document_is_refused(data: bytes) -> None:
    assert _code(data) == "empty-document"


@pytest.mark.parametrize(
    "data",
    [
        *(b"<a>", b"<a></b>", b"<a><b></a></b>", b"<a/><b/>", b"text", b"<a b=1/>", b"<a b='1' b='2'/>"),
        *(
            b"<a>\x01</a>",
            b"<a>&#0;</a>",
            b"<a>&#1;</a>",
            b"<x:a/>",
            b"<a b='<'/>",
            b"<a",
            b"{}",
            b"<!-- -->",
        ),
        b"<a><!-- a -- b --></a>",
    ],
)
def test_what_is_no_xml_is_refused_with_its_line(data: bytes) -> None:
    assert _code(data) == "not-xml"


def test_refusal_does_not_repeat_what_stands_in_the_document() -> None:
    with pytest.raises(Malformed) as refusal:
        read_xml(b"<a>\n<name>Ilinca</nam></a>")

    assert "Ilinca" not in str(refusal.value)
    assert "line 2" in str(refusal.value)


def test_comments_instructions_and_character_data_leave_plain_text() -> None:
    root = read_xml(b"<a><?go now?>one<!-- two -->three<![CDATA[<b>&amp;]]></a>")

    assert len(root) == 0
    assert root.text == "onethree<b>&amp;"


def test_document_of_eight_mebibytes_is_read_and_one_byte_more_is_not() -> None:
    exact = b"<a>" + b" " * (MAX_DOCUMENT_BYTES - 7) + b"</a>"

    assert read_xml(exact).tag == "a"
    assert _code(exact + b" ") == "too-large"


def test_nesting_up_to_the_bound_is_read_and_one_level_more_is_not() -> None:
    assert read_xml(b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH) is not None
    assert _code(b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1)) == "too-deep"


@pytest.mark.parametrize(
    "opening",
    [b'<a x="/>">', b"<a x='/>'>", b'<a x="!--"><!---->', b'<a x="]]>">', b"<a\n>", b"<a x='>' >"],
)
def test_nesting_cannot_hide_behind_what_looks_like_markup(opening: bytes) -> None:
    assert _code(opening * 40 + b"</a>" * 40) == "too-deep"


@pytest.mark.parametrize(
    "within",
    [b"<!-- <a> -->", b"<![CDATA[<a>]]>", b"<?go <a>?>", b"<b x='&lt;a>'/>"],
)
def test_text_that_looks_like_markup_is_not_nesting(within: bytes) -> None:
    assert read_xml(b"<a>" + within * 100 + b"</a>").tag == "a"


@pytest.mark.parametrize("depth", [100, 1_000, 100_000, 1_000_000])
def test_deep_document_is_refused_before_it_is_built(depth: int, monkeypatch: pytest.MonkeyPatch) -> None:
    built = _count_trees(monkeypatch)

    assert _code(b"<a>" * depth) == "too-deep"
    assert built == [False]


@pytest.mark.parametrize(
    ("head", "one", "tail"),
    [
        (b"<a>", b"<b/>", b"</a>"),
        (b"<a>", b"<!---->", b"</a>"),
        (b"<a>", b"<?b?>", b"</a>"),
        (b"<a>", b"<b c=''/>", b"</a>"),
        (b"<a>", b"<b xmlns='c'/>", b"</a>"),
    ],
    ids=["elements", "comments", "instructions", "attributes", "namespaces"],
)
def test_too_many_of_anything_are_refused_before_they_are_built(
    head: bytes, one: bytes, tail: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = _count_trees(monkeypatch)

    assert _code(head + one * (MAX_ELEMENTS + 1) + tail) == "too-many-elements"
    assert built == [False]


@pytest.mark.parametrize("name", [b"a%d", b"xmlns:a%d"])
def test_too_many_attributes_of_one_element_are_refused(name: bytes) -> None:
    attributes = b" ".join(name % number + b"='u'" for number in range(MAX_ELEMENTS))

    assert _code(b"<a " + attributes + b"/>") == "too-many-elements"


def test_as_many_as_are_allowed_are_read() -> None:
    assert len(read_xml(b"<a>" + b"<b/>" * (MAX_ELEMENTS - 1) + b"</a>")) == MAX_ELEMENTS - 1


def _count_trees(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Return a list that says of every parser made from now on whether it builds a tree."""
    made: list[bool] = []
    original = subject._parser

    def noted(**options: Any) -> Any:
        made.append("target" not in options)
        return original(**options)

    monkeypatch.setattr(subject, "_parser", noted)
    return made


@pytest.mark.parametrize("unclosed", [b"<!--", b"<![CDATA[", b"<?a ", b"<a '", b'<a b="', b"<a "])
def test_unclosed_markup_costs_no_more_than_its_length(unclosed: bytes) -> None:
    data = b"<a>" + unclosed * 200_000

    started = time.process_time()
    assert _code(data) in ("not-xml", "too-deep")

    # A scan from every opening to the end would take many minutes.
    assert time.process_time() - started < 5


_MEASURE = """
import resource, sys
from adapters.xml import read_xml
from gateway.errors import Malformed
bomb = eval(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_xml(bomb)
except Malformed as exc:
    print(exc.code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize(
    ("bomb", "code"),
    [
        ("b'<a>' + b'<b/>' * 2_000_000 + b'</a>'", "too-many-elements"),
        ("b'<a>' * 2_000_000", "too-deep"),
        ("b'<a ' + b' '.join(b'a%d=\"\"' % n for n in range(600_000)) + b'/>'", "too-many-elements"),
        ("b'<a>' + b'<!---->' * 1_000_000 + b'</a>'", "too-many-elements"),
    ],
)
def test_bomb_is_refused_in_little_memory(bomb: str, code: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", _MEASURE, bomb],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    refused, kibibytes = run.stdout.split()
    assert refused == code
    assert int(kibibytes) < 192 * 1024


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_as_malformed(data: bytes) -> None:
    try:
        read_xml(data)
    except Malformed as refusal:
        assert refusal.code


@given(st.text(alphabet="<>&;!-[]?/='\"ab \n", max_size=80))
def test_anything_like_markup_is_read_or_refused_as_malformed(text: str) -> None:
    try:
        read_xml(f"<a>{text}</a>".encode())
    except Malformed as refusal:
        assert refusal.code


@given(st.text(max_size=200))
def test_any_text_is_written_so_that_it_is_read_again(text: str) -> None:
    root = etree.Element("a", b=xml_text(text))
    root.text = xml_text(text)

    read = read_xml(write_xml(root))

    assert (read.text or "") == xml_text(text)
    assert read.get("b") == xml_text(text)


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_character_that_xml_cannot_hold_becomes_a_replacement(character: str) -> None:
    assert xml_text(f"a{character}b") == "a\ufffdb"
