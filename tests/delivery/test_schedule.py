"""When a failed delivery is tried again: later each time, up to a bound, never all together (F15)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.delivery.schedule import CAP_S, FIRST_S, SHORTEST_S, delay_s

failures = st.integers(min_value=1, max_value=10**9)
fractions = st.floats(min_value=0, max_value=1, exclude_max=True)


@given(failures, fractions)
def test_rest_is_between_half_and_the_whole_of_what_its_failures_are_worth(
    count: int, fraction: float
) -> None:
    # 0.5 s, doubled for every further failure, up to 5 minutes; written out here as PROTOCOL does.
    whole = min(300.0, 0.5 * 2.0 ** min(count - 1, 100))

    rest = delay_s(count, fraction)

    assert whole / 2 <= rest <= whole
    assert abs(rest - whole / 2 * (1 + fraction)) < 1e-9 * whole


@given(failures, fractions)
def test_rest_never_shrinks_as_failures_grow(count: int, fraction: float) -> None:
    assert delay_s(count + 1, fraction) >= delay_s(count, fraction)


@given(failures, fractions)
def test_no_rest_is_longer_than_five_minutes_or_shorter_than_the_shortest(
    count: int, fraction: float
) -> None:
    assert SHORTEST_S <= delay_s(count, fraction) <= CAP_S == 300.0


def test_first_rest_is_at_most_half_a_second() -> None:
    assert delay_s(1, 0.0) == SHORTEST_S == 0.25
    assert delay_s(1, 1 - 2**-53) <= FIRST_S == 0.5


def test_peers_cut_off_together_come_back_apart() -> None:
    drawn = {delay_s(8, part / 64) for part in range(64)}

    assert len(drawn) == 64
    assert max(drawn) - min(drawn) > 0.9 * min(drawn)
