"""`comity record forward`: asks, says what it waits for, and says why where own policy denies."""

from __future__ import annotations

from tests.cli.doors import comity, ok
from tests.flow.federation import BORDER, NGO, NL, RO, Homes
from tests.flow.forwarding import WHY, received


def arrived(homes: Homes) -> str:
    """Let police.ro receive a record, and close every home."""
    exchange = received(homes)
    homes.close()
    return exchange


def test_forward_asks_the_originator_and_holds_what_would_go_on(policy_homes: Homes) -> None:
    exchange, home = arrived(policy_homes), policy_homes.home(RO)

    found = ok("record", "forward", exchange, "--to", BORDER, "--reason", WHY, "--home", home)

    assert (found["outcome"], found["approvals"]) == ("held", ["OC:1"])
    assert (found["originator"], found["recipient"]) == (NL, BORDER)
    assert found["portions"] > 0
    exported = ok("envelope", "export", NL, policy_homes.folder / "question", "--home", home)
    assert exported["exchanges"] == [found["request"]]


def test_forward_tells_a_person_who_is_asked(policy_homes: Homes) -> None:
    exchange, home = arrived(policy_homes), policy_homes.home(RO)

    answer = comity("record", "forward", exchange, "--to", BORDER, "--reason", WHY, "--home", home)

    assert answer.code == 0, answer.err
    assert f"{NL} is asked" in answer.out and BORDER in answer.out
    assert "originator" in answer.out


def test_forward_that_own_policy_denies_says_why_and_fails(policy_homes: Homes) -> None:
    exchange, home = arrived(policy_homes), policy_homes.home(RO)
    to = ("--to", NGO, "--purpose", "victim-protection", "--basis", "consent")

    answer = comity("record", "forward", exchange, *to, "--reason", WHY, "--home", home, "--json")

    assert answer.code == 1
    assert (answer.object["outcome"], answer.object["request"]) == ("denied", "")
    assert answer.object["reasons"]
    nothing = comity("envelope", "export", NL, policy_homes.folder / "none", "--home", home, "--json")
    assert nothing.object["code"] == "nothing-waits"


def test_forward_of_what_never_came_is_refused(policy_homes: Homes) -> None:
    exchange = arrived(policy_homes)

    answer = comity(
        "record",
        "forward",
        exchange,
        "--to",
        BORDER,
        "--reason",
        WHY,
        "--home",
        policy_homes.home(NL),
        "--json",
    )

    assert (answer.code, answer.object["code"]) == (1, "no-such-exchange")
