"""The documents hold to the standard itself: the shapes of UCO and CASE 1.4, as its own validator reads them.

Source: ADR 0025.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from case_utils.case_validate import validate
from hypothesis import Phase, given, seed, settings

from adapters.adapter import View
from adapters.case_uco.format import CaseUco
from gateway.errors import Refused
from tests.adapters.views import EVERY, views
from tests.reference import reference

_ROOT: Final = Path(__file__).resolve().parents[3]
_OURS: Final = (_ROOT / "examples/formats/case-uco.json", Path(__file__).parent / "vectors/written.json")


def _faults(path: Path, *more: Path) -> str:
    """Return what the validator has against a document, nothing where it conforms to the letter."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        result = validate(str(path), case_version="case-1.4.0", supplemental_graphs=[*map(str, more)])
    unknown = "\n".join(str(one.message) for one in told if "CDO" in str(one.message))
    return "" if result.conforms else f"{result.text}\n{unknown}\n{result.undefined_concepts or ''}"


def _rendered(many: list[View]) -> bytes:
    """Return the views that may be written, as one document."""
    kept = []
    for view in many:
        try:
            CaseUco().render([view], form="json", allowed=EVERY)
        except Refused:
            continue
        kept.append(view)
    return CaseUco().render(kept, form="json", allowed=EVERY).data if kept else b"{}"


@pytest.mark.parametrize("path", _OURS, ids=lambda path: path.name)
def test_our_own_examples_conform_to_the_shapes_of_the_standard(path: Path) -> None:
    assert not _faults(path)


def test_views_of_any_records_conform_to_the_shapes_of_the_standard(tmp_path: Path) -> None:
    drawn: list[View] = []

    @seed(1)
    @settings(max_examples=30, database=None, phases=[Phase.generate])
    @given(view=views())
    def draw(view: View) -> None:
        drawn.append(view)

    draw()
    file = tmp_path / "views.json"
    file.write_bytes(_rendered(drawn))
    assert len(json.loads(file.read_bytes())["@graph"]) > 100
    assert not _faults(file)


@pytest.mark.deep
@settings(max_examples=60)
@given(view=views())
def test_view_of_any_record_conforms_to_the_shapes(
    view: View, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("views") / "view.json"
    file.write_bytes(_rendered([view]))
    assert not _faults(file)


def test_trafficking_is_told_in_classes_that_its_ontology_has() -> None:
    ontology = sorted(reference("cac-ontology").glob("cacontology-*.ttl"))
    assert len(ontology) == 2
    for path in _OURS:
        assert not _faults(path, *ontology)


def _without_classes_of_the_standard(node: dict[str, Any]) -> None:
    if isinstance(node.get("@type"), list):
        node["@type"] = [one for one in node["@type"] if one != "uco-core:Facet"]
    for facet in node.get("uco-core:hasFacet", []):
        _without_classes_of_the_standard(facet)


def _of_an_unknown_class(node: dict[str, Any]) -> None:
    if node["@type"] == "uco-identity:Person":
        node["@type"] = ["uco-identity:Person", "uco-identity:Human"]


@pytest.mark.parametrize("spoil", [_without_classes_of_the_standard, _of_an_unknown_class])
def test_validator_finds_what_does_not_conform(
    spoil: Callable[[dict[str, Any]], None], tmp_path: Path
) -> None:
    document = json.loads(_OURS[0].read_bytes())
    for node in document["@graph"]:
        spoil(node)
    file = tmp_path / "spoilt.json"
    file.write_text(json.dumps(document), "utf-8")

    assert _faults(file)
