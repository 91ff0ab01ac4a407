"""A woman's head for the sculptor: skull, features and the colours of a face."""

import numpy as np

from .sculpt import Form, Vector, ellipsoid, length, turned, unit
from .tools import colour, mix, smoothstep

EYE = (0.0315, 0.0, 0.0660)
EYE_SIZE = 0.0134
OPENING = (0.0146, 0.0056)
LIPS, BLUSH, LASHES = colour("#b9544a"), colour("#d98266"), colour("#20120c")
WHITE, IRIS, GLINT = colour("#d3cabd"), colour("#4a3420"), colour("#ffffff")


class Head:
    """A head whose middle, between the eyes and the ears, lies at `centre`; unturned (`turn`) it faces the viewer.

    On the head itself x runs to its left, y up and z forwards; it is 0.226 m high where `scale` is 1.
    """

    def __init__(self, centre: Vector, turn: np.ndarray, scale: float = 1.0) -> None:
        self.centre, self.turn, self.scale = np.array(centre, np.float32), turn, scale

    def place(self, x: float, y: float, z: float) -> Vector:
        """A place on the head, as a point in space."""
        return tuple(self.centre + self.turn @ np.array((x, y, z)) * self.scale)

    def on_head(self, points: np.ndarray) -> np.ndarray:
        """Points in space (3, n), as places on the head."""
        return self.turn.T @ (points - self.centre[:, None]) / self.scale

    def lump(
        self,
        x: float,
        y: float,
        z: float,
        size: Vector,
        turn: np.ndarray | None = None,
        blend: float = 0.03,
        **options: object,
    ) -> Form:
        """An ellipsoid on the head."""
        turn = self.turn if turn is None else self.turn @ turn
        return ellipsoid(self.place(x, y, z), tuple(np.array(size) * self.scale), turn, blend=blend * self.scale, **options)

    def ridge(self, start: Vector, end: Vector, radii: Vector, blend: float = 0.03, **options: object) -> Form:
        """A limb on the head."""
        radii = tuple(np.array(radii) * self.scale)
        return Form(self.place(*start), self.place(*end), radii, blend=blend * self.scale, **options)

    def skull(self) -> list[Form]:
        """Skull, jaw and cheeks."""
        forms = [
            self.lump(0, 0.028, -0.012, (0.071, 0.084, 0.095)),
            self.lump(0, 0.045, 0.036, (0.056, 0.052, 0.046), blend=0.03),
            self.lump(0, -0.018, 0.030, (0.056, 0.070, 0.054), turned(pitch=-16), blend=0.03),
            self.lump(0, -0.054, 0.034, (0.040, 0.030, 0.048), turned(pitch=26), blend=0.03),
            self.lump(0, -0.100, 0.068, (0.015, 0.012, 0.014), blend=0.032),
            self.lump(0, -0.066, 0.070, (0.023, 0.022, 0.021), blend=0.03),
        ]
        for side in (-1, 1):
            forms += [
                self.lump(side * 0.041, -0.026, 0.052, (0.020, 0.018, 0.020), blend=0.04),
                self.lump(side * 0.034, -0.055, 0.040, (0.021, 0.026, 0.026), blend=0.03),
                self.ridge((side * 0.054, -0.020, 0.002), (side * 0.041, -0.052, 0.010), (0.006, 0.007, 0.005), blend=0.035),
                self.ridge((side * 0.042, -0.052, 0.008), (side * 0.009, -0.096, 0.066), (0.007, 0.006, 0.005), blend=0.03),
                self.ridge((side * 0.010, 0.020, 0.081), (side * 0.042, 0.021, 0.064), (0.004, 0.006, 0.003), blend=0.024),
                self.lump(side * 0.033, 0.002, 0.091, (0.019, 0.011, 0.014), turned(yaw=side * 20), blend=0.022, carve=True),
            ]
        return forms

    def nose_and_mouth(self) -> list[Form]:
        """Nose with nostrils, the groove below it, and lips."""
        forms = [
            self.ridge((0, 0.016, 0.081), (0, -0.034, 0.102), (0.0060, 0.0052, 0.0072), blend=0.016),
            self.lump(0, -0.0370, 0.1035, (0.0080, 0.0072, 0.0078), blend=0.010),
        ]
        for side in (-1, 1):
            forms += [
                self.lump(side * 0.0098, -0.0405, 0.0925, (0.0060, 0.0056, 0.0080), turned(yaw=side * 20), blend=0.009),
                self.lump(
                    side * 0.0056,
                    -0.0462,
                    0.0985,
                    (0.0032, 0.0022, 0.0045),
                    turned(yaw=side * 25),
                    blend=0.004,
                    carve=True,
                ),
            ]
        forms.append(self.ridge((0, -0.048, 0.098), (0, -0.056, 0.0985), (0.0022, 0.003, 0.003), blend=0.007, carve=True))
        for side in (-1, 1):
            forms += [
                self.ridge((0, -0.0628, 0.0895), (side * 0.0225, -0.0662, 0.0770), (0.0040, 0.0050, 0.0014), blend=0.007),
                self.ridge((0, -0.0712, 0.0880), (side * 0.0190, -0.0686, 0.0775), (0.0054, 0.0050, 0.0016), blend=0.007),
            ]
        return forms

    def eyes(self) -> list[Form]:
        """Lids with an almond cut into them, and the eyeballs behind."""
        forms = []
        for side in (-1, 1):
            x, y, z = side * EYE[0], EYE[1], EYE[2]
            slit = turned(yaw=side * 12, roll=side * 4)
            forms += [
                self.lump(x, y, z, (EYE_SIZE + 0.002, EYE_SIZE + 0.0012, EYE_SIZE + 0.0016), blend=0.008),
                self.lump(x, y - 0.0016, z + 0.0125, (*OPENING, 0.012), slit, blend=0.002, carve=True),
                self.lump(x, y, z, (EYE_SIZE,) * 3, blend=0.0006, part="eye"),
            ]
        return forms


