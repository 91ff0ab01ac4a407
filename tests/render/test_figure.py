"""What a figure marks on an axis: few, round, within it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nst_viz.render.figure import round_values
from nst_viz.render.panels import power_text

POSITIVE = st.floats(1e-290, 1e290)


@pytest.mark.parametrize(
    ("low", "high", "values"),
    [
        (0.5, 2000, [1, 10, 100, 1000]),
        (1, 1000, [1, 10, 100, 1000]),
        (2, 40, [3, 10, 30]),
        (3.1, 4.9, [3.5, 4, 4.5]),
        (3.01, 3.02, [3.01, 3.015, 3.02]),
        (7, 7, [7]),
        (1e-3, 1e20, [1e-3, 1e1, 1e5, 1e9, 1e13, 1e17]),
    ],
)
def test_values_that_are_marked(low: float, high: float, values: list[float]) -> None:
    assert round_values(low, high) == values


@given(POSITIVE, st.floats(1 + 1e-8, 1e12) | st.floats(1 + 1e-8, 2))
def test_three_to_six_of_any_range(low: float, factor: float) -> None:
    high = low * factor
    values = round_values(low, high)
    assert 3 <= len(values) <= 6
    assert low <= values[0]
    assert values[-1] <= high
    assert values == sorted(set(values))
    span = math.log10(high - low)
    assert all(float(f"{value:.{max(1, round(math.log10(value) - span) + 3)}e}") == value for value in values), "they are round"


@given(POSITIVE)
def test_a_range_of_one_value(value: float) -> None:
    assert round_values(value, value) == [value] or value in round_values(value, value)
    assert round_values(value, math.nextafter(value, math.inf))


@pytest.mark.parametrize(
    ("value", "text"), [(3.5e-6, "3.5e-6"), (1e6, "1e6"), (2e-5, "2e-5"), (0.01, "0.01"), (12_500, "1.25e4")]
)
def test_a_mark_says_its_value(value: float, text: str) -> None:
    assert power_text(value) == text
    assert float(text) == value
