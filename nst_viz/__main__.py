"""The command line: `nst-viz --help`. Each command reads its options, calls one function and prints where the result is."""

import io
import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from nst_viz.core.errors import NstVizError, showable
from nst_viz.core.quiet import STDERR, take_place
from nst_viz.options import read_options, with_options
from nst_viz.results import RESULTS, free_folder, run_name
from nst_viz.terminal import EXIT_INTERRUPTED

if TYPE_CHECKING:
    from nst_viz.recording.run import Run

EXIT_FAULT, EXIT_MISTAKE = 1, 2


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="nst_viz")
def cli() -> None:
    """Watch a neural network paint: neural style transfer, recorded step by step.

    A picture is a path, or sample:NAME for one that comes along (`nst-viz samples` lists them).
    """


def run_and_report(out: Path | None, name: str, options: dict[str, Any], **fixed: Any) -> None:
    """Record a run with a bar, stop gracefully at Ctrl-C; the last line on standard output is its folder."""
    from nst_viz.recording.session import record_transfer
    from nst_viz.terminal import Terminal, stop_on_interrupt

    config, policy = read_options(options, **fixed)
    terminal = Terminal()
    with stop_on_interrupt() as stop, nullcontext(out) if out else free_folder(name) as folder:
        terminal.say(showable(f"{config.mode}, {name}: {config.steps} steps at {config.size} px, into {folder}"))
        run = record_transfer(config, folder, policy, terminal, stop)
    report(run)


def report(run: "Run") -> None:
    """Say how a run ended; its folder is the last line on standard output."""
    if run.manifest["reason"]:
        click.echo(run.manifest["reason"], file=STDERR)
    if run.status == "stopped":
        click.echo(f"stopped; go on with: nst-viz resume {showable(str(run.folder))}", file=STDERR)
    click.echo(showable(str(run.folder)))
    if run.status == "stopped":
        sys.exit(EXIT_INTERRUPTED)


OUT = click.option("--out", type=click.Path(path_type=Path), help="the run's folder  [default: results/<names>]")


@cli.command()
@click.argument("content")
@click.argument("style")
@OUT
def transfer(content: str, style: str, out: Path | None, **options: Any) -> None:
    """Paint the content of one picture in the style of another."""
    run_and_report(out, run_name(content, style), options, mode="style_transfer", content=content, style=style)


@cli.command("content")
@click.argument("image")
@OUT
def content_from_noise(image: str, out: Path | None, **options: Any) -> None:
    """Let the content of a picture emerge from noise."""
    run_and_report(out, run_name("noise", image), options, mode="content", content=image)


@cli.command("style")
@click.argument("image")
@OUT
def style_from_noise(image: str, out: Path | None, **options: Any) -> None:
    """Let the style of a picture emerge from noise."""
    run_and_report(out, run_name("noise", image), options, mode="style", style=image)


@cli.command()
def demo() -> None:
    """The first run: a dancer in a cubist style, with the embedded network, offline; ends in a picture and a GIF."""
    from nst_viz.seed import main as record_and_render

    report(record_and_render("sample:dancing", "sample:picasso"))


