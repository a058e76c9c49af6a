"""Devices and SIM cards, by the numbers that tell them apart."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.case_uco.canvas import Canvas, Members, put
from adapters.case_uco.case import Case
from adapters.case_uco.classes import DEVICE_CLASSES
from adapters.case_uco.node import Node
from adapters.document import Json
from gateway.v1 import record_pb2 as pb

_DEVICE: Final = "uco-observable:DeviceFacet"
# Of several classes of one kind the first is written.
_CLASSES: Final[Mapping[int, str]] = MappingProxyType(
    {kind: name for name, kind in reversed(tuple(DEVICE_CLASSES.items()))}
)
_NUMBERS: Final = (
    ("uco-observable:MobileDeviceFacet", "uco-observable:IMEI", "imei"),
    ("uco-observable:SIMCardFacet", "uco-observable:IMSI", "imsi"),
    ("uco-observable:SIMCardFacet", "uco-observable:ICCID", "iccid"),
    (_DEVICE, "uco-observable:serialNumber", "serial"),
    (_DEVICE, "uco-observable:model", "model"),
)


def read_device(case: Case, node: Node, artefact: pb.DigitalArtefact) -> None:
    """Read the device that a node is, if it is one; of several numbers of a sort the first counts."""
    device = pb.DeviceIdentity()
    kind = next((one for name, one in DEVICE_CLASSES.items() if one and name in node.types), 0)
    if kind:
        device.kind = pb.DeviceKind.ValueType(kind)
    for facet_name, property_, part in _NUMBERS:
        for facet in case.facets(node, facet_name):
            if text := facet.text(property_):
                setattr(device, part, text)
    for facet in case.facets(node, _DEVICE):
        maker = case.part(facet.reference("uco-observable:manufacturer"))
        if maker is not None and (name := maker.text("uco-core:name")):
            device.make = name
    if device.ByteSize():
        artefact.device.CopyFrom(device)


def device_class(artefact: pb.DigitalArtefact) -> str:
    """Return the class of a device, nothing for what is none."""
    if not artefact.HasField("device"):
        return ""
    return _CLASSES.get(artefact.device.kind, "uco-observable:Device")


def write_device(canvas: Canvas, node: Members, device: pb.DeviceIdentity) -> None:
    """Write the numbers and the make of a device into its node."""
    facets: dict[str, dict[str, Json]] = {_DEVICE: {}}
    for facet_name, property_, part in _NUMBERS:
        facets.setdefault(facet_name, {})[property_] = getattr(device, part)
    if device.make:
        maker = canvas.part(node, "maker", "uco-identity:Organization")
        put(maker, "uco-core:name", device.make)
        facets[_DEVICE]["uco-observable:manufacturer"] = maker
    for facet_name, values in facets.items():
        canvas.facet(node, facet_name, values)
