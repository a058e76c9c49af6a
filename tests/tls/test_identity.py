"""Whom a certificate names: one spelling for one identity, and nothing else is one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import GatewayError, Malformed
from gateway.tls.identity import ISSUED, Identity, Role, check_name

_LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
_AGENCIES = st.sampled_from(["police.nl", "police.ro", "a.b.c.d", "x1.y2"])
_OF_PEOPLE = st.builds(
    Identity, agency=_AGENCIES, role=st.sampled_from([r for r in Role if r is not Role.GATEWAY]), name=_LABELS
)
_IDENTITIES = _OF_PEOPLE | st.builds(Identity, agency=_AGENCIES, role=st.just(Role.GATEWAY))


@given(_IDENTITIES)
def test_identity_reads_back_from_its_uri(identity: Identity) -> None:
    assert Identity.parse(identity.uri) == identity


@given(_IDENTITIES, _IDENTITIES)
def test_two_identities_share_neither_uri_nor_host(one: Identity, other: Identity) -> None:
    assert (one == other) == (one.uri == other.uri) == (one.host == other.host)


@given(st.text(max_size=60) | st.text(max_size=40).map("spiffe://police.nl/{}".format))
def test_whatever_parses_is_spelled_as_it_was(text: str) -> None:
    try:
        identity = Identity.parse(text)
    except GatewayError:
        return

    assert identity.uri == text


@pytest.mark.parametrize(
    ("uri", "actor", "host"),
    [
        ("spiffe://police.nl/gateway", "gateway", "police.nl"),
        ("spiffe://police.nl/system/records", "system/records", "records.system.police.nl"),
        ("spiffe://police.nl/operator/a-1", "operator/a-1", "a-1.operator.police.nl"),
    ],
)
def test_identity_has_one_actor_and_one_host(uri: str, actor: str, host: str) -> None:
    identity = Identity.parse(uri)

    assert (identity.actor, identity.host) == (actor, host)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "spiffe://",
        "spiffe:///gateway",
        "spiffe://police.nl",
        "spiffe://police.nl/",
        "spiffe://police.nl/gateway/",
        "spiffe://police.nl/gateway/name",
        "spiffe://police.nl/system",
        "spiffe://police.nl/system/",
        "spiffe://police.nl/system/a/b",
        "spiffe://police.nl/system/a/",
        "spiffe://police.nl//system/a",
        "spiffe://police.nl/root/a",
        "spiffe://police.nl/System/a",
        "spiffe://police.nl/system/A",
        "spiffe://police.nl/system/-a",
        "spiffe://police.nl/system/a-",
        "spiffe://police.nl/system/a.b",
        "spiffe://police.nl/system/..",
        "spiffe://police.nl/system/%61",
        "spiffe://police.nl/system/a b",
        "spiffe://police.nl/system/a\n",
        "spiffe://police.nl/system/ä",
        "spiffe://police.nl/system/" + "a" * 64,
        "spiffe://Police.nl/gateway",
        "spiffe://police.nl./gateway",
        "spiffe://police.nl:443/gateway",
        "spiffe://user@police.nl/gateway",
        "spiffe://police.nl/gateway?x",
        "spiffe://police.nl/gateway#x",
        "SPIFFE://police.nl/gateway",
        "https://police.nl/gateway",
        "spiffe://spiffe://police.nl/gateway",
        " spiffe://police.nl/gateway",
    ],
)
def test_other_spelling_or_form_is_nobody(uri: str) -> None:
    with pytest.raises(Malformed):
        Identity.parse(uri)


def test_name_as_long_as_a_dns_label_may_be_is_one() -> None:
    assert check_name("a" * 63, "name") == "a" * 63


def test_gateway_has_no_name_and_everybody_else_has_one() -> None:
    with pytest.raises(Malformed):
        Identity(agency="police.nl", role=Role.GATEWAY, name="other")
    for role in set(Role) - {Role.GATEWAY}:
        with pytest.raises(Malformed):
            Identity(agency="police.nl", role=role)


def test_neither_gateways_nor_officers_are_issued_certificates_on_request() -> None:
    assert set(Role) - set(ISSUED) == {Role.GATEWAY, Role.OFFICER}
