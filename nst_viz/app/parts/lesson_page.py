"""From a lesson's built page to one that needs nothing beside it: pictures and players lie in the page itself."""

import base64
import html
import mimetypes
import re
from pathlib import Path


def whole_page(path: Path) -> str:
    """The page with every picture and frame of its folder put in, without links to other files."""
    folder = path.parent.resolve()

    def put_in(found: re.Match[str]) -> str:
        file = (folder / html.unescape(found[2])).resolve()
        if file.parent != folder or not file.is_file():
            return found[1]
        if file.suffix == ".html":
            return f'{found[1]}srcdoc="{html.escape(file.read_text("utf-8"))}" '
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return f'{found[1]}src="data:{kind};base64,{base64.b64encode(file.read_bytes()).decode()}"'

    text = re.sub(r"<nav>.*?</nav>", "", path.read_text("utf-8"), flags=re.DOTALL)
    text = re.sub(r'\s*<a href="[^"/]*\.html">[^<]*</a>', "", text)  # to what is shown right above it
    text = re.sub(r'(<(?:img|iframe)\s)src="([^":]*)"', put_in, text)
    return re.sub(r'(<a\b[^>]*?)\shref="(?!https?:|#)[^"]*"', r"\1", text)
