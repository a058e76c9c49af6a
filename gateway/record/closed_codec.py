"""Twins of the generated messages with closed enums, so that the official codec can tell unknown values.

Proto3 keeps an enum number it does not know as if it were known. In the twin it is an unknown field, and
dropping unknown fields before encoding again shows that it was there.
"""

from __future__ import annotations

from functools import cache

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import Descriptor, FileDescriptor
from google.protobuf.message import Message


@cache
def closed_message(descriptor: Descriptor) -> type[Message]:
    """Return the message class with the same fields and closed enums.

    Raises:
        TypeError: a singular scalar of the file has no explicit presence, so that a stated zero and an absent
            one could not be told apart.
    """
    pool = _pool(descriptor.file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(descriptor.full_name))


@cache
def _pool(file: FileDescriptor) -> descriptor_pool.DescriptorPool:
    pool = descriptor_pool.DescriptorPool()
    added: set[str] = set()

    def add(source: FileDescriptor) -> None:
        if source.name in added:
            return
        added.add(source.name)
        for dependency in source.dependencies:
            add(dependency)
        proto = descriptor_pb2.FileDescriptorProto()
        source.CopyToProto(proto)
        if proto.syntax == "proto3" and not proto.extension:
            _close(proto)
        pool.AddSerializedFile(proto.SerializeToString())

    add(file)
    return pool


def _close(proto: descriptor_pb2.FileDescriptorProto) -> None:
    proto.syntax = "editions"
    proto.edition = descriptor_pb2.Edition.EDITION_2023
    proto.options.features.enum_type = descriptor_pb2.FeatureSet.EnumType.CLOSED
    for message in proto.message_type:
        _explicit(message)


def _explicit(message: descriptor_pb2.DescriptorProto) -> None:
    repeated = descriptor_pb2.FieldDescriptorProto.Label.LABEL_REPEATED
    nested = descriptor_pb2.FieldDescriptorProto.Type.TYPE_MESSAGE
    for field in message.field:
        if not field.proto3_optional and field.label != repeated and field.type != nested:
            raise TypeError(f"{message.name}.{field.name} has no explicit presence")
        field.ClearField("proto3_optional")
        field.ClearField("oneof_index")
        field.ClearField("options")
    del message.oneof_decl[:]
    for inner in message.nested_type:
        _explicit(inner)
