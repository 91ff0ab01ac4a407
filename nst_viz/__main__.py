"""The command line: `nst-viz --help`. Each command reads its options, calls one function and prints where the result is."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from nst_viz.core.errors import NstVizError
from nst_viz.options import read_options, with_options
from nst_viz.results import free_folder, run_name

EXIT_MISTAKE, EXIT_INTERRUPTED = 2, 130


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
    folder = out or free_folder(name)
    terminal = Terminal()
    terminal.say(f"{config.mode}, {name}: {config.steps} steps at {config.size} px, into {folder}")
    with stop_on_interrupt() as stop:
        run = record_transfer(config, folder, policy, terminal, stop)
    report(run.folder, run.status)


def report(folder: Path, status: str) -> None:
    if status == "stopped":
        click.echo(f"stopped; go on with: nst-viz resume {folder}", err=True)
        click.echo(folder)
        sys.exit(EXIT_INTERRUPTED)
    click.echo(folder)


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

    run = record_and_render("sample:dancing", "sample:picasso")
    report(run.folder, run.status)


@cli.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--steps", type=click.IntRange(min=1), help="go on up to this step  [default: the run's own number]")
def resume(run: Path, steps: int | None) -> None:
    """Go on where RUN stopped, or further."""
    from nst_viz.recording.session import resume_transfer
    from nst_viz.terminal import Terminal, stop_on_interrupt

    terminal = Terminal()
    terminal.say(f"going on with {run}")
    with stop_on_interrupt() as stop:
        finished = resume_transfer(run, steps, terminal, stop)
    report(finished.folder, finished.status)


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
        click.echo(path)


@cli.command()
@click.argument("run", type=click.Path(path_type=Path))
def info(run: Path) -> None:
    """What RUN is, how far it came, and its last losses by layer."""
    from nst_viz.recording.run import Run
    from nst_viz.recording.summary import summary

    click.echo(summary(Run.open(run)))


@cli.command()
def networks() -> None:
    """Which networks there are, what can be downloaded, and where files are looked for."""
    from nst_viz.core.networks.catalogue import describe_networks

    click.echo(describe_networks())


@cli.command()
def samples() -> None:
    """The pictures that sample:NAME names."""
    from nst_viz.core.samples import OWN, PHOTOS

    for folder, names in OWN.items():
        click.echo(f"{folder + ', painted for nst_viz:':36s}{', '.join(names)}")
    click.echo(f"{'photos (scikit-image, Matplotlib):':36s}{', '.join(PHOTOS)}")


for command in (transfer, content_from_noise, style_from_noise):
    with_options(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; a user's mistake is one sentence on standard error and exit status 2."""
    try:
        cli.main(args=arguments, prog_name="nst-viz", standalone_mode=False)
    except click.ClickException as error:
        click.echo(f"nst-viz: {error.format_message()}", err=True)
        sys.exit(EXIT_MISTAKE)
    except NstVizError as error:
        click.echo(f"nst-viz: {error}", err=True)
        sys.exit(EXIT_MISTAKE)
    except (KeyboardInterrupt, click.Abort):
        click.echo("nst-viz: interrupted", err=True)
        sys.exit(EXIT_INTERRUPTED)


if __name__ == "__main__":
    main()
