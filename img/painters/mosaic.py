"""A peacock in stones: each shape is filled with rows of tesserae along its own contours, then grouted and lit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage
from scipy.spatial import cKDTree
from skimage.measure import find_contours

from .tools import colour, fractal_noise, smooth_curve, smoothstep

SIZE = 768
Y, X = np.mgrid[:SIZE, :SIZE].astype(np.float32)
PALETTE = {
    "night": ("#0d1a3c", "#13254f", "#182f60", "#0f2046"),
    "blue": ("#1c478f", "#2657a4", "#214e9b", "#3569b0"),
    "sky": ("#5f9dba", "#78b2c4", "#4f8db0", "#93c3c8"),
    "green": ("#175a46", "#26765a", "#2f7f5c", "#124b40"),
    "leaf": ("#7ba24e", "#8eb356", "#689248", "#a6bf66"),
    "terracotta": ("#a8452a", "#bb5638", "#94391f", "#c8704e"),
    "cream": ("#e9dcbc", "#f2e8cf", "#ddcda8", "#e6d6b4"),
    "gold": ("#c48f2a", "#dbab40", "#ad7a20", "#ecc968", "#ce9b38"),
}
GLASS = {name: code for code, name in enumerate(PALETTE)}
SHINE = {"gold": 0.7, "cream": 0.12, "terracotta": 0.12}
GROUT = colour("#6a5b49")

FAN_CENTRE, FAN_RADIUS = (384, 540), 446
RINGS = (  # distance from the centre of the fan, size of the eye, colours of its rows from the heart outwards
    (404, 48, ("night", "blue", "sky", "gold", "green", "cream")),
    (334, 44, ("night", "blue", "sky", "terracotta", "green", "gold")),
    (266, 39, ("night", "blue", "sky", "green", "leaf")),
    (202, 32, ("night", "blue", "sky", "green", "cream")),
    (146, 29, ("night", "sky", "green", "gold")),
)
BODY = (
    *((366, 222), (392, 220), (412, 238), (416, 268), (406, 304), (402, 344), (420, 388), (452, 438), (464, 496)),
    *((450, 560), (416, 608), (374, 624), (332, 604), (304, 556), (298, 500), (316, 446), (344, 402), (356, 362)),
    *((354, 322), (344, 292), (338, 262), (346, 236)),
)
WING = ((424, 420), (470, 440), (506, 490), (512, 556), (490, 612), (462, 592), (440, 556), (424, 500))
BEAK = ((344, 246), (348, 274), (332, 276), (314, 292), (310, 292), (311, 283), (324, 258))
ROSETTES = ((88, 88, 36), (680, 88, 36), (94, 690, 17), (196, 682, 17), (572, 684, 17), (674, 692, 17))


class Cartoon:
    """The drawing beneath a mosaic: for each pixel its shape, the row it lies in, its glass and the stone size."""

    def __init__(self) -> None:
        self.shape = np.zeros((SIZE, SIZE), np.int32)
        self.row = np.zeros((SIZE, SIZE), np.float32)
        self.glass = np.zeros((SIZE, SIZE), np.int32)
        self.pitch = np.zeros((SIZE, SIZE), np.float32)

    def lay(self, mask: np.ndarray, height: np.ndarray, pitch: float, glass: Sequence[str] | np.ndarray) -> None:
        """Cover `mask` with rows of stones, `pitch` wide, along the level lines of `height`.

        `glass` names the glass of each row, the last one for all further rows, or is a map of glass codes.
        """
        row = height / pitch
        if not isinstance(glass, np.ndarray):
            codes = np.array([GLASS[name] for name in glass])
            glass = codes[np.clip(row.astype(int), 0, len(codes) - 1)]
        self.shape[mask], self.pitch[mask] = self.shape.max() + 1, pitch
        self.row[mask], self.glass[mask] = row[mask], glass[mask]

    def lay_line(self, start: tuple[float, float], stop: tuple[float, float], width: float, glass: str) -> None:
        """A single row of stones from `start` to `stop`."""
        dx, dy = stop[0] - start[0], stop[1] - start[1]
        length = np.hypot(dx, dy)
        along = ((X - start[0]) * dx + (Y - start[1]) * dy) / length
        across = ((Y - start[1]) * dx - (X - start[0]) * dy) / length + width / 2
        self.lay((along >= 0) & (along <= length) & (across >= 0) & (across < width), across, width, (glass,))


def inside(points: Sequence[tuple[float, float]]) -> np.ndarray:
    """How deep each pixel lies inside the smooth closed curve through `points`; 0 outside."""
    image = Image.new("L", (SIZE, SIZE))
    ImageDraw.Draw(image).polygon(smooth_curve(points, 300, closed=True).ravel().tolist(), fill=1)
    return ndimage.distance_transform_edt(np.asarray(image)).astype(np.float32)


def modelled(rng: np.random.Generator, depth: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """A map of glasses, from the lit ones to the dark, that lets a shape look round under light from the upper left."""
    dome = ndimage.gaussian_filter(np.sqrt(np.minimum(depth, 44) * (88 - np.minimum(depth, 44))), 4)
    dy, dx = np.gradient(dome)
    light = 0.48 + 0.36 * dx + 0.26 * dy + 0.07 * rng.standard_normal(depth.shape)
    codes = np.array([GLASS[name] for name in names])
    return codes[np.clip((1 - light) * len(codes), 0, len(codes) - 1).astype(int)]


def lay_fan(cartoon: Cartoon) -> None:
    """Rings of feathers, the short ones over the long; the rows of each run around its heart and in along its stem."""
    away = np.hypot(X - FAN_CENTRE[0], Y - FAN_CENTRE[1])
    cartoon.lay(away < FAN_RADIUS, FAN_RADIUS - away, 9, ("leaf", "green"))
    for ring, (radius, eye, rows) in enumerate(RINGS):
        count = round(1.36 * np.pi * radius / (1.75 * eye))
        for spot in range(count + ring % 2):
            angle = np.pi * (1.36 * (spot + 0.5 - 0.5 * (ring % 2)) / count - 1.18)
            dx, dy = X - FAN_CENTRE[0] - radius * np.cos(angle), Y - FAN_CENTRE[1] - radius * np.sin(angle)
            inwards = -(dx * np.cos(angle) + dy * np.sin(angle))
            across = np.abs(dy * np.cos(angle) - dx * np.sin(angle))
            stem = np.clip(inwards, 0, 2.2 * eye)
            far = np.hypot(across, inwards - stem)
            taper = 0.4 * np.maximum(stem - 0.1 * eye, 0) * (1 - smoothstep(0.5 * eye, eye, far))
            cartoon.lay(far < eye, far + taper, eye / len(rows), rows)


def lay_bird(rng: np.random.Generator, cartoon: Cartoon) -> None:
    """Legs, wings, body and head, with a golden nimbus behind the head."""
    rump = np.hypot(X - 384, Y - 574)
    cartoon.lay((rump < 138) & (Y > 604) & (Y < 648), 138 - rump, 8, ("gold", "leaf", "green"))
    for foot in (352, 402):
        cartoon.lay_line((foot, 600), (foot - 4, 652), 9, "gold")
        for toe in (-20, 4, 22):
            cartoon.lay_line((foot - 4, 646), (foot - 4 + toe, 664), 8, "gold")
    wing = inside(WING)
    for depth in (wing, wing[:, ::-1]):
        cartoon.lay(depth > 0, depth, 8, ("terracotta", "cream", "terracotta", "gold"))
    halo = np.hypot(X - 370, Y - 240)
    cartoon.lay(halo < 84, 84 - halo, 8, ("terracotta", "gold"))
    for angle in np.linspace(-0.7, 0.6, 5):
        tip = (384 + 56 * np.sin(angle), 228 - 56 * np.cos(angle))
        cartoon.lay_line((384, 228), tip, 6, "blue")
        cartoon.lay_line(tip, (tip[0] + 12 * np.sin(angle), tip[1] - 12 * np.cos(angle)), 12, "night")
    body = inside(BODY)
    glass = modelled(rng, body, ("cream", "sky", "sky", "blue", "blue", "night"))
    scales = np.hypot((X - 384 + 17 * (np.floor(Y / 26) % 2)) % 34 - 17, Y % 26 - 13) < 6
    glass[scales & (Y > 400) & (body > 20)] = GLASS["gold"]
    glass[(body < 16) & (Y > 340)] = GLASS["gold"]
    glass[body < 8] = GLASS["night"]
    cartoon.lay(body > 0, body, 8, glass)
    beak = inside(BEAK)
    cartoon.lay(beak > 0, beak, 8, ("night",))
    eye = np.hypot((X - 368) / 1.25, Y - 254)
    cartoon.lay(eye < 12.5, 12.5 - eye, 7, ("cream",))
    cartoon.lay_line((363, 254), (373, 254), 10, "night")


def draw(rng: np.random.Generator) -> Cartoon:
    """The whole cartoon: gold ground, fan, hill, bird, rosettes and border."""
    cartoon = Cartoon()
    ground = np.hypot(X - FAN_CENTRE[0], Y - FAN_CENTRE[1]) - FAN_RADIUS
    cartoon.lay(ground > -4, ground + 4, 11, ("gold",))
    lay_fan(cartoon)
    hill = Y - (648 + 12 * np.sin(X / 90) + 0.0003 * (X - 384) ** 2)
    cartoon.lay(hill > 0, hill, 11, ("terracotta", "leaf", "green", "leaf", "green", "blue", "sky"))
    lay_bird(rng, cartoon)
    for column, line, radius in ROSETTES:
        away = np.hypot(X - column, Y - line)
        cartoon.lay(away < radius, away, 9, ("cream", "terracotta", "blue", "cream"))
    edge = np.minimum(np.minimum(X, SIZE - 1 - X), np.minimum(Y, SIZE - 1 - Y))
    dentils = np.where((X + Y) % 64 < 32, GLASS["terracotta"], GLASS["cream"])
    border = np.where(edge < 13, GLASS["night"], np.where(edge < 27, dentils, GLASS["blue"]))
    cartoon.lay(edge < 39, edge, 13, border)
    return cartoon


@dataclass
class Stones:
    """Where the stones lie, how far each is turned, its two sizes and the shape it belongs to."""

    x: np.ndarray
    y: np.ndarray
    turn: np.ndarray
    length: np.ndarray
    width: np.ndarray
    shape: np.ndarray

    @classmethod
    def of(cls, table: np.ndarray) -> "Stones":
        return cls(*table.T.astype(np.float32))

    def table(self) -> np.ndarray:
        return np.column_stack([self.x, self.y, self.turn, self.length, self.width, self.shape])


def set_row(rng: np.random.Generator, line: np.ndarray, pitch: float) -> np.ndarray:
    """Stones one after another along a line of (y, x): their x, y, turn, length and width."""
    reach = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    count = max(1, round(reach[-1] / (pitch * rng.uniform(0.95, 1.25))))
    at = (np.arange(count) + 0.5 + rng.uniform(-0.1, 0.1, count)) * reach[-1] / count
    spot, ahead, behind = (np.stack([np.interp(at + step, reach, line[:, axis]) for axis in (1, 0)], 1) for step in (0, 1, -1))
    turn = np.arctan2(*(ahead - behind).T[::-1])
    sizes = np.broadcast_to([max(reach[-1] / count, pitch * 0.7), pitch], (count, 2))
    return np.column_stack([spot, turn, sizes])


def place(rng: np.random.Generator, cartoon: Cartoon) -> Stones:
    """Stones along the middle of every row of every shape, less those that would lie on one another."""
    found = []
    for index, box in enumerate(ndimage.find_objects(cartoon.shape), 1):
        if box is None or min(span.stop - span.start for span in box) < 2:
            continue
        mask, row = cartoon.shape[box] == index, cartoon.row[box]
        for level in range(int(row[mask].max()) + 1):
            for line in find_contours(row, level + 0.5, mask=mask):
                stones = set_row(rng, line + [box[0].start, box[1].start], cartoon.pitch[box][mask][0])
                found.append(np.column_stack([stones, np.full(len(stones), index)]))
    table = np.concatenate(found)
    close = cKDTree(table[:, :2]).query_pairs(4.5, output_type="ndarray")
    table = np.delete(table, np.unique(close.max(1)), 0)
    table[:, 2] += 0.06 * rng.standard_normal(len(table))
    table[:, 3:5] *= rng.uniform(0.92, 1.08, (len(table), 2))
    return Stones.of(table)


def cut(stones: Stones, cartoon: Cartoon, bend: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each pixel the stone it belongs to and how many pixels it lies within that stone's rim."""
    x, y = X + bend[0], Y + bend[1]
    near = cKDTree(np.column_stack([stones.x, stones.y])).query(np.column_stack([x.ravel(), y.ravel()]), 7)[1]
    near = near.reshape(SIZE, SIZE, 7)
    dx, dy = x[..., None] - stones.x[near], y[..., None] - stones.y[near]
    cos, sin = np.cos(stones.turn)[near], np.sin(stones.turn)[near]
    u = (dx * cos + dy * sin) / stones.length[near] * 2
    v = (dy * cos - dx * sin) / stones.width[near] * 2
    size = (u**6 + v**6) ** (1 / 6) + 9 * (stones.shape[near] != cartoon.shape[..., None])
    order = np.argsort(size, axis=2)[..., :2]
    first, second = np.moveaxis(np.take_along_axis(size, order, 2), 2, 0)
    owner = np.take_along_axis(near, order[..., :1], 2)[..., 0]
    seams = ndimage.maximum_filter(cartoon.shape, 2) != ndimage.minimum_filter(cartoon.shape, 2)
    within = np.minimum(1.3 - first, (second - first) / 2) * stones.width[owner] / 2
    return owner, np.minimum(within, ndimage.distance_transform_edt(~seams)).astype(np.float32)


