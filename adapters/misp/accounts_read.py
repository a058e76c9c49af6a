"""Accounts of telephones, services, banks and coins, read from MISP objects."""

from __future__ import annotations

from collections.abc import Callable

from adapters.loss import Effect
from adapters.misp import shapes
from adapters.misp.drawing import draw, draw_country, draw_moment, observed
from adapters.misp.found import FoundObject
from adapters.misp.machine_tags import UNSTATED
from adapters.misp.paths import path, put_code
from gateway.v1 import record_pb2 as pb

DrawAccount = Callable[[FoundObject, pb.Record], pb.CommunicationAccount]


def draw_user_account(found: FoundObject, record: pb.Record) -> pb.CommunicationAccount:
    """Add an account of a service; with an e-mail address for its name it is an e-mail account."""
    account = record.accounts.add(id=found.uuid)
    account.identity.kind = pb.ACCOUNT_KIND_SOCIAL_HANDLE
    draw(found, shapes.USER_ACCOUNT, account)
    if not account.identity.value and (value := found.text("user-id")):
        account.identity.value = value
    email = next((one for one in found.attributes if one.relation == "email"), None)
    if email and account.identity.value in ("", email.value):
        email.taken = True
        account.identity.kind, account.identity.value = pb.ACCOUNT_KIND_EMAIL, email.value
    _draw_identity_kind(found, account)
    return account


def _draw_identity_kind(found: FoundObject, account: pb.CommunicationAccount) -> None:
    code = found.code("identity-kind")
    if code:
        account.identity.ClearField("kind")
        if code != UNSTATED and not put_code(account, path("identity.kind"), code):
            found.lose(f"{found.path}.Tag", Effect.DROPPED, "is no kind of account")
        if not account.identity.ByteSize():
            account.ClearField("identity")


def account_of(
    shape: shapes.Shape, kind: pb.AccountKind.ValueType, others: tuple[str, ...] = ()
) -> DrawAccount:
    """Return what reads accounts of a kind; `others` are further attributes that name the account."""

    def read(found: FoundObject, record: pb.Record) -> pb.CommunicationAccount:
        account = record.accounts.add(id=found.uuid)
        account.identity.kind = kind
        draw(found, shape, account)
        for relation in others:
            if not account.identity.value and (value := found.text(relation)):
                account.identity.value = value
        if shape is shapes.PHONE_ACCOUNT:
            draw_country(found, "country-code", account.identity)
        _draw_identity_kind(found, account)
        return account

    return read


def account_of_service(provider: str, names: tuple[str, ...], shown: str = "") -> DrawAccount:
    """Return what reads the accounts of one service, named by the first of these attributes."""

    def read(found: FoundObject, record: pb.Record) -> pb.CommunicationAccount:
        account = record.accounts.add(id=found.uuid)
        account.identity.kind = pb.ACCOUNT_KIND_SOCIAL_HANDLE
        account.identity.provider = provider
        for relation in names:
            if not account.identity.value and (value := found.text(relation)):
                account.identity.value = value
        if shown and (value := found.text(shown)):
            account.identity.display_name = value
        draw_moment(found, observed(found), path("identity.seen"), account)
        return account

    return read
