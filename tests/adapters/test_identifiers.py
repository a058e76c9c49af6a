"""Identifiers made from content are those that the standard library makes."""

from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st

from adapters.identifiers import uuid5


@given(namespace=st.uuids(), name=st.text(st.characters(exclude_categories=["Cs"])))
def test_identifier_is_that_of_the_standard_library(namespace: uuid.UUID, name: str) -> None:
    assert uuid5(str(namespace), name) == str(uuid.uuid5(namespace, name))
