"""A row of gabled houses in perspective, for the harbour: brick and plaster, windows, tiled roofs, chimneys."""

from dataclasses import dataclass

import numpy as np

from painters.tools import colour, fractal_noise, mix, smoothstep

HORIZON = 352.0  # screen row
VANISH_LEFT, VANISH_RIGHT = -250.0, 1500.0  # columns where the lines along and across the row of houses meet
PIXELS_PER_METRE = 0.0245  # of height, for each pixel of distance from the left vanishing point
FORESHORTENING = 35000.0
EYE, QUAY = 2.3, 1.1  # metres above the water
ROW_START, ROW_END = 828.0, 205.0  # columns of the near and the far end of the row
ROOF_DEPTH = 0.10  # how far a roof reaches back, as a share of the way to the right vanishing point

WALLS = ("#8d4a36", "#c9a77c", "#6e3f38", "#b9b3a0", "#a8643f", "#d0b489", "#7c8272", "#91503f", "#b98a63")
TILES, FRAME, STONE, DOOR = (colour(c) for c in ("#7d4436", "#e6dcc6", "#8d857c", "#3d4a3c"))
LAMP, LAMP_EDGE = colour("#ffd67c"), colour("#e8882e")
PANE, PANE_SKY, SHADE = colour("#2e3c50"), colour("#8b93ad"), colour("#3b4468")


@dataclass(frozen=True)
class House:
    """Where a house stands along the quay, how high its eaves and its gable are (metres), and how it looks."""

    left: float
    right: float
    eaves: float
    gable: float
    shape: str
    wall: np.ndarray
    door: int  # the column of windows that has the door

    @property
    def middle(self) -> float:
        """Place of the ridge along the quay, in metres."""
        return (self.left + self.right) / 2


def pixels_per_metre(x: np.ndarray | float) -> np.ndarray | float:
    """Size on the screen of an upright metre of the house fronts at column `x`."""
    return PIXELS_PER_METRE * (x - VANISH_LEFT)


def along_quay(x: np.ndarray | float) -> np.ndarray | float:
    """Metres along the row of houses at screen column `x`."""
    return -FORESHORTENING / (x - VANISH_LEFT)


def column_of(along: float) -> float:
    """Screen column of a place along the row of houses."""
    return VANISH_LEFT - FORESHORTENING / along


def on_screen(along: float, height: float, back: float = 0.0) -> np.ndarray:
    """Screen x and y of a point of the fronts, or of one behind them by a share of the way to the vanishing point."""
    column = column_of(along)
    front = np.array([column, HORIZON - (height - EYE) * pixels_per_metre(column)])
    return front + back * (np.array([VANISH_RIGHT, HORIZON]) - front)


def street(rng: np.random.Generator) -> list[House]:
    """The houses from the far end of the quay to the near one, which the frame cuts."""
    houses, right = [], along_quay(ROW_START)
    while column_of(right) > ROW_END + 12:
        number = len(houses)
        left = max(right - rng.uniform(4.8, 6.6), along_quay(ROW_END))
        eaves, gable = rng.uniform(8.2, 9.9), rng.uniform(3.4, 4.4)
        shape = ("step", "plain", "bell")[number % 3]
        houses.append(House(left, right, eaves, gable, shape, colour(WALLS[number % len(WALLS)]), int(eaves * 10) % 3))
        right = left
    return houses[::-1]


def paint_house(
    rng: np.random.Generator, picture: np.ndarray, light: np.ndarray, house: House, x: np.ndarray, y: np.ndarray
) -> None:
    """Paint one house into the picture and its lit windows into `light`, both in place."""
    columns = slice(*np.searchsorted(x[0], (column_of(house.left) - 1, column_of(house.right) + 60)))
    picture, light, x, y = picture[:, columns], light[:, columns], x[:, columns], y[:, columns]
    picture[:] = sides(rng, picture, house, x, y)
    along, height = along_quay(x), EYE + (HORIZON - y) / pixels_per_metre(x)
    wall, lamp = front(rng, house, along, height)
    inside = (height < gable_top(house, along)) & (height > QUAY) & (along < house.right)
    picture[inside], light[inside] = wall[inside], lamp[inside]


def gable_top(house: House, along: np.ndarray) -> np.ndarray:
    """Height of the front's upper edge at each place along the quay; minus infinity beside the house."""
    off = np.abs(along - house.middle) / (house.right - house.left) * 2
    rise = {
        "plain": 1 - off,
        "step": np.ceil((1 - off) * 5) / 5,
        "bell": 1 - 0.75 * smoothstep(0.18, 0.62, off) - 0.25 * smoothstep(0.7, 1.0, off),
    }[house.shape]
    return np.where(off < 1, house.eaves + house.gable * rise, -np.inf)


