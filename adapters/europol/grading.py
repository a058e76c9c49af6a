"""Gradings in a message: 4x4, and in `original` the scheme they were made in with its codes.

`original` is `5x5x5:B2`, and behind a blank what the source itself wrote. No scheme is guessed from letters:
what does not begin with the name of one is a text beside a 4x4 grading.
"""

from __future__ import annotations

from typing import Final

from lxml import etree

from adapters.europol.nodes import Node
from adapters.evaluation import Grade, graded, read_original, to_4x4, write_original
from adapters.loss import Effect
from adapters.xml import Element, xml_text
from gateway.v1 import record_pb2 as pb

_UNGRADED: Final = Grade("X", "4")
"""What cannot be assessed: it stands beside a grading whose scheme nobody here knows."""


def write_evaluation(parent: Element, tag: str, evaluation: pb.Evaluation) -> bool:
    """Add a grading, and tell whether there is anything to add: one without a scheme and words is not."""
    grade = to_4x4(evaluation)
    code = write_original(evaluation)
    if grade is None and not evaluation.original:
        return False
    element = etree.SubElement(parent, tag)
    grade = grade or _UNGRADED
    element.set("source", grade.source)
    element.set("information", grade.information)
    if evaluation.original:
        element.set("original", xml_text(f"{code or '4x4:X4'} {evaluation.original}"))
    elif code and evaluation.scheme != pb.EVALUATION_SCHEME_EUROPOL_4X4:
        element.set("original", code)
    return True


def read_evaluation(node: Node) -> pb.Evaluation:
    """Return a grading in the scheme it was made in, with the words of its source."""
    where = node.where("source")
    stated = graded("4x4", node.attribute("source"), node.attribute("information"), where)
    text = node.raw_attribute("original")
    code, _, words = text.partition(" ")
    original = read_original(code)
    if original is None:
        words = text
    elif to_4x4(original) != Grade(stated.source, stated.information):
        node.lose("original", Effect.KEPT_AS_EXTENSION, "names another grading than the one stated in 4x4")
        words = text
    else:
        stated = original
    if words := node.clean("original", words):
        stated.original = words
    node.finish("a grading has no such member")
    return stated
