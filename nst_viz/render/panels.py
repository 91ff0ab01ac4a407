"""From a run's losses to panels of a figure: the total, each term's share of it, and the terms of one step."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
from numpy.typing import NDArray

from nst_viz.core.look import Look
from nst_viz.recording.history import LossHistory
from nst_viz.render.theme import FAINT, FONT, HATCH, INK, PAPER, QUIET

TEXT = {"family": FONT, "color": INK, "parse_math": False}
TICKS = 9.0
"""points"""
DECADES = 5
"""of contributions that the bars show at most"""


@dataclass(frozen=True)
class Terms:
    """What the panels show of a run's losses: its terms in the order in which they are drawn, from the bottom up."""

    steps: NDArray[np.int64]
    looks: tuple[Look, ...]
    contribution: NDArray[np.float64]
    """shape (steps, terms)"""

    @classmethod
    def of(cls, history: LossHistory, looks: Sequence[Look]) -> "Terms":
        """The terms of a run's `losses()` in the order of its `looks()`."""
        shown = tuple(look for look in looks if look.name in history.terms)
        order = [history.terms.index(look.name) for look in shown]
        return cls(history.steps, shown, history.contribution[:, order])

    def total(self) -> NDArray[np.float64]:
        """The loss at each step, shape (steps,)."""
        total: NDArray[np.float64] = self.contribution.sum(axis=1)
        return total

    def shares(self) -> NDArray[np.float64]:
        """Each term's part of the loss, shape (steps, terms), rows that add up to 1 (0 where the loss is 0)."""
        total = self.total()[:, None]
        return np.divide(self.contribution, total, out=np.zeros_like(self.contribution), where=total > 0)


def hatch(look: Look) -> str:
    """The strokes with which Matplotlib fills a term."""
    return HATCH if look.hatched else ""


def draw_total(ax: Axes, terms: Terms) -> None:
    """The loss over the steps, both on log scales: it falls by orders of magnitude, most of them in the first steps."""
    total = np.maximum(terms.total(), np.finfo(float).tiny)
    ax.plot(terms.steps, total, color=INK, linewidth=2, marker="o" if len(total) == 1 else None)
    ax.set_yscale("log")
    low, high = total.min(), total.max()
    ax.set_ylim(low / (high / low) ** 0.12 / 1.05, high * (high / low) ** 0.12 * 1.05)
    marked = decade_ticks(low, high)
    ax.set_yticks(marked, [power_text(value) for value in marked])
    ax.yaxis.set_minor_locator(NullLocator())
    draw_step_axis(ax, terms.steps, labelled=False)
    ax.grid(axis="y", color=FAINT, linewidth=0.8)


def draw_shares(ax: Axes, terms: Terms) -> None:
    """Each term's share of the loss over the steps, stacked to 100 %, in its layer's colour, content hatched."""
    top = np.cumsum(terms.shares(), axis=1)
    bottom = np.hstack([np.zeros((len(top), 1)), top[:, :-1]])
    steps = terms.steps if len(top) > 1 else np.array([0, 1])
    for index, look in enumerate(terms.looks):
        low, high = (np.broadcast_to(edge[:, index], steps.shape) for edge in (bottom, top))
        ax.fill_between(steps, low, high, facecolor=look.colour, edgecolor=PAPER, linewidth=0.6, hatch=hatch(look))
    ax.set_ylim(0, 1)
    ax.set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    draw_step_axis(ax, steps)


def draw_bars(ax: Axes, terms: Terms, index: int) -> BarContainer:
    """Each term's contribution at one step (a row of `terms.steps`) on a log scale, with a mark where it began.

    The bars are returned, for an animation to set their widths (`bar_widths`).
    """
    low, high = bar_range(terms)
    rows = np.arange(len(terms.looks))
    first = terms.contribution[0]
    seen = first > low
    ax.vlines(first[seen], rows[seen] - 0.45, rows[seen] + 0.45, color=INK, linewidth=1.6, zorder=3)
    bars = ax.barh(
        rows, bar_widths(terms, index), left=low, height=0.72 if len(rows) > 3 else 0.45, edgecolor=PAPER, linewidth=0
    )
    for bar, look in zip(bars, terms.looks, strict=True):
        bar.set_facecolor(look.colour)
        bar.set_hatch(hatch(look))
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.set_yticks(rows, [look.label for look in terms.looks])
    ax.xaxis.set_major_locator(LogLocator(numticks=DECADES + 2))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, place: power_text(value)))
    ax.xaxis.set_minor_locator(NullLocator())
    style_axes(ax, size=min(TICKS, 150 / len(rows)))
    ax.tick_params(axis="x", labelsize=TICKS)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x", color=FAINT, linewidth=0.8)
    return bars


def bar_range(terms: Terms) -> tuple[float, float]:
    """The contributions between which the bars are drawn: from what counts at the end to the largest of all."""
    high = float(terms.contribution.max(initial=0)) or 1.0
    seen = terms.contribution[terms.contribution > high * 10.0**-DECADES]
    return 10 ** np.floor(np.log10(seen.min(initial=high / 10))), high * 1.3


def bar_widths(terms: Terms, index: int) -> NDArray[np.float64]:
    """How far each bar reaches beyond the axis' left end at one step; 0 for a term too small to be shown."""
    widths: NDArray[np.float64] = np.maximum(terms.contribution[index] - bar_range(terms)[0], 0)
    return widths


def draw_step_axis(ax: Axes, steps: NDArray[np.int64], labelled: bool = True) -> None:
    """The steps along x, on the scale of log(1 + step): the first ten are as wide as the next hundred."""
    last = max(int(steps[-1]), 1)
    ax.set_xscale("function", functions=(np.log1p, np.expm1))
    ax.set_xlim(int(steps[0]), last)
    marked = step_ticks(last)
    ax.set_xticks(marked, [str(step) for step in marked] if labelled else [""] * len(marked))
    ax.xaxis.set_minor_locator(NullLocator())
    style_axes(ax)


def step_ticks(last: int) -> list[int]:
    """0, 1, 2, 5, 10, 20, 50, … and the last step, none too close to the next."""
    round_steps = [digit * 10**power for power in range(7) for digit in (1, 2, 5)]
    return [0, *(step for step in round_steps if np.log1p(last) - np.log1p(step) > 0.07 * np.log1p(last)), last]


def decade_ticks(low: float, high: float) -> list[float]:
    """About three round values from low to high, both positive: powers of ten, or 1, 2, 5 times where there are few."""
    decades = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    for digits in ((1,), (1, 3), (1, 2, 5)):
        inside = [digit * 10.0**decade for decade in decades for digit in digits if low <= digit * 10.0**decade <= high]
        if len(inside) >= 3:
            return inside[:: math.ceil(len(inside) / 4)]
    return inside or [float(f"{high:.2g}")]


def power_text(value: float) -> str:
    """A round number as it reads best on an axis: `0.01`, `1`, `200`, `1e6`."""
    if 1e-4 < value < 1e4:
        return f"{value:g}"
    mantissa, power = f"{value:.5e}".split("e")
    return f"{float(mantissa):g}e{int(power)}"


def style_axes(ax: Axes, size: float = TICKS) -> None:
    """The house look: a line left and below, quiet ticks, readable labels."""
    ax.set_facecolor("none")
    ax.set_axisbelow(True)
    for side, spine in ax.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(QUIET)
    ax.tick_params(color=QUIET, labelcolor=INK, labelsize=size, labelfontfamily=FONT, length=3)
