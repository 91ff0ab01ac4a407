"""What a run meets on other machines: names, streams, threads, settings of Keras, and others who run at the same time."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import nst_viz
from nst_viz.__main__ import main as command_line
from nst_viz.app.library import Library
from nst_viz.app.places import Places
from nst_viz.app.uploads import Uploads
from nst_viz.core.config import TransferConfig
from nst_viz.core.errors import NstVizError
from nst_viz.core.quiet import STDERR, take_place
from nst_viz.recording.run import MANIFEST, Run
from nst_viz.recording.session import record_transfer
from nst_viz.render import render_run
from nst_viz.results import free_folder, run_name
from tests.conftest import painted, save

LATIN = os.fsdecode(b"caf\xe9")
LONG = "x" * 300


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def command(*arguments: object, **changes: str) -> "subprocess.CompletedProcess[bytes]":
    """The command line in a process of its own, with changes to its environment."""
    environment = {**os.environ, "PYTHONPATH": str(Path(nst_viz.__file__).parents[1]), **changes}
    given = [os.fsencode(str(argument)) for argument in arguments]
    return subprocess.run([sys.executable, "-m", "nst_viz", *given], capture_output=True, env=environment)


# Names.


def test_a_name_that_is_no_utf_8_is_shown_everywhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = save(painted(40, 48, 1), tmp_path / f"{LATIN}.png")
    command_line(["style", str(picture), "--size", "48", "--steps", "2"])
    assert capsys.readouterr().out.strip() == "results/noise_caf_"
    run = Run.open("results/noise_caf_")
    assert run.manifest["inputs"]["style"]["name"] == "caf\ufffd"
    assert run.config.style == str(picture)  # by which it is found again
    command_line(["info", "results/noise_caf_"])
    assert "style caf\ufffd" in capsys.readouterr().out
    render_run(run, {"html": f"{LATIN}.html", "sheet": "sheet.png", "gif": "a.gif"})
    assert "caf\ufffd" in Path(f"{LATIN}.html").read_text("utf-8")


def test_a_run_of_an_earlier_version_with_such_a_name_and_folder(recorded: Run, tmp_path: Path) -> None:
    manifest = json.loads((recorded.folder / MANIFEST).read_text())
    manifest["inputs"]["style"] |= {"name": LATIN, "source": f"{LATIN}.png"}
    (recorded.folder / MANIFEST).write_text(json.dumps(manifest))
    folder = tmp_path / "results" / LATIN
    folder.parent.mkdir()
    recorded.folder.rename(folder)
    library = Library(Places(tmp_path / "results"), "ann")
    name = library.names()[0]
    run = library.open(name)
    assert name == "caf%E9", "in an address each run has a name of its own"
    assert (run.name, run.manifest["inputs"]["style"]["name"]) == ("caf\ufffd",) * 2
    assert run.folder == folder
    render_run(run, {"html": "a.html"})
    library.delete(name)
    assert not folder.exists()


def test_a_message_can_be_printed_whatever_it_names() -> None:
    with pytest.raises(NstVizError) as raised:
        nst_viz.load_image(f"{LATIN}.jpg", 48)
    assert str(raised.value).startswith("there is no file caf\ufffd.jpg")


@pytest.mark.parametrize(
    "arguments",
    [
        ["style", f"{LONG}.jpg"],
        ["style", "sample:picasso", "--init", LONG],
        ["style", "sample:picasso", "--out", LONG],
        ["resume", LONG],
        ["info", LONG],
        ["render", LONG, "--gif", "a.gif"],
    ],
)
def test_a_name_of_300_letters_is_one_sentence(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        command_line([*arguments, *["--size", "48"] * (arguments[0] == "style")])
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert last.startswith("nst-viz: ")
    assert "File name too long" in last


def test_targets_with_long_and_odd_names(recorded: Run) -> None:
    for name in ("run12:30.mp4", "-x.mp4", "50%d.mp4", f"{'y' * 251}.gif", "a b\u00e9.webp"):
        assert render_run(recorded, {Path(name).suffix[1:]: name}, frames=3) == [Path(name)]
        assert Path(name).stat().st_size > 500
    with pytest.raises(NstVizError, match="cannot be written"):
        render_run(recorded, {"gif": f"{LONG}.gif"})


def test_the_names_of_runs() -> None:
    assert run_name("img/content/dancing.jpg", "sample:picasso") == "dancing_picasso"
    assert run_name(Path("a/b.jpg"), "new\nline.png") == "b_new_line"
    assert len(run_name("\u00e9" * 120, "z" * 200).encode()) == 201


def test_paths_are_taken_where_texts_are(content: Path, style: Path, tmp_path: Path) -> None:
    config = TransferConfig(content=content, style=style, init=content, size=48, steps=1)
    assert config == TransferConfig(content=str(content), style=str(style), init=str(content), size=48, steps=1)
    run = record_transfer(config, str(tmp_path / "run"))
    assert (run.folder, run.status) == (tmp_path / "run", "finished")
    assert nst_viz.resume_transfer(str(run.folder), 2).config.steps == 2
    assert nst_viz.main(content, style, imsize=48, num_steps=1).folder == Path("results/hills_strokes")


# An encoder that fails.


@pytest.mark.parametrize("script", ["exit 1", "cat > /dev/null; echo no room >&2; exit 3", "cat > /dev/null"])
def test_an_encoder_that_fails_leaves_no_file(
    script: str, recorded: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = tmp_path / "encoder"
    encoder.write_text(f"#!/bin/sh\n{script}\n")
    encoder.chmod(0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(encoder))
    good = tmp_path / "good.mp4"
    good.write_bytes(b"a good one")
    before = set(tmp_path.iterdir())
    for path in (good, tmp_path / "new.mp4"):
        with pytest.raises(NstVizError, match=r"cannot be written \(the video encoder"):
            render_run(recorded, {"mp4": path}, frames=3)
    assert good.read_bytes() == b"a good one"
    assert set(tmp_path.iterdir()) == before


def test_a_disk_that_is_full(recorded: Run, tmp_path: Path) -> None:
    """Every kind of file that a run is rendered to, where only 4 KB can be written."""
    script = f"""
