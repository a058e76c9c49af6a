"""The remark of an entity: lines that only we read back (`Function: buyer`), then free text.

A foreign reader sees a sentence or two; what stands there counts as an extension. A line is read only where
its label is one of the entity's and its value reads, so that the remark of somebody else stays a text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from adapters.europol.leaves import Leaf, write_leaf
from adapters.europol.leaves_in import read_leaf
from adapters.europol.nodes import Node
from adapters.row import ABSENT
from gateway.errors import Malformed

_LINE: Final = re.compile(r"([A-Z][A-Za-z ]+): (\S.*)")
AS_WRITTEN: Final = "as written"
"""What stands behind the name of an element whose word had no equal."""


def write_lines(message: Any, leaves: Sequence[Leaf]) -> tuple[list[str], list[str]]:
    """Return the lines of an entity's values, and the paths of those that have one."""
    lines: list[str] = []
    paths: list[str] = []
    for leaf in leaves:
        texts = [text for text in write_leaf(message, leaf) if _fits(text)]
        lines += [f"{leaf.name}: {text}" for text in texts]
        paths += [leaf.path] if texts else []
    return lines, paths


def read_lines(node: Node, message: Any, leaves: Sequence[Leaf], text: str) -> str:
    """Read the lines at the beginning of a remark into an entity, and return the rest.

    `text` is the remark as it is: a text of 64 KiB behind the lines is not too long.
    """
    known = {leaf.name: leaf for leaf in leaves}
    lines = text.split("\n") if text else []
    while lines:
        match = _LINE.fullmatch(lines[0])
        leaf = known.get(match[1]) if match else None
        if match is None or leaf is None or not _takes(node, message, leaf, match[2]):
            break
        del lines[0]
    return node.clean("Remark", "\n".join(lines))


def words_as_written(node: Node) -> list[str]:
    """Return lines that keep the words of an element without an equal."""
    return [f"{name} {AS_WRITTEN}: {word}" for name, word in node.words]


def _fits(text: str) -> bool:
    """Tell whether a text stands in a line as it is, and does not read as "not recorded"."""
    return "\n" not in text and text == text.strip() and text not in ABSENT


def _takes(node: Node, message: Any, leaf: Leaf, text: str) -> bool:
    trial = Node(element=node.element, path=node.path, losses=[])
    copy = type(message)()
    try:
        read_leaf(trial, copy, leaf, [text])
    except Malformed:
        return False
    if trial.losses or not copy.ByteSize():
        return False
    read_leaf(trial, message, leaf, [text])
    return True