def fill(stones: Stones, cartoon: Cartoon, rim: np.ndarray) -> Stones:
    """The stones and small chips for the gaps that their rows have left."""
    gap = ndimage.gaussian_filter(ndimage.distance_transform_edt(rim < 0.3), 0.7)
    y, x = np.nonzero((gap == ndimage.maximum_filter(gap, 7)) & (gap > 1.9))
    nearest = cKDTree(np.column_stack([stones.x, stones.y])).query(np.column_stack([x, y]))[1]
    size = np.minimum(2.3 * gap[y, x] + 1, 11)
    chips = np.column_stack([x, y, stones.turn[nearest], 1.2 * size, size, cartoon.shape[y, x]])
    return Stones.of(np.concatenate([stones.table(), chips]))


def light(rng: np.random.Generator, stones: Stones, glass: np.ndarray, owner: np.ndarray, rim: np.ndarray) -> np.ndarray:
    """Colour the stones and let a low sun rake over the wall: each stone leans a little its own way, and some glint."""
    palettes = [np.array([colour(tone) for tone in tones]) for tones in PALETTE.values()]
    tones = np.array([palettes[code][rng.integers(len(palettes[code]))] for code in glass])
    tones *= 1 + 0.05 * rng.standard_normal(tones.shape).astype(np.float32)
    lean = 0.13 * rng.standard_normal((len(glass), 2)).astype(np.float32)
    grit = fractal_noise(rng, (SIZE, SIZE), 5, 3)
    wall = fractal_noise(rng, (SIZE, SIZE), 260, 2)
    relief = ndimage.gaussian_filter(2.0 * smoothstep(0, 2.8, rim) + 0.16 * grit, 0.6)
    dy, dx = np.gradient(relief)
    nx = lean[owner, 0] + 0.02 * (X - stones.x[owner]) - 0.5 * dx
    ny = lean[owner, 1] + 0.02 * (Y - stones.y[owner]) - 0.5 * dy
    shade = (1 - 0.5 * nx - 0.6 * ny) / np.sqrt(1 + nx**2 + ny**2) * (1.04 + 0.05 * grit + 0.05 * wall)
    glint = np.exp(-((nx + 0.27) ** 2 + (ny + 0.32) ** 2) / 0.014)
    shine = np.array([SHINE.get(name, 0.3) for name in GLASS], np.float32)[glass][owner]
    picture = tones[owner] * shade[..., None] + (shine * glint)[..., None] * (0.35 + 0.65 * np.sqrt(tones[owner]))
    sand = GROUT * (0.9 + 0.13 * fractal_noise(rng, (SIZE, SIZE), 4, 2))[..., None]
    cover = smoothstep(0.35, 1.25, rim)[..., None]
    return np.clip(sand + (picture - sand) * cover, 0, 1).astype(np.float32)


def paint(seed: int) -> np.ndarray:
    """The finished wall."""
    rng = np.random.default_rng(seed)
    cartoon = draw(rng)
    stones = place(rng, cartoon)
    bend = np.stack([0.35 * fractal_noise(rng, (SIZE, SIZE), 10, 2) for _ in range(2)])
    stones = fill(stones, cartoon, cut(stones, cartoon, bend)[1])
    owner, rim = cut(stones, cartoon, bend)
    glass = cartoon.glass[stones.y.astype(int), stones.x.astype(int)]
    return light(rng, stones, glass, owner, rim)
