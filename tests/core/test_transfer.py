"""Coarse to fine: the stream through both sizes, and what its pictures are."""

import numpy as np
import pytest

from nst_viz.core.config import TransferConfig
from nst_viz.core.errors import NstVizError
from nst_viz.core.image import Picture, load_pictures
from nst_viz.core.transfer import Transfer, prepare
from tests.conftest import painted


def prepared(config: TransferConfig) -> Transfer:
    return prepare(config, load_pictures(config))


def test_coarse_steps_come_first(config: TransferConfig) -> None:
    config = config.replace(size=97, steps=9, coarse_steps=4)
    transfer = prepared(config)
    assert transfer.coarse
    assert transfer.coarse.canvas.shape[1] == 49
    assert [term.key for term in transfer.coarse.objective.terms] == [term.key for term in transfer.objective.terms]
    iterates = list(transfer.iterates(gradients_every=3))
    assert [each.step for each in iterates] == list(range(10))
    assert [each.image.shape[1] for each in iterates] == [49] * 4 + [97] * 6
    assert all(each.image is each.state["image"] for each in iterates)
    assert iterates[3].gradients
    assert {gradient.shape for gradient in iterates[3].gradients.values()} == {transfer.coarse.canvas.shape}
    assert iterates[9].losses.total() < iterates[4].losses.total()


def test_going_on_is_the_same_at_both_sizes(config: TransferConfig) -> None:
    config = config.replace(size=96, steps=8, coarse_steps=4)
    whole = list(prepared(config).iterates())
    for step in (1, 3, 4, 6):
        again = list(prepared(config).iterates_after(step, whole[step].state))
        assert [each.step for each in again] == list(range(step + 1, 9))
        for one, other in zip(again, whole[step + 1 :], strict=True):
            np.testing.assert_array_equal(one.image, other.image)
            assert one.losses == other.losses


def test_a_larger_picture_begins_smaller_still(config: TransferConfig) -> None:
    config = config.replace(size=192, steps=7, coarse_steps=5)
    assert config.coarse_sizes == (48, 96)
    whole = list(prepared(config).iterates())
    assert [each.image.shape[1] for each in whole] == [48] * 2 + [96] * 3 + [192] * 3
    for step in (0, 1, 2, 4, 5):
        again = list(prepared(config).iterates_after(step, whole[step].state))
        assert [each.step for each in again] == list(range(step + 1, 8))
        for one, other in zip(again, whole[step + 1 :], strict=True):
            np.testing.assert_array_equal(one.image, other.image)
            assert one.losses == other.losses


def test_each_size_has_as_many_steps(config: TransferConfig) -> None:
    transfer = prepared(config.replace(size=384, steps=100, coarse_steps=31))
    steps = []
    while transfer.coarse:
        transfer = transfer.coarse
        steps.append((transfer.config.size, transfer.config.steps - transfer.config.coarse_steps))
    assert steps == [(192, 11), (96, 10), (48, 10)]
    assert config.replace(size=384, coarse_steps=2).coarse_sizes == (96, 192)


def made(height: int, width: int) -> Picture:
    return Picture("made", "made.png", "", (width, height), painted(height, width, 1))


def test_sizes_that_are_too_small_are_left_out(config: TransferConfig) -> None:
    """A picture of 16:9 at 192 pixels has 54, then 27 and 14 on its shorter side; block 5 needs 32."""
    pictures = {"content": made(108, 192), "style": made(192, 192)}
    config = config.replace(size=192, steps=9, coarse_steps=4, style_layers="block1_conv1,block5_conv1")
    transfer = prepare(config, pictures)
    assert config.coarse_sizes == (48, 96)
    assert transfer.coarse_sizes == (96,)
    assert [each.image.shape[1] for each in transfer.iterates()] == [96] * 4 + [192] * 6
    assert prepare(config.replace(style_layers=None), pictures).coarse_sizes == (48, 96), "block 4 needs 16"
    flat = {"content": made(60, 192), "style": made(192, 192)}
    with pytest.raises(
        NstVizError, match=r"with coarse_steps, which can be left out, half the content picture is 96 x 30 pixels"
    ):
        prepare(config, flat)
    assert prepare(config.replace(coarse_steps=0), flat).coarse_sizes == ()
