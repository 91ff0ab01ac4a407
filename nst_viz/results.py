"""Where results go: `results/` under the current folder, named after the pictures."""

from pathlib import Path

RESULTS = Path("results")


def run_name(*sources: str) -> str:
    """`img/content/dancing.jpg`, `sample:picasso` -> `dancing_picasso`."""
    return "_".join(Path(source.removeprefix("sample:")).stem for source in sources)


def free_folder(name: str) -> Path:
    """results/NAME, or results/NAME-2, -3 … where that is taken."""
    folder, number = RESULTS / name, 2
    while folder.exists():
        folder, number = RESULTS / f"{name}-{number}", number + 1
    return folder
