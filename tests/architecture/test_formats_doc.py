"""The page on formats shows what the renderers write today, and every document it names."""

from __future__ import annotations

import pytest

from adapters.registry import find_renderer, written_names
from docs.generate_formats import FOLDER, PAGE, Column, case, columns, documents, page, section


@pytest.fixture(scope="module")
def found() -> list[Column]:
    return columns(case())


def test_the_page_is_what_its_generator_writes(found: list[Column]) -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert page(text, section(case(), found)) == text, "run `make docs`"


def test_the_documents_are_what_the_renderers_write(found: list[Column]) -> None:
    made = documents(found)

    assert {path.name for path in FOLDER.iterdir()} == set(made), "run `make docs`"
    assert [name for name, data in made.items() if (FOLDER / name).read_bytes() != data] == []


def test_every_format_that_is_written_has_a_column_or_says_why_not(found: list[Column]) -> None:
    assert {column.format for column in found} == set(written_names())
    assert all(column.exported is not None or column.refusal for column in found)
    assert len(documents(found)) == sum(column.exported is not None for column in found)


def test_no_document_names_a_victim_where_its_reader_may_ignore_a_marking(found: list[Column]) -> None:
    for column in found:
        if column.exported is None or find_renderer(column.format).binding:
            continue
        text = column.exported.data.decode()
        for word in ("Sânziana", "Închipuitu", "Născocilă", "dochita@mail", "Schuilhoflaan", "+99955500202"):
            assert word not in text, (column.title, word)