@cli.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--steps", type=click.IntRange(min=1), help="go on up to this step  [default: the run's own number]")
def resume(run: Path, steps: int | None) -> None:
    """Go on where RUN stopped, or further."""
    from nst_viz.recording.session import resume_transfer
    from nst_viz.terminal import Terminal, stop_on_interrupt

    terminal = Terminal()
    terminal.say(showable(f"going on with {run}"))
    with stop_on_interrupt() as stop:
        finished = resume_transfer(run, steps, terminal, stop)
    report(finished)


@cli.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--gif", type=click.Path(path_type=Path), help="animation, one palette, under 5 MB")
@click.option("--mp4", type=click.Path(path_type=Path), help="video that plays in a browser")
@click.option("--webp", type=click.Path(path_type=Path), help="animation, smaller and in full colour")
@click.option("--sheet", type=click.Path(path_type=Path), help="contact sheet of twelve steps (PNG or JPEG)")
@click.option("--storyboard", type=click.Path(path_type=Path), help="picture and losses together (MP4, GIF or WebP)")
@click.option("--gradients", type=click.Path(path_type=Path), help="where each term pushes (PNG or JPEG)")
@click.option("--html", type=click.Path(path_type=Path), help="player: one page, no server, no network")
@click.option("--frames", type=click.IntRange(min=2), help="pictures in an animation  [default: 80]")
@click.option(
    "--fps", type=click.FloatRange(min=1, max=50), help="pictures a second  [default: 5 to 12.5, the fewer the slower]"
)
def render(run: Path, frames: int | None, fps: float | None, **targets: Path | None) -> None:
    """Make animations and sheets of RUN, from its folder alone."""
    from nst_viz.recording.run import Run
    from nst_viz.render import render_run

    wanted = {kind: path for kind, path in targets.items() if path is not None}
    if not wanted:
        raise NstVizError(f"nothing to render was named: give at least one of {', '.join('--' + kind for kind in targets)}")
    for path in render_run(Run.open(run), wanted, frames=frames, fps=fps):
        click.echo(showable(str(path)))


@cli.command()
@click.argument("run", type=click.Path(path_type=Path))
def info(run: Path) -> None:
    """What RUN is, how far it came, and its last losses by layer."""
    from nst_viz.recording.run import Run
    from nst_viz.recording.summary import summary

    click.echo(showable(summary(Run.open(run))))


@cli.command()
@click.argument("name", required=False)
def networks(name: str | None) -> None:
    """Which networks there are and where files are looked for; the layers and defaults of the network NAME."""
    from nst_viz.core.networks.catalogue import describe_network, describe_networks

    click.echo(describe_network(name) if name else describe_networks())


@cli.command()
def samples() -> None:
    """The pictures that sample:NAME names."""
    from nst_viz.core.samples import OWN, PHOTOS

    for folder, names in OWN.items():
        click.echo(f"{folder + ', painted for nst_viz:':36s}{', '.join(names)}")
    click.echo(f"{'photos (scikit-image, Matplotlib):':36s}{', '.join(PHOTOS)}")


@cli.command()
@click.option("--port", type=click.IntRange(1, 65535), help="port on 127.0.0.1  [default: the first free one from 8501]")
def app(port: int | None) -> None:
    """The app in the browser: watch runs, switch layers on and off, see what each does, live."""
    from nst_viz.app.launch import launch

    sys.exit(launch(port, click.echo))


@cli.command()
@click.option("--mode", type=click.Choice(["style_transfer", "content", "style"]), help="[default: what the pictures allow]")
@click.option("--content", help="content picture")
@click.option("--style", help="style picture")
@click.option("--columns", required=True, metavar="KNOB=V,V…", help="a knob and its values, e.g. alpha=0.1,1,10")
@click.option("--rows", metavar="KNOB=V,V…", help="another; values with commas are separated by semicolons")
@click.option("--processes", type=int, help="runs at the same time  [default: as many as there are cores]")
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="a Dask scheduler whose workers record the runs, e.g. tcp://host:8786; "
    "whoever reaches it can run programs on the workers, so only in a network that you trust, or with tls://",
)
@OUT
def grid(columns: str, rows: str | None, **options: Any) -> None:
    """Record a run for each value of a knob, or of two; those already there are not recorded again."""
    from nst_viz.core.config import TransferConfig
    from nst_viz.recording.grid import Knob, record_grid
    from nst_viz.terminal import Bar, interrupted_runs_are_kept

    network = options.get("network") or TransferConfig.model_fields["network"].default
    knobs = Knob.parse(columns, network), Knob.parse(rows, network) if rows else None
    out, processes, scheduler = (options.pop(name) for name in ("out", "processes", "scheduler"))
    fixed = {name: options.pop(name) for name in ("mode", "content", "style")}
    for knob in filter(None, knobs):
        if knob.field in ("content", "style"):
            fixed[knob.field] = next(iter(knob.values.values()))
    pictures = [kind for kind in ("content", "style") if fixed[kind]]
    mode = fixed.pop("mode") or (pictures[0] if len(pictures) == 1 else "style_transfer")
    config, policy = read_options(options, mode=mode, **fixed)
    folder = out or RESULTS / "_".join(
        ["grid", run_name(*(fixed[kind] for kind in pictures)), *(knob.field for knob in knobs if knob)]
    )
    place = {"folder": folder / "runs", "policy": policy, "processes": processes, "scheduler": scheduler}
    with interrupted_runs_are_kept(), Bar("grid") as bar:
        recorded = record_grid(config, *knobs, **place, advance=bar.advance)
    from nst_viz.render.grid import write_grid_movie, write_grid_sheet

    title = " × ".join(knob.field.replace("_", " ") for knob in reversed(knobs) if knob)
    sheet, movie = (
        write_grid_sheet(recorded, folder / "sheet.jpg", title),
        write_grid_movie(recorded, folder / "grid.gif", title),
    )
    for path in (sheet, movie.path, folder):
        click.echo(showable(str(path)))


@cli.command()
@click.argument("number", type=int, required=False)
@click.option("--all", "every", is_flag=True, help="run all of them, and build the site")
def lesson(number: int | None, every: bool) -> None:
    """List the lessons, or run one; its page is built with what it prints and draws."""
    from nst_viz.course.cells import find_lesson, lesson_paths, read_script
    from nst_viz.course.site import list_lessons, run_lesson
    from nst_viz.terminal import interrupted_runs_are_kept

    if number is None and not every:
        click.echo(list_lessons())
        return
    for script in map(read_script, lesson_paths()) if number is None else [find_lesson(number)]:
        click.echo(f"\nLesson {script.number}: {script.title}\n", file=STDERR)
        with interrupted_runs_are_kept():
            click.echo(run_lesson(script))


for command in (transfer, content_from_noise, style_from_noise, grid):
    with_options(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; a user's mistake is one sentence on standard error and exit status 2, a disk's or a pipe's 1."""
    take_place()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # letters that a terminal has not are written as escapes
    try:
        cli.main(args=arguments, prog_name="nst-viz", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.ClickException as error:
        click.echo(f"nst-viz: {error.format_message()}", file=STDERR)
        sys.exit(EXIT_MISTAKE)
    except NstVizError as error:
        click.echo(f"nst-viz: {error}", file=STDERR)
        sys.exit(EXIT_MISTAKE)
    except BrokenPipeError:  # whoever read has seen enough, as `head` does
        end_without_output()
    except OSError as error:
        click.echo(
            showable(f"nst-viz: {error.filename or 'the output'} cannot be read or written ({error.strerror})"), file=STDERR
        )
        end_without_output()
    except (KeyboardInterrupt, click.Abort):
        click.echo("nst-viz: interrupted", file=STDERR)
        sys.exit(EXIT_INTERRUPTED)


def end_without_output() -> NoReturn:
    """End with status 1, and leave aside what is not yet written to a standard output that takes nothing any more."""
    with suppress(OSError, AttributeError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(EXIT_FAULT)


if __name__ == "__main__":
    main()
