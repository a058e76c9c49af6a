"""A refusal crosses the wire and is the same on the other side; what is none is the transport's failure."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import grpc.aio
import pytest
from google.protobuf import any_pb2
from google.rpc import error_details_pb2
from hypothesis import given
from hypothesis import strategies as st

from gateway import errors
from gateway.errors import Busy, Conflict, GatewayError, Kind, Refused, Unreachable
from gateway.record.findings import Finding, InvalidRecord
from gateway.wire.limits import SERVER_OPTIONS, channel_options
from gateway.wire.problem import error_of, status_code, to_status, violations_of
from tests.wire.failed import DETAILS, Failed, answered, details_of, info, packed, refused_with

ERRORS = [
    error
    for error in vars(errors).values()
    if isinstance(error, type) and issubclass(error, GatewayError) and error is not GatewayError
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.kind.value)
def test_refusal_of_every_kind_is_the_same_on_the_other_side(error: type[GatewayError]) -> None:
    told = error_of(
        refused_with(error("is not so", code="some-code", field="a.b[0]", size="7", origin="x/y"))
    )

    assert type(told) is error
    assert (told.message, told.code, told.field) == ("is not so", "some-code", "a.b[0]")
    assert told.facts == {"size": "7", "origin": "x/y"}
    assert str(told) == "a.b[0]: is not so"


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.kind.value)
def test_refusal_without_code_field_or_facts_is_the_same_too(error: type[GatewayError]) -> None:
    told = error_of(refused_with(error("no")))

    assert (type(told), told.message, told.code, told.field, told.facts) == (error, "no", error.kind, "", {})


def test_every_kind_has_an_error_and_a_status_that_is_no_success() -> None:
    assert {error.kind for error in ERRORS} == set(Kind)
    assert grpc.StatusCode.OK not in {status_code(kind) for kind in Kind}


def test_refusal_says_its_reason_its_domain_and_every_field_at_fault() -> None:
    findings = [Finding(path=f"persons[{n}].name", rule="too-long", message="is too long") for n in range(3)]

    information, bad = details_of(InvalidRecord(findings)).details

    found, fields = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    assert information.Unpack(found) and bad.Unpack(fields)
    assert (found.reason, found.domain, found.metadata["kind"]) == ("TOO_LONG", "comity", "malformed")
    assert [one.field for one in fields.field_violations] == [f"persons[{n}].name" for n in range(3)]


def test_refused_record_names_its_first_fault_on_the_other_side() -> None:
    findings = [Finding(path=f"persons[{n}]", rule="too-many", message="is one more") for n in range(2)]

    told = error_of(refused_with(InvalidRecord(findings)))

    assert isinstance(told, InvalidRecord)
    assert (told.message, told.code, told.field) == ("is one more (and 1 more)", "too-many", "persons[0]")
    assert list(told.findings) == findings


_TEXT = st.text(st.characters(codec="utf-8"), max_size=2_000)


@given(message=_TEXT, field=_TEXT, facts=st.lists(_TEXT, max_size=40))
def test_details_are_bounded_whatever_a_refusal_holds(message: str, field: str, facts: list[str]) -> None:
    error = Refused(message, field=field, **{f"fact_{n}": text for n, text in enumerate(facts)})

    status = details_of(error)

    assert status.ByteSize() < 5 * 1024
    assert isinstance(error_of(refused_with(error)), Refused)


def test_at_most_sixteen_faults_are_told_and_fewer_where_they_are_long() -> None:
    short = [Finding(path=f"a[{n}]", rule="r", message="is wrong") for n in range(256)]
    long = [Finding(path="a" * 300, rule="r", message="ä" * 300) for _ in range(256)]

    told = error_of(refused_with(InvalidRecord(short)))

    assert isinstance(told, InvalidRecord)
    assert (len(told.findings), told.message) == (16, "is wrong (and 255 more)")
    assert len(violations_of(InvalidRecord(short))) == 256
    assert details_of(InvalidRecord(long)).ByteSize() < 8 * 1024


def test_longest_refusal_arrives_through_a_real_server() -> None:
    """What is larger than the transport's bound on metadata would arrive as that alone."""
    facts = {f"fact_{n}": "ä" * 300 for n in range(40)}
    longest = InvalidRecord([Finding(path="ü" * 300, rule="too-long", message="ä" * 300)] * 256)
    longest.facts = facts

    told = asyncio.run(_through_a_server(longest))

    assert (type(told), told.code) == (InvalidRecord, "too-long")


