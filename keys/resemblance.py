"""Whom an agency's names may be taken for: refused when it is listed, told wherever it is shown.

A directory that somebody else signed is not refused for it: all of it would fall with one member.

Source: THREATS A50.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.errors import Refused
from gateway.record.lookalike import check_display_name, looks_like, named
from keys.member import Member
from keys.signer import key_id


def check_names(member: Member, listed: Mapping[str, Member]) -> None:
    """Return only if nobody takes a new member, or one under a new name, for another that is listed.

    A member that keeps its name passes, whatever it is: it must be possible to suspend it.

    Raises:
        Malformed: codes of `check_display_name`, field `display_name`.
        Refused: code `look-alike`: its id or display name is, or looks like, those of the member named.
    """
    before = listed.get(member.id)
    if before is not None and before.display_name == member.display_name:
        return
    check_display_name(member.display_name, "display_name")
    for field, name in (("id", member.id), ("display_name", member.display_name)):
        for other in _taken_for(name, member.id, listed):
            raise Refused(
                f"may be taken for {other}, which is a member",
                code="look-alike",
                field=field,
                resembles=other,
            )


def resembling(agency: str, listed: Mapping[str, Member]) -> list[str]:
    """Return the ids of the other members for which this one may be taken, sorted."""
    member = listed[agency]
    names = (member.id, member.display_name)
    return sorted({other for name in names for other in _taken_for(name, agency, listed)})


def shown_name(agency: str, listed: Mapping[str, Member]) -> str:
    """Return the display name of a member with its directory key's id and whom it may be taken for."""
    member = listed[agency]
    return named(member.display_name, key_id(member.directory_key), resembling(agency, listed))


def _taken_for(name: str, agency: str, listed: Mapping[str, Member]) -> list[str]:
    return [
        other
        for other, member in listed.items()
        for theirs in (other, member.display_name)
        if other != agency and (theirs == name or looks_like(name, [theirs]))
    ]
