"""From `sample:NAME` to a file: the pictures of `img/`, and photos that scikit-image and Matplotlib bring with them."""

import importlib.util
from pathlib import Path

from nst_viz.core.errors import NstVizError

PACKAGE = Path(__file__).parents[1]
OWN_FOLDERS = (PACKAGE / "img", PACKAGE.parent / "img")
"""in an installed package, and in a checkout"""
OWN = {
    "content": ("dancing", "harbour", "portrait", "lion"),
    "style": ("picasso", "swirls", "wave", "mosaic", "ink", "stained_glass"),
}
PHOTOS = {
    "astronaut": ("skimage", "data/astronaut.png"),
    "chelsea": ("skimage", "data/chelsea.png"),
    "coffee": ("skimage", "data/coffee.png"),
    "rocket": ("skimage", "data/rocket.jpg"),
    "hubble": ("skimage", "data/hubble_deep_field.jpg"),
    "hopper": ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg"),
}


def sample_names() -> list[str]:
    """Every NAME that `sample:NAME` may have."""
    return [*OWN["content"], *OWN["style"], *PHOTOS]


def sample_path(source: str) -> Path:
    """The file of `sample:NAME`. Raises NstVizError for a name that there is not, or a package that is not installed."""
    name = source.removeprefix("sample:")
    for folder, names in OWN.items():
        if name in names:
            candidates = [root / folder / f"{name}.jpg" for root in OWN_FOLDERS]
            return next((path for path in candidates if path.exists()), candidates[-1])
    if name not in PHOTOS:
        raise NstVizError(f"there is no sample called {name!r}: choose from {', '.join(sample_names())}")
    package, file = PHOTOS[name]
    found = importlib.util.find_spec(package)
    path = Path(found.origin).parent / file if found and found.origin else None
    if path is None or not path.exists():
        raise NstVizError(
            f"sample {name} comes with the package {package}, which is not installed whole: pip install {package}"
        )
    return path
