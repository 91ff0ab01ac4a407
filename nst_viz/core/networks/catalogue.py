"""From what is on this machine to a page of text about the networks; builds none of them."""

from nst_viz.core.networks.weights_file import WEIGHTS_MEGABYTES, cached_weights


def describe_networks() -> str:
    """A few lines for a terminal."""
    path = cached_weights()
    there = "is there" if path.exists() else f"is not there; the first use downloads it ({WEIGHTS_MEGABYTES} MB)"
    return "\n".join(
        [
            "wavelet  designed filters: oriented wavelets at five scales; needs no file (the default)",
            "vgg19    the paper's network, learned on ImageNet",
            f"         weights: {path} {there}; or name a file with --weights PATH",
            "random   random weights, the control; needs no file",
        ]
    )
