"""Coarse to fine: the stream through both sizes, and what its pictures are."""

import numpy as np

from nst_viz.core.config import TransferConfig
from nst_viz.core.image import load_pictures
from nst_viz.core.transfer import Transfer, in_blocks, prepare


def prepared(config: TransferConfig) -> Transfer:
    return prepare(config, load_pictures(config))


def test_coarse_steps_come_first(config: TransferConfig) -> None:
    config = config.replace(size=97, steps=9, coarse_steps=4)
    transfer = prepared(config)
    assert transfer.coarse
    assert transfer.coarse.canvas.shape[1] == 49
    assert [term.place for term in transfer.coarse.objective.terms] == [term.place for term in transfer.objective.terms]
    iterates = list(transfer.iterates(gradients_every=3))
    assert [each.step for each in iterates] == list(range(10))
    assert {each.image.shape for each in iterates} == {transfer.canvas.shape}
    blocks = [np.array_equal(each.image, in_blocks(each.state["image"], *each.image.shape[:2])) for each in iterates]
    assert [each.state["image"].shape[1] for each in iterates] == [49] * 4 + [97] * 6
    assert all(blocks), "a coarse step is shown as it is, in pixels of twice the size"
    assert iterates[3].gradients
    assert {gradient.shape for gradient in iterates[3].gradients.values()} == {transfer.canvas.shape}
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
    assert [each.state["image"].shape[1] for each in whole] == [48] * 2 + [96] * 3 + [192] * 3
    assert {each.image.shape[1] for each in whole} == {192}
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


def test_blocks() -> None:
    small = np.arange(6, dtype=np.float32).reshape(2, 3, 1)
    assert in_blocks(small, 3, 5)[..., 0].tolist() == [[0, 0, 1, 1, 2], [0, 0, 1, 1, 2], [3, 3, 4, 4, 5]]