import resource, sys
from nst_viz.__main__ import main
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
failed = []
for kind, suffix in dict(gif="gif", mp4="mp4", webp="webp", html="html", sheet="png", storyboard="mp4").items():
    try:
        main(["render", {str(recorded.folder)!r}, "--" + kind, kind + "." + suffix])
    except SystemExit as end:
        failed.append(end.code)
print(failed)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.strip() == "[2, 2, 2, 2, 2, 2]"
    assert done.stderr.count("cannot be written") == 6
    assert "Traceback" not in done.stderr
    assert not [
        path for path in tmp_path.iterdir() if path.suffix in (".gif", ".mp4", ".webp", ".html") or ".part" in path.name
    ]


# Streams.


def test_letters_that_a_terminal_has_not_are_written_as_escapes(tmp_path: Path) -> None:
    Image.new("RGB", (48, 48)).save(tmp_path / "Bild \U0001f3a8.png")
    done = command("style", "Bild \U0001f3a8.png", "--size", 48, "--steps", 1, PYTHONIOENCODING="cp1252", PYTHONUTF8="0")
    assert (done.returncode, done.stdout.split()) == (0, [rb"results/noise_Bild", rb"\U0001f3a8"])


def test_without_a_standard_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("closed").open("w") as closed:
        pass
    for stream in (None, closed):
        monkeypatch.setattr(sys, "stderr", stream)
        assert STDERR.write("something") == 9
        STDERR.flush()
        assert not STDERR.isatty()


def test_no_file_becomes_the_standard_error_that_is_closed(tmp_path: Path) -> None:
    """What libraries in C write to number 2 must not land in the file that was opened next."""
    script = "import os; os.close(2); from nst_viz.core.quiet import take_place; take_place(); print(open('x', 'w').fileno())"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path)
    assert int(done.stdout) > 2
    take_place()  # where there is one, nothing changes
    assert os.fstat(2)


def test_a_reader_that_has_seen_enough() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "nst_viz", "samples"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as ended:
        assert ended.stdout is not None
        assert ended.stderr is not None
        ended.stdout.close()
        assert ended.stderr.read() == b""
    assert ended.returncode == 1


# Keras, as others have set it.


