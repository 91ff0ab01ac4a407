"""Runs in step: what they are called beside one another."""

from nst_viz.app.parts.side_by_side import LONGEST_LABEL, short_names


def test_a_variant_is_called_by_what_is_different() -> None:
    names = ["lion_ink-2", "lion_ink_without_block_1-2", "lion_ink_another_seed"]
    assert short_names(names) == ["lion_ink-2", "without block 1", "another seed"]


def test_a_long_name_is_cut_in_the_middle() -> None:
    (name,) = short_names(["a" * 59 + "b" * 59])
    assert (len(name), name[0], name[-1]) == (LONGEST_LABEL, "a", "b")


def test_others_keep_their_names() -> None:
    assert short_names(["lion_ink", "lion_inkwell", "harbour_wave-3"]) == ["lion_ink", "lion_inkwell", "harbour_wave-3"]