@pytest.mark.parametrize("code", [code for code in grpc.StatusCode if code is not grpc.StatusCode.OK])
def test_status_without_our_details_is_a_failure_of_the_transport(code: grpc.StatusCode) -> None:
    for trailing in (None, [], [("other", "x")]):
        told = error_of(Failed(code, "the reason", trailing))

        assert isinstance(told, Unreachable)
        assert told.code == f"transport-{code.name.lower().replace('_', '-')}"
        assert told.message == "the call failed: the reason"


def test_failure_that_is_no_call_is_one_of_the_transport() -> None:
    told = error_of(grpc.RpcError("closed"))

    assert (type(told), told.code) == (Unreachable, "transport-failed")


def test_details_of_another_domain_are_not_ours() -> None:
    foreign = error_details_pb2.ErrorInfo(reason="NO", domain="example.org", metadata={"kind": "conflict"})

    assert error_of(answered(packed(foreign))).code == "transport-aborted"


_GARBLED = any_pb2.Any(type_url="type.googleapis.com/google.rpc.ErrorInfo", value=b"\xff\xff")


@pytest.mark.parametrize(
    "call",
    [
        Failed(grpc.StatusCode.ABORTED, "no", [(DETAILS, b"\xff\xff")]),
        Failed(grpc.StatusCode.ABORTED, "other words", answered(info()).trailing_metadata()),
        Failed(grpc.StatusCode.INTERNAL, "no", answered(info()).trailing_metadata()),
        answered(_GARBLED),
    ],
    ids=["no status", "other words", "another code", "no ErrorInfo"],
)
def test_details_that_contradict_themselves_are_a_failure_of_the_transport(call: Failed) -> None:
    """A hostile peer chooses them: it must not be able to end more than its own call."""
    told = error_of(call)

    assert isinstance(told, Unreachable)
    assert told.code.startswith("transport-")


@pytest.mark.parametrize("name", ["self", "message", "code", "field", "kind", "__class__", "not a name", ""])
def test_fact_named_like_a_part_of_an_error_is_left_out(name: str) -> None:
    told = error_of(answered(info("FORKED", size="7", **{name: "conflict"})))

    assert (told.message, told.code, told.field, told.facts) == ("no", "forked", "", {"size": "7"})


def test_unknown_kind_is_a_refusal_and_a_reason_off_its_form_no_code() -> None:
    assert type(error_of(answered(info(kind="later")))) is Refused
    assert error_of(answered(info("../x\n", kind="conflict"))).code == "conflict"
    assert type(error_of(answered(info("../x\n", kind="conflict")))) is Conflict


def test_longest_details_of_a_stranger_are_cut() -> None:
    told = error_of(answered(info("NO", size="x" * 9_000), message="m" * 9_000))

    assert (len(told.message), len(told.facts["size"])) == (300, 300)


def test_bound_that_is_reached_says_so_by_its_own_status() -> None:
    assert to_status(Busy("full")).code is grpc.StatusCode.RESOURCE_EXHAUSTED


async def _through_a_server(error: GatewayError) -> GatewayError:
    """Return what a client of a real server on the loopback learns of a refusal."""

    async def refuse(_: bytes, context: grpc.aio.ServicerContext[Any, Any]) -> bytes:
        status = to_status(error)
        await context.abort(status.code, status.details, status.trailing_metadata)
        raise AssertionError

    server = grpc.aio.server(options=SERVER_OPTIONS)
    handlers: dict[str, Any] = {"Call": grpc.unary_unary_rpc_method_handler(refuse)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test.Refusing", handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", channel_options("police.nl")) as channel:
            try:
                call: Any = channel.unary_unary("/test.Refusing/Call")
                await call(b"")
            except grpc.RpcError as exc:
                return error_of(exc)
    finally:
        await server.stop(None)
    raise AssertionError
