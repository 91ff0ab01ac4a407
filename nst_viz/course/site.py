"""From a lesson's script to a page of the site: its cells run one after the other, what they print and show beneath each."""

import html
import io
import json
import re
import sys
import time
import traceback
from collections.abc import Sequence
from contextlib import redirect_stdout
from importlib.resources import files
from pathlib import Path
from typing import Any, TextIO

from markdown_it import MarkdownIt
from PIL import Image
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from nst_viz.core.errors import NstVizError
from nst_viz.course.cells import Cell, Script, lesson_paths, read_script
from nst_viz.course.lesson import COVER, END, LESSONS, Lesson, Shown

PAGE, ABOUT = "index.html", "about.json"
TITLE = "Ten lessons in which content and style emerge"
WIDE, BROAD = 640, 960
"""pixels: on a telephone a wider picture is moved sideways; one broader than the page's text may stand out"""
CAPTION = re.compile(r'lesson\.show\(\s*("[^"]*"),.*?\)$(?=\s*(?:^\S|\Z))', re.DOTALL | re.MULTILINE)
"""a call that shows a picture, to its end"""
NARROW = 0.65
"""to which share of its width such a picture is made smaller on a telephone, so that letters have one size in all of them"""


class Both(io.StringIO):
    """What is printed goes on and is kept."""

    def __init__(self, onwards: TextIO) -> None:
        super().__init__()
        self.onwards = onwards

    def write(self, text: str) -> int:
        self.onwards.write(text)
        self.onwards.flush()
        return super().write(text)


def run_lesson(script: Script) -> Path:
    """Run a lesson cell by cell and write its page and the index; the page's path.

    Raises NstVizError where what the lesson says of its numbers does not hold, and what the lesson raises.
    """
    values: dict[str, Any] = {"__name__": "__main__", "__file__": str(script.path)}
    about, parts = Lesson(script.number).folder / ABOUT, []
    is_whole = not Lesson(script.number).runs.exists()
    started = time.monotonic()
    for cell in script.cells:
        if cell.kind == "markdown":
            parts.append(prose(cell.text))
            continue
        before = len(shown_by(values))
        with redirect_stdout(Both(sys.stdout)) as printed:
            run_cell(script, cell, values)
        words, _, _ = printed.getvalue().partition(END)  # what follows names the pictures, which the page has shown
        parts.append(code(cell, words, shown_by(values)[before:]))
    seconds = round(time.monotonic() - started)
    known = json.loads(about.read_text("utf-8"))["seconds"] if about.exists() else 0
    if not about.exists() or (
        is_whole and not 0.5 * known < seconds < 2 * known
    ):  # where runs were there already, its time says nothing
        about.write_text(json.dumps({"seconds": seconds}) + "\n", "utf-8")
    page = about.with_name(PAGE)
    page.write_text(lesson_page(script, parts), "utf-8")
    write_index()
    return page


def run_cell(script: Script, cell: Cell, values: dict[str, Any]) -> None:
    """Run a cell with what those before it left, its lines numbered as in the script."""
    try:
        exec(compile("\n" * cell.line + cell.text, str(script.path), "exec"), values)
    except AssertionError as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        raise NstVizError(
            f"lesson {script.number} stops at {Path(last.filename).name}, line {last.lineno}, since this does not hold: "
            f"{(last.line or '').removeprefix('assert ')}. What it says was tried with the constants that it came with"
        ) from error


def shown_by(values: dict[str, Any]) -> list[Shown]:
    lesson = values.get("lesson")
    return lesson.shown if isinstance(lesson, Lesson) else []


def prose(markdown: str) -> str:
    rendered: str = MarkdownIt("commonmark").enable("table").render(markdown)
    return f'<section class="prose">{rendered}</section>'


def code(cell: Cell, printed: str, shown: Sequence[Shown]) -> str:
    """A cell of code, what it printed, and what it shows; captions only there, for they say what is to be predicted."""
    source = CAPTION.sub(r'lesson.show(\1, "…")', cell.text.strip() + "\n")
    parts = [highlight(source, PythonLexer(), HtmlFormatter(cssclass="code"))]
    if printed.strip():
        parts.append(f'<pre class="printed">{html.escape(printed.strip(chr(10)))}</pre>')
    return "\n".join([*parts, *(figure(item) for item in shown)])


