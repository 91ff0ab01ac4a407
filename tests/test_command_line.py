"""The command line as a person meets it: what it prints, where, and with which exit status."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nst_viz.__main__ import main
from nst_viz.core.config import RecordingPolicy, TransferConfig
from nst_viz.recording.run import Run
from nst_viz.terminal import stop_on_interrupt
from tests.waiting import PATIENCE, wait_until

COMMAND = [sys.executable, "-m", "nst_viz"]


def call(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """(exit status, standard output, standard error) of a command, run in this process."""
    status = 0
    try:
        main([str(argument) for argument in arguments])
    except SystemExit as end:
        status = int(end.code or 0)
    out, err = capsys.readouterr()
    return status, out, err


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_run_ends_with_its_folder_on_standard_output(content: Path, style: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = call(capsys, "transfer", content, style, "--size", 48, "--steps", 2, "--init", "noise", "--seed", 3)
    assert status == 0
    assert out.strip() == "results/hills_strokes"
    assert "2/2" in err
    assert "loss" in err
    run = Run.open(out.strip())
    assert (run.config.steps, run.config.size, run.config.seed, run.status) == (2, 48, 3, "finished")
    assert call(capsys, "transfer", content, style, "--size", 48, "--steps", 1)[1].strip() == "results/hills_strokes-2"


@pytest.mark.parametrize("mode", ["content", "style"])
def test_both_modes_from_noise(mode: str, content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = call(capsys, mode, content, "--size", 48, "--steps", 2, "--network", "random")
    assert (status, out.strip()) == (0, "results/noise_hills")
    assert Run.open(out.strip()).config.mode == mode


def test_every_field_of_the_config_is_an_option_and_only_there(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = call(capsys, "transfer", "--help")
    options = {word for word in out.replace("\n", " ").split() if word.startswith("--")}
    fields = set(TransferConfig.model_fields) | set(RecordingPolicy.model_fields)
    expected = {"--" + name.replace("_", "-") for name in fields - {"mode", "content", "style"}}
    assert options == expected | {"--out", "--help"}
    for said in ("[default: 150]", "aspect kept, 32 to 8192 [default: 256]"):
        assert said in " ".join(out.split())


def test_resume_and_info(recorded: Run, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = call(capsys, "resume", recorded.folder, "--steps", 8)
    assert (status, out.strip()) == (0, str(recorded.folder))
    status, out, _ = call(capsys, "info", recorded.folder)
    assert status == 0
    for part in ("finished", "8 of 8", "style.block1_conv1", "content hills, style strokes"):
        assert part in out
    losses = Run.open(recorded.folder).losses()
    total = losses.total()
    assert out.splitlines()[-1].split() == ["total", f"{total[8]:.4g}", f"{total[0]:.4g}"]
    index = losses.terms.index("style.block1_conv1")
    shown = next(line.split()[1:] for line in out.splitlines() if "style.block1_conv1" in line)
    numbers = losses.raw[8, index], losses.weight[8, index], losses.contribution[8, index], losses.contribution[0, index]
    assert shown == [f"{number:.4g}" for number in numbers]


def test_lists(capsys: pytest.CaptureFixture[str]) -> None:
    assert "picasso" in call(capsys, "samples")[1]
    assert "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5" in call(capsys, "networks")[1]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["transfer", "noise", "sample:picasso"], "to start from noise, use the commands content and style"),
        (["style", ""], "no picture was named"),
        (["style", "https://example.org/a.jpg"], "https://example.org/a.jpg is an address: download the picture"),
        (["style", "."], ". is a directory"),
        (["transfer", "nowhere.jpg", "sample:picasso"], "there is no file nowhere.jpg"),
        (["transfer", "sample:dancing"], "Missing argument 'STYLE'"),
        (["transfer", "sample:dancing", "sample:nobody"], "there is no sample called 'nobody'"),
        (["style", "sample:picasso", "--steps", "0"], "steps was given as 0"),
        (["style", "sample:picasso", "--steps", "many"], "'many' is not a valid integer"),
        (["style", "sample:picasso", "--size", "8"], "size was given as 8"),
        (["style", "sample:picasso", "--beta", "nan"], "beta was given as nan"),
        (["style", "sample:picasso", "--optimizer", "newton"], "'newton' is not one of 'lbfgs', 'adam', 'sgd'"),
        (["style", "sample:picasso", "--network", "alexnet"], "there is no network 'alexnet': choose from distilled"),
        (["style", "sample:picasso", "--style-layers", "block9_conv1", "--size", "48"], "has no layer 'block9_conv1'"),
        (["style", "sample:picasso", "--beta", "0", "--size", "48"], "all its weights are zero"),
        (["style", "sample:picasso", "--init", "content"], "init content needs a content picture"),
        (["style", "sample:picasso", "--init", "gone.png", "--size", "48"], "there is no file gone.png"),
        (["style", "sample:picasso", "--network", "vgg19", "--weights", "no.h5", "--size", "48"], "there is no weights file"),
        (["resume", "nothing"], "nothing is no run's folder"),
        (["info", "nothing"], "nothing is no run's folder"),
        (["render", "nothing", "--gif", "a.gif"], "nothing is no run's folder"),
        (["paint"], "No such command 'paint'"),
    ],
)
def test_a_mistake_is_one_sentence(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = call(capsys, *arguments)
    assert status == 2
    assert out == ""
    last = err.strip().splitlines()[-1]
    assert last.startswith("nst-viz: ")
    assert says in last
    assert "Traceback" not in err
    assert not list(Path("results").glob("*"))


def test_the_first_line_comes_before_tensorflow(content: Path) -> None:
    """In a process in which TensorFlow and Keras cannot be imported: what is said before is said without them."""
    without = "import sys; sys.modules.update(keras=None, tensorflow=None); from nst_viz.__main__ import main; main()"
    command = [sys.executable, "-c", without, "style", str(content), "--size", "48", "--steps", "1"]
    said = subprocess.run(command, capture_output=True, text=True).stderr
    assert "style, noise_hills: 1 steps at 48 px" in said.splitlines()[0]
    assert "keras" in said.splitlines()[-1], "it was missed later"


LONG = ["--size", "48", "--steps", "100000", "--record-every", "1"]
"""a run that does not end before it is told to"""


def started(command: list[str]) -> "subprocess.Popen[str]":
    """The command's process; what it says goes into a file, for a pipe that nobody reads would stop it."""
    with Path("said").open("w") as said:
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_who_is_told_to_end_stops_after_the_step_and_then_at_once(sent: signal.Signals) -> None:
    before = signal.getsignal(sent)
    with stop_on_interrupt() as stop:
        assert not stop()
        signal.raise_signal(sent)
        assert stop()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(sent)
    assert signal.getsignal(sent) is before


