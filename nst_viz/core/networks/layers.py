"""What a layer of a network is: its name, its place, and how it is shown everywhere. Loads no TensorFlow."""

import colorsys
from collections.abc import Iterable
from dataclasses import dataclass

BLOCK_COLOURS = ("#56b4e9", "#009e73", "#f0c000", "#e66100", "#aa4499")
"""blocks 1 to 5, from fine to coarse; told apart with each common kind of colour blindness (after Okabe & Ito 2008)"""
BLOCK_MEANINGS = ("finest grain", "fine strokes", "strokes and patterns", "larger shapes", "largest forms")
"""what the style terms of blocks 1 to 5 compare"""
DARKER = 0.72
"""lightness of a layer's colour beside that of the layer before it in its block"""


@dataclass(frozen=True)
class Layer:
    """One layer, as its network describes it. The order in which a network lists its layers is from fine to coarse."""

    name: str
    """as options and files have it: `block1_conv1`"""
    label: str
    """short, for axes and bars: `1.1`"""
    sees: str
    """what it looks at, in a few words: `finest grain`"""
    colour: str
    """`#rrggbb`, the same in every picture, player and page"""
    block: int
    """layers of one block see forms of about one size; from 1, the finest"""
    smallest_side: int
    """pixels that both sides of a picture must have, so that two of the layer's positions fit into each"""
    channels: int | None = None
    stride: int | None = None
    """pixels of the picture from one of its positions to the next"""
    field: int | None = None
    """receptive field: how many pixels wide the part of the picture is that one position depends on"""


def shade(colour: str, place: int) -> str:
    """The colour, darker the later a layer comes in its block (place 0 is the first)."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    channels = colorsys.hls_to_rgb(hue, light * DARKER**place, saturation)
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in channels)


def block_colour(block: int, place: int = 0) -> str:
    """The colour of a layer by its block (from 1) and its place in it (from 0)."""
    return shade(BLOCK_COLOURS[min(block, len(BLOCK_COLOURS)) - 1], place)


def block_meaning(block: int) -> str:
    """What the layers of a block look at."""
    return BLOCK_MEANINGS[min(block, len(BLOCK_MEANINGS)) - 1]


def vgg_places(convolutions: Iterable[int], channels: Iterable[int]) -> list[tuple[int, int, int, int]]:
    """(block, convolution, channels, receptive field) of a network like VGG: so many 3 × 3 convolutions in each block, each
    with so many channels, and 2 × 2 pooling between blocks."""
    places, field, stride = [], 1, 1
    for block, (count, width) in enumerate(zip(convolutions, channels, strict=True), 1):
        if block > 1:
            field, stride = field + stride, 2 * stride
        for conv in range(1, count + 1):
            field += 2 * stride
            places.append((block, conv, width, field))
    return places


def block_layers(places: Iterable[tuple[int, int, int, int]]) -> tuple[Layer, ...]:
    """Layers named as VGG's are, one for each (block, convolution, channels, receptive field in pixels).

    Those of block 3, convolution 1 are `block3_conv1`, `3.1` for short. Block k sees the picture halved k - 1 times.
    """
    return tuple(
        Layer(
            name=f"block{block}_conv{conv}",
            label=f"{block}.{conv}",
            sees=block_meaning(block),
            colour=block_colour(block, conv - 1),
            block=block,
            smallest_side=2**block,
            channels=channels,
            stride=2 ** (block - 1),
            field=field,
        )
        for block, conv, channels, field in places
    )