def test_networks_are_built_alike_whatever_keras_is_set_to() -> None:
    from nst_viz.core.backend import keras
    from nst_viz.core.networks import Choice, _load
    from nst_viz.core.networks.vgg import vgg_network

    pixels = painted(40, 48, 1)[None]

    def seen() -> dict[str, np.ndarray]:
        networks = {name: _load.__wrapped__(Choice(name), 0) for name in ("wavelet", "random")}
        return {
            name: np.asarray(network.model(("block1_conv1", "block3_conv2"))(pixels)[1]) for name, network in networks.items()
        }

    usual = seen()
    before = keras.config.floatx(), keras.config.image_data_format(), keras.config.dtype_policy()
    vgg = vgg_network(keras.applications.VGG19(include_top=False, weights=None))
    deep = np.asarray(vgg.model(("block1_conv2",))(pixels)[0])
    vgg._models.clear()
    try:
        keras.config.set_floatx("float16")
        keras.config.set_image_data_format("channels_first")
        keras.config.set_dtype_policy("mixed_float16")
        others = seen()
        assert (np.asarray(vgg.model(("block1_conv2",))(pixels)[0]) == deep).all()
        assert (keras.config.floatx(), keras.config.image_data_format()) == ("float16", "channels_first")
        assert keras.config.dtype_policy().name == "mixed_float16"
    finally:
        keras.config.set_floatx(before[0])
        keras.config.set_image_data_format(before[1])
        keras.config.set_dtype_policy(before[2])
    for name, features in usual.items():
        assert others[name].dtype == np.float32
        assert (others[name] == features).all(), name


def test_a_run_under_other_settings_in_a_thread_and_without_standard_error(style: Path, tmp_path: Path) -> None:
    """The same pictures, bit for bit, as in this process."""
    home = tmp_path / "keras"
    home.mkdir()
    settings = {"floatx": "float16", "backend": "jax", "image_data_format": "channels_first", "epsilon": 1e-7}
    (home / "keras.json").write_text(json.dumps(settings))
    script = f"""
import os, sys
from concurrent.futures import ThreadPoolExecutor
os.close(2)
sys.stderr = None
from nst_viz import main
with ThreadPoolExecutor(1) as pool:
    run = pool.submit(main, "noise", {str(style)!r}, imsize=48, mode="style", num_steps=3).result()
import keras
print(run.status, keras.config.image_data_format())
"""
    environment = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    environment |= {"KERAS_HOME": str(home), "PYTHONPATH": str(Path(nst_viz.__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=tmp_path, env=environment)
    assert done.stdout.split() == ["finished", "channels_first"]
    here = record_transfer(TransferConfig(mode="style", style=style, init="noise", size=48, steps=3), tmp_path / "here")
    there = Run.open(tmp_path / "results" / "noise_strokes")
    assert all((there.frame(step) == here.frame(step)).all() for step in here.frame_steps())


@pytest.mark.parametrize("backend", ["jax", "torch", "nonsense"])
def test_another_backend_is_one_sentence(backend: str) -> None:
    done = command("style", "sample:picasso", "--size", 48, "--steps", 1, KERAS_BACKEND=backend)
    assert done.returncode == 2
    last = done.stderr.decode().strip().splitlines()[-1]
    assert last.startswith(f"nst-viz: Keras is set by KERAS_BACKEND to the backend {backend}: nst_viz needs tensorflow")
    assert b"Traceback" not in done.stderr
    assert not list(Path("results").glob("*"))


def test_settings_that_keras_refuses_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "keras.json").write_text('{"floatx": "float8", "image_data_format": "sideways"}')
    done = command("style", "sample:picasso", "--size", 48, "--steps", 1, KERAS_HOME=str(tmp_path))
    assert done.returncode == 2
    assert b"Keras and TensorFlow cannot be loaded" in done.stderr
    assert f"see whether {tmp_path / 'keras.json'} is as Keras writes it".encode() in done.stderr
    assert b"Traceback" not in done.stderr


# At the same time.


def test_a_free_name_is_given_to_one_only_and_is_free_again_where_nothing_came_of_it() -> None:
    taken = []

    def take(number: int) -> None:
        with free_folder("run") as folder:
            taken.append(folder.name)
            (folder / "something").touch()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(take, range(20)))
    assert sorted(taken) == sorted(["run", *(f"run-{number}" for number in range(2, 21))])
    with free_folder("other") as folder:
        assert folder.is_dir()
    assert not folder.exists()
    with pytest.raises(NstVizError), free_folder("third") as folder:
        nst_viz.load_image("nothing.jpg", 48)
    assert not folder.exists()


def test_a_run_goes_into_the_folder_that_was_taken_for_it(config: TransferConfig) -> None:
    with free_folder("run") as folder, free_folder("run") as second:
        run = record_transfer(config.replace(steps=1), folder)
    assert (run.folder, second.exists()) == (Path("results/run"), False)
    assert run.status == "finished"


def test_uploads_with_odd_names(tmp_path: Path) -> None:
    data = (save(painted(40, 48, 1), tmp_path / "x.png")).read_bytes()
    path = Uploads(Places(tmp_path), "ann").add(f"{LATIN}{LONG}.png", data)
    assert len(path.name.encode()) < 100