def test_a_run_that_is_told_to_end_keeps_everything_and_says_how_to_go_on(content: Path) -> None:
    command = [*COMMAND, "style", str(content), *LONG, "--out", "run"]
    process = started(command)
    wait_until(Path("run/frames/000003.webp").exists, "a run", process)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=PATIENCE)
    err = Path("said").read_text()
    assert process.returncode == 130
    assert out.strip() == "run"
    assert "go on with: nst-viz resume run" in err
    assert "Traceback" not in err
    run = Run.open("run")
    assert run.status == "stopped"
    assert run.frame_steps()[-1] == run.losses().steps[-1] == run.checkpoint()[0]
    assert json.loads(Path("run/run.json").read_text())["reason"] is None


def test_an_interrupted_grid_keeps_its_runs_and_goes_on(content: Path) -> None:
    command = [*COMMAND, "grid", "--style", str(content), "--columns", "tv=0,1e-4", *LONG, "--processes", "2", "--out", "grid"]
    process = started(command)
    wait_until(lambda: len(list(Path("grid").glob("runs/*/frames/000003.webp"))) == 2, "two runs", process)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    err = Path("said").read_text()
    assert process.returncode == 130
    assert "the same command goes on" in err
    assert "Traceback" not in err
    runs = [Run.open(manifest.parent) for manifest in Path("grid").glob("runs/*/run.json")]
    assert [run.manifest["status"] for run in runs] == ["stopped", "stopped"]
    assert all(run.checkpoint()[0] == run.losses().steps[-1] > 0 for run in runs)
