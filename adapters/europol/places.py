"""Values and places, read from the elements that hold them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.europol import tables
from adapters.europol.leaves import Leaf, read_leaf
from adapters.europol.nodes import Node
from adapters.loss import Effect
from gateway.v1 import record_pb2 as pb


def read_leaves(node: Node, message: Any, leaves: Sequence[Leaf]) -> None:
    """Read the elements of these values."""
    for leaf in leaves:
        read_leaf(node, message, leaf, node.texts(leaf.name))


def read_place(node: Node, place: pb.Place) -> None:
    """Read a place; half a coordinate is none."""
    read_leaves(node, place, tables.PLACE)
    if place.HasField("latitude_e6") != place.HasField("longitude_e6"):
        place.ClearField("latitude_e6")
        place.ClearField("longitude_e6")
        node.lose("Latitude", Effect.DROPPED, "is half a coordinate")
