"""A gateway that dies while records are on their way, is started again, and is held to its promises."""

from __future__ import annotations

import signal
import sys
import threading

from tests.live import account
from tests.live.account import Told
from tests.live.houses import NL, RO, TO_RO, House, Push, case
from tests.waiting import until

RECORDS = 6
PATIENCE_S = 60.0


def die_and_recover(
    pair: dict[str, House],
    agency: str,
    armed: tuple[str, str, str],
    *,
    records: int = RECORDS,
    told_to_stop_after: int | None = None,
) -> bool:
    """Push while one gateway is to die at an armed point; return whether it did, once both are sound.

    With `told_to_stop_after` it gets SIGTERM once so many pushes were answered.
    """
    (other,) = {NL, RO} - {agency}
    pair[other].begin()
    victim = pair[agency]
    victim.start(sys.executable, "-m", "tests.live.crashing", *armed, wait=told_to_stop_after is not None)
    told, nl = Told(), pair[NL].client(patience_s=PATIENCE_S)
    pushes = [Push(record=case(), to=[TO_RO], key=f"key-{n}") for n in range(records)]

    def push() -> None:
        for answer in nl.push(pushes, batch=2):
            told.note(answer)

    pushing = threading.Thread(target=push)
    pushing.start()
    if told_to_stop_after is not None:
        until(lambda: len(told.answers) >= told_to_stop_after)
        assert victim.process is not None
        victim.process.send_signal(signal.SIGTERM)
        until(lambda: has_ended(victim))
    until(lambda: has_ended(victim) or (not pushing.is_alive() and _is_settled(pair)))
    died = has_ended(victim)
    code = victim.kill()
    assert code == -signal.SIGKILL, code
    victim.begin()
    pushing.join(PATIENCE_S)
    until(lambda: account.waiting(pair[NL].home) == 0)
    for answer in nl.push(pushes):
        told.note(answer)

    assert len(told.answers) == records
    account.check(pair[NL].home, pair[RO].home, told)
    return died


def has_ended(house: House) -> bool:
    """Return whether a process has ended by itself."""
    return house.process is not None and house.process.poll() is not None


def _is_settled(pair: dict[str, House]) -> bool:
    """Return whether nothing waits, and all that both signed was cosigned: then nothing is left to do."""
    newest = "SELECT max(size) FROM {}"
    return account.waiting(pair[NL].home) == 0 and all(
        account.rows(house.home, newest.format("checkpoints"))
        == account.rows(house.home, newest.format("heads"))
        for house in pair.values()
    )