def in_quad(x: np.ndarray, y: np.ndarray, corners: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coordinates along two edges of the parallelogram that hangs on three corners, and whether a point is inside."""
    (ax, ay), (bx, by) = corners[1:] - corners[0]
    dx, dy, area = x - corners[0, 0], y - corners[0, 1], ax * by - ay * bx
    first, second = (dx * by - dy * bx) / area, (dy * ax - dx * ay) / area
    return first, second, (first > 0) & (first < 1) & (second > 0) & (second < 1)


def sides(rng: np.random.Generator, picture: np.ndarray, house: House, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The chimney, the side wall and the tiled slope that turns towards the near end of the row."""
    ridge, eave = house.eaves + house.gable * 0.92, (house.right + 0.15, house.eaves - 0.2)
    stack = on_screen(house.middle, ridge, 0.6 * ROOF_DEPTH)
    off, up = (x - stack[0]) / pixels_per_metre(stack[0]), (stack[1] - y) / pixels_per_metre(stack[0])
    tone = 0.55 + 0.15 * (off < 0) + 0.12 * (up * 5 % 1 > 0.2) - 0.25 * (np.abs(up - 1.05) < 0.1)
    picture = mix(picture, TILES * tone[..., None], (np.abs(off) < 0.32) & (up < 1.3) & (up > -0.6))

    wall = np.array([on_screen(*eave), on_screen(house.right, QUAY), on_screen(*eave, ROOF_DEPTH)])
    down, _, inside = in_quad(x, y, wall)
    picture = mix(picture, mix(np.broadcast_to(house.wall * 0.5, picture.shape), SHADE, 0.45 + 0.2 * down), inside)
    slope = np.array([on_screen(house.middle, ridge), on_screen(*eave), on_screen(house.middle, ridge, ROOF_DEPTH)])
    down, back, inside = in_quad(x, y, slope)
    course, tile = np.floor(down * 17).astype(int), np.floor(back * 26).astype(int)
    tone = 0.8 + 0.25 * (down * 17 - course) + rng.normal(0, 0.1, (32, 32))[course % 32, tile % 32]
    return mix(picture, mix(TILES * tone[..., None], SHADE, 0.25 + 0.2 * down), inside)


def masonry(rng: np.random.Generator, house: House, along: np.ndarray, height: np.ndarray) -> np.ndarray:
    """The wall's own colour: courses of brick with pale joints, or pale plaster, stained and fallen in places."""
    course = height / 0.21
    row = np.floor(course)
    brick = (along - house.left) / 0.5 + 0.5 * (row % 2)
    tone = rng.normal(1, 0.16, (64, 64))[row.astype(int) % 64, np.floor(brick).astype(int) % 64]
    joint = (course - row < 0.2) | (brick - np.floor(brick) < 0.10)
    stain = fractal_noise(rng, height.shape, 70, 5)
    bricks = mix(house.wall * (tone * (1 + 0.05 * stain))[..., None], STONE * 0.95, joint * 0.5)
    if house.wall.mean() < 0.5:
        return bricks
    plaster = house.wall * (1 + 0.07 * stain - 0.18 * smoothstep(4.0, 1.0, height + 0.5 * stain))[..., None]
    return mix(plaster, bricks, smoothstep(1.0, 1.3, stain))


def front(
    rng: np.random.Generator,
    house: House,
    along: np.ndarray,
    height: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """A house front in dusky light: its colours, and how much light its windows give."""
    wall = masonry(rng, house, along, height)
    edge = smoothstep(0.42, 0.30, gable_top(house, along) - height) * (height > house.eaves - 0.2)
    band = (np.abs(height - house.eaves + 0.1) < 0.13) | (np.abs(height - QUAY - 2.7) < 0.09)
    wall = mix(wall, STONE * 1.15, np.maximum(edge, band * 0.8))
    panes, cover, lamp = windows(rng, house, along, height)
    wall = mix(wall, panes, cover)
    beside = np.minimum(along - house.left, house.right - along)
    dusk = 0.20 + 0.30 * smoothstep(12.0, 1.0, height) + 0.25 * smoothstep(0.5, 0.0, beside)
    return mix(wall, SHADE * 0.75, np.where(lamp > 0, 0, dusk)), lamp


def windows(
    rng: np.random.Generator, house: House, along: np.ndarray, height: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Three windows a storey, one in the gable and a door: colours, cover of the wall, and the light they give."""
    across = (along - house.left) / (house.right - house.left) * 3
    storey = (height - QUAY - 0.1) / (house.eaves - QUAY - 0.3) * 3
    cell, floor = np.floor(across).astype(int) % 3, np.clip(np.floor(storey), 0, 4).astype(int)
    attic, door = floor == 3, (floor == 0) & (cell == house.door)
    cell = np.where(attic, 1, cell)
    u = np.where(attic, (across - 1.5) * 1.2, across - np.floor(across) - 0.5)
    v = storey - floor - 0.5
    low, tall, wide = v + 0.06 * door, np.where(door, 0.45, 0.33), np.where(attic, 0.24, 0.28)
    arch = low - 0.06 * (1 - (u / wide) ** 2)
    standing = (floor < 4) & (height > QUAY + 0.05)
    frame = (np.abs(u) < wide + 0.055) & (low > -tall - 0.05) & (arch < tall) & standing
    opening = (np.abs(u) < wide) & (low > -tall) & (arch < tall - 0.06) & standing
    bars = ((np.abs(u) < 0.022) | (np.abs(v - 0.1) < 0.02) | (np.abs(v + 0.12) < 0.012)) & ~door
    lit = (rng.random((5, 3)) < 0.52)[floor, cell] & ~door
    warmth, drawn = rng.uniform(0.55, 1.0, (5, 3))[floor, cell], rng.random((5, 3))[floor, cell]
    curtain = np.clip(2.7 * np.abs(v - 0.05) + 0.4 * drawn * smoothstep(0.5, 0.95, np.abs(u) / wide), 0, 1)
    dark = mix(np.broadcast_to(PANE, (*u.shape, 3)), PANE_SKY, smoothstep(-0.3, 0.4, v + 0.4 * u) * 0.7)
    glass = mix(dark, mix(np.broadcast_to(LAMP, dark.shape), LAMP_EDGE, curtain) * warmth[..., None], lit)
    glass = mix(glass, DOOR * (0.85 + 0.3 * np.abs(u * 12 % 1 - 0.5))[..., None], door)
    glass = mix(glass, FRAME * 0.75, bars * 0.8)
    shown = mix(FRAME * np.where(low < -tall, 0.9, 0.72)[..., None], glass, opening)
    return shown, frame, (opening & lit & ~bars) * warmth
