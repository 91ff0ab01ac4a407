"""From a port to the app in the foreground: Streamlit on 127.0.0.1, without usage statistics, until Ctrl-C."""

import os
import socket
import subprocess
import sys
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile

from nst_viz.app.places import Places
from nst_viz.app.uploads import MEGABYTES
from nst_viz.core.errors import NstVizError
from nst_viz.render.theme import INK, PAPER
from nst_viz.results import RESULTS

HOST = "127.0.0.1"
FIRST_PORT, TRIED = 8501, 20
OPTIONS = {
    "server.address": HOST,
    "server.showEmailPrompt": "false",
    "server.fileWatcherType": "none",
    "runner.postScriptGC": "false",  # main does it after whole pages; after each look at a growing run it takes too long
    "server.maxUploadSize": str(MEGABYTES),
    "browser.gatherUsageStats": "false",
    "client.toolbarMode": "viewer",
    "client.showErrorDetails": "none",
    "logger.hideWelcomeMessage": "true",
    "theme.baseRadius": "6px",
    "theme.light.primaryColor": "#1f5fd0",
    "theme.light.backgroundColor": PAPER,
    "theme.light.secondaryBackgroundColor": "#f4f5f7",
    "theme.light.textColor": INK,
    "theme.dark.primaryColor": "#4a80d8",
    "theme.dark.backgroundColor": "#14161a",
    "theme.dark.secondaryBackgroundColor": "#1d2026",
    "theme.dark.textColor": "#eceef2",
}
"""the player's colours, so that page and player are one"""


def launch(port: int | None, say: Callable[[str], None]) -> int:
    """Serve the app until it is interrupted; its exit status.

    Raises NstVizError where the port is taken, or where the results folder cannot be written.
    """
    check_folder(Places(RESULTS.absolute()))
    port = free_port(port)
    say(f"nst-viz app: http://{HOST}:{port} (Ctrl-C ends it)")
    if os.name == "posix":  # the server takes this process's place, and hears each signal itself
        sys.stdout.flush()
        os.execv(sys.executable, command(port))
    with subprocess.Popen(command(port)) as process:
        while True:
            with suppress(KeyboardInterrupt):  # the server hears Ctrl-C too; this waits until it has put things away
                return max(process.wait(), 0)


def check_folder(places: Places) -> None:
    """Raises NstVizError where runs could not be recorded."""
    try:
        places.own.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=places.own):
            pass
    except OSError as error:
        raise NstVizError(
            f"{places.results} cannot be written ({error.strerror}): start the app in a folder that you may write to"
        ) from None


def command(port: int) -> list[str]:
    """What starts the server."""
    options = {**OPTIONS, "server.port": str(port), "server.headless": str(not has_browser()).lower()}
    main = Path(__file__).with_name("main.py")
    return [sys.executable, "-m", "streamlit", "run", str(main), *(f"--{name}={value}" for name, value in options.items())]


def free_port(wanted: int | None) -> int:
    """The port that was wanted, or the first free one from FIRST_PORT on. Raises NstVizError where there is none."""
    for port in range(FIRST_PORT, FIRST_PORT + TRIED) if wanted is None else (wanted,):
        with socket.socket() as probe:
            if os.name == "posix":  # as the server will: a port that was in use a moment ago is free
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    tried = f"port {wanted} is" if wanted else f"ports {FIRST_PORT} to {FIRST_PORT + TRIED - 1} are"
    raise NstVizError(f"{tried} in use: end what runs there, or give another by --port")


def has_browser() -> bool:
    """Whether a page can be opened here."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True
