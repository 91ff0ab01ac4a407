"""What the tests of pages share: a page's words, a click, a run of the session's own, what waits in the queue."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from nst_viz.app.library import Library
from nst_viz.app.work.queue import Job
from tests.render.synthetic import synthetic_run

Opens = Callable[..., AppTest]
SAMPLE = "sample:dancing_picasso"


def texts(page: AppTest) -> str:
    kinds = ("markdown", "caption", "info", "error", "warning", "success", "title", "subheader")
    return "\n".join(element.value for kind in kinds for element in getattr(page, kind))


def click(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label == label).click()
    page.run()
    assert not page.exception
    return page


def own_run(library: Library, wanted: str = "mine", steps: int = 6, **options: object) -> str:
    name = library.reserve(wanted)
    synthetic_run(library.places.results / name, steps=steps, **options)
    return name


def jobs(library: Library) -> list[Job]:
    return library.queue.jobs("waiting")