def figure(item: Shown) -> str:
    name, caption = html.escape(item.path.name), html.escape(item.caption)
    if item.path.suffix == ".html":
        frame = f'<iframe src="{name}" title="{caption}" loading="lazy"></iframe>'
        return f'<figure>{frame}<figcaption>{caption} <a href="{name}">Open it alone.</a></figcaption></figure>'
    with Image.open(item.path) as picture:
        width, height = picture.size
    image = f'<img src="{name}" alt="{caption}" width="{width}" height="{height}" loading="lazy">'
    narrow = f' style="--narrow: {max(WIDE, round(NARROW * width))}px"'
    kind = f' class="wide broad"{narrow}' if width > BROAD else f' class="wide"{narrow}' if width > WIDE else ""
    return f'<figure{kind}><a class="sideways" href="{name}">{image}</a><figcaption>{caption}</figcaption></figure>'


def lesson_page(script: Script, parts: Sequence[str]) -> str:
    numbers = [int(path.name[:2]) for path in lesson_paths()]
    links = [f'<a href="../{PAGE}">All lessons</a>']
    for number, words in ((script.number - 1, "← Lesson {}"), (script.number + 1, "Lesson {} →")):
        if number in numbers:
            links.append(f'<a href="../{number:02d}/{PAGE}">{words.format(number)}</a>')
    navigation = f"<nav>{' '.join(links)}</nav>"
    heading = f'<p class="number">Lesson {script.number}</p><h1>{html.escape(script.title)}</h1>'
    body = [navigation, heading, f'<div class="opening">{prose(script.opening)}</div>', *parts, navigation]
    return document(script.title, "\n".join(body))


def document(title: str, body: str) -> str:
    style = files("nst_viz.course").joinpath("site.css").read_text("utf-8")
    style += "\n" + code_colours("friendly") + "@media (prefers-color-scheme: dark) {\n" + code_colours("native") + "}"
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{html.escape(title)}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>\n{style}\n</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def code_colours(style: str) -> str:
    """Pygments' rules for the tokens alone; paper and ink are the page's."""
    rules = HtmlFormatter(style=style, cssclass="code").get_style_defs(".code").splitlines()
    return "".join(f"{rule}\n" for rule in rules if rule.startswith(".code ."))


def write_index() -> Path:
    """results/lessons/index.html: every lesson that was built, with its cover and how long it took."""
    cards = []
    for path in lesson_paths():
        script = read_script(path)
        folder = Lesson(script.number).folder
        if (folder / PAGE).exists():
            seconds = json.loads((folder / ABOUT).read_text("utf-8"))["seconds"]
            question = MarkdownIt("commonmark").renderInline(script.opening.split("\n\n")[0].replace("\n", " "))
            cards.append(
                f'<a class="card" href="{script.number:02d}/{PAGE}">'
                f'<img src="{script.number:02d}/{COVER}" alt="" width="320" height="240">'
                f"<b>{script.number} · {html.escape(script.title)}</b><span>{question}</span>"
                f'<span class="time">{seconds} s on two cores</span></a>'
            )
    body = (
        f"<h1>{TITLE}</h1><p>Each lesson is a script that runs from its first line to its last and checks what it says: "
        f'<code>nst-viz lesson 3</code>. Here is what they print and draw.</p><div class="cards">{"".join(cards)}</div>'
    )
    LESSONS.mkdir(parents=True, exist_ok=True)
    index = LESSONS / PAGE
    index.write_text(document(TITLE, body), "utf-8")
    return index


def list_lessons() -> str:
    """A line for each lesson, its number and title, and how to run one."""
    lines = [f"{script.number:4d}  {script.title}" for script in map(read_script, lesson_paths())]
    return "\n".join([*lines, "", "run one:  nst-viz lesson 3"])