def bump(value: np.ndarray, centre: float, width: float) -> np.ndarray:
    """A soft hump of height 1 at `centre`."""
    return np.exp(-(((value - centre) / width) ** 2))


def make_up(face: np.ndarray, tint: np.ndarray, skin: np.ndarray, gaze: Vector) -> np.ndarray:
    """The tint (n, 3) of a head with cheeks, lips and eyes painted on it.

    `face` holds places on the head (3, n), `skin` how much of each is skin, `gaze` the way the eyes look from the head.
    """
    x, y, z = face
    front = skin * smoothstep(0.04, 0.06, z)
    blush = bump(x, 0.040, 0.020) * bump(y, -0.032, 0.017) + bump(x, -0.040, 0.020) * bump(y, -0.032, 0.017)
    blush += 0.5 * bump(x, 0, 0.014) * bump(y, -0.037, 0.010) + 0.35 * bump(x, 0, 0.020) * bump(y, -0.100, 0.012)
    tint = mix(tint, BLUSH, 0.55 * front * np.clip(blush, 0, 1))
    tint = paint_lips(x, y, tint, front)
    for side in (-1, 1):
        tint = paint_lid(x * side - EYE[0], y - EYE[1], tint, front)
        tint = paint_eyeball(face - np.array([[side * EYE[0]], [EYE[1]], [EYE[2]]], np.float32), tint, gaze)
    return tint


def paint_lips(x: np.ndarray, y: np.ndarray, tint: np.ndarray, front: np.ndarray) -> np.ndarray:
    """Lips with a bow above, and the line between them, a little raised at its ends."""
    out = np.abs(x) / 0.0235
    top = -0.0590 - 0.0064 * out**1.6 + 0.0012 * bump(out, 0.22, 0.15) - 0.0012 * bump(out, 0, 0.12)
    bottom = -0.0765 + 0.0108 * out**2.2
    lips = smoothstep(-0.0008, 0.0010, top - y) * smoothstep(-0.0010, 0.0010, y - bottom) * smoothstep(1.02, 0.9, out)
    between = y + 0.0668 + 0.0008 * (1 - (2 * out - 1) ** 2) - 0.0024 * out**3
    tint = mix(tint, LIPS, 0.75 * front * lips)
    line = smoothstep(0.0013, 0.0002, np.abs(between)) * smoothstep(1.08, 0.9, out)
    return mix(tint, LIPS * 0.35, 0.75 * front * line)


def paint_lid(x: np.ndarray, y: np.ndarray, tint: np.ndarray, front: np.ndarray) -> np.ndarray:
    """Brow, crease and lashes above one eye; x from its middle outwards, y upwards."""
    out, rise = x / OPENING[0], 0.07 * x
    arch = y - (0.0212 + 0.0034 * (1 - (out - 0.15) ** 2) + 0.5 * rise)
    thin = np.clip(1.15 - 0.45 * out, 0.3, 1.3)
    brow = smoothstep(0.0034, 0.0010, np.abs(arch) / thin) * smoothstep(-1.45, -0.9, out) * smoothstep(1.75, 1.1, out)
    tint = mix(tint, LASHES * 1.6, 0.60 * front * brow)
    edge = y - (OPENING[1] * np.sqrt(np.clip(1 - out**2, 0, 1)) - 0.0016 + rise)
    crease = smoothstep(0.0018, 0.0004, np.abs(edge - 0.0050)) * smoothstep(1.2, 0.7, np.abs(out))
    tint = mix(tint, LIPS * 0.5, 0.35 * front * crease)
    lashes = smoothstep(0.0019, 0.0004, np.abs(edge - 0.0004)) * smoothstep(1.3, 1.0, np.abs(out))
    return mix(tint, LASHES, 0.9 * front * lashes)


def paint_eyeball(offset: np.ndarray, tint: np.ndarray, gaze: Vector) -> np.ndarray:
    """White, iris and pupil of one eye; `offset` from its middle."""
    size2 = (offset**2).sum(0)
    eye = smoothstep(0.0008, 0.0003, np.sqrt(size2) - EYE_SIZE)
    ahead = unit(gaze)
    depth = ahead @ offset
    away = np.where(depth > 0, np.sqrt(np.maximum(size2 - depth**2, 0)), 1)
    tint = mix(tint, WHITE, eye)
    glint = ahead * EYE_SIZE + np.array((0.0034, 0.0036, 0), np.float32)
    tint = mix(tint, IRIS, eye * smoothstep(0.0074, 0.0062, away))
    tint = mix(tint, LASHES * 0.4, eye * smoothstep(0.0036, 0.0026, away))
    return mix(tint, GLINT, eye * smoothstep(0.0018, 0.0012, length(offset - glint[:, None])))
