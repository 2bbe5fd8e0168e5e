"""Makes the pictures of the README: the five pages with real content, in a real window.

    python tests/make_pictures.py [--dark] [--size 900x600] [--to FOLDER] [--rows 1200] [--language de]
    python tests/make_pictures.py --only data [--everything FOLDER]
    python tests/make_pictures.py --only encoders
    python tests/make_pictures.py --only scenes --to FOLDER [--kind "2,000 classes"]

Needs a screen, or `xvfb-run`. Trains the starter model on real reviews, which takes some minutes on two cores; with
`--only data` it takes only the closer look at Choose data, with `--only encoders` the shelf, the race and the token.
`--everything` also takes the look at Choose data in light and dark, at 1280×800 and 900×600. `--only scenes` trains
nothing: every page in every state, with rows of one kind, in seconds.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.contract import languages
from engine.contract.events import StepsTrained
from engine.contract.settings import ExampleRows
from gui.components import background
from gui.design import application_style
from gui.shell.language import use_language
from tests.builders_data import tiny_model
from tests.data_pictures import take_data_pictures
from tests.encoder_pictures import take_encoder_pictures
from tests.gui.scenes import KINDS, open_window, rows_of, scenes
from tests.picture_files import save_small
from tests.walk import DATA, EVALUATE, EXPORT, LOAD, TUNE, Walk

ROOT = Path(__file__).resolve().parent.parent
SETTLED = 0.4  # seconds
SENTENCE = "The plot is thin, but the two leads are a joy to watch."


def main() -> int:
    """Walks and takes a picture of each page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--size", default="1280x800")
    parser.add_argument("--to", type=Path, default=ROOT / "resources" / "pictures")
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--language", choices=languages.codes(), default="en", help="those of the guide: --to …/de")
    parser.add_argument("--example", default="short_reviews")
    parser.add_argument("--only", choices=("steps", "data", "encoders", "scenes"))
    parser.add_argument("--kind", choices=KINDS, default=KINDS[0])
    parser.add_argument("--everything", type=Path)
    options = parser.parse_args()
    width, height = (int(part) for part in options.size.split("x"))
    application = QApplication([])
    application.setQuitOnLastWindowClosed(False)
    use_language(application, options.language, "")
    application_style.set_up(application, "dark" if options.dark else "light")
    options.to.mkdir(parents=True, exist_ok=True)

    with tempfile.TemporaryDirectory() as folder:
        if options.only == "scenes":
            take_scenes(Path(folder), options, width, height)
            return 0
        walk = Walk(Path(folder) / "workspace", patience=1800)
        walk.open(width, height)

        if options.only in (None, "steps"):
            take_steps(walk, options)
        else:
            walk.load_starter()
        if options.only in (None, "data"):
            take_data_pictures(walk, Path(folder) / "rows", options.to, everything=options.everything)
        if options.only in (None, "encoders"):
            take_encoder_pictures(walk, Path(folder), options.to)
        walk.close()
    return 0


def take_scenes(folder: Path, options: argparse.Namespace, width: int, height: int) -> None:
    """Takes a picture of every page in every state, without training anything."""
    rows = rows_of(options.kind, tiny_model(folder), folder / "rows")
    window, session, engine = open_window(rows)
    window.resize(width, height)
    window.show()

    def settle(holds: Callable[[], bool]) -> None:
        while not holds():
            QTest.qWait(10)
        Walk.settle(SETTLED)

    for number, (name, shown) in enumerate(scenes(window, session, engine, rows, settle)):
        file = f"{number:02d} {name}".replace(",", "").replace(" ", "_")
        save_small(shown, options.to / f"{file}.png")
        print(f"{file}.png", flush=True)
    window.hide()
    background.cancel_all()
    background.wait_for_all(10)


def take_steps(walk: Walk, options: argparse.Namespace) -> None:
    """Takes a picture of every page on the way from a model to an export."""

    def take(name: str) -> None:
        walk.settle(0.7)
        save_small(walk.window, options.to / f"{name}.png")
        print(f"{name}.png", flush=True)

    take("start")
    walk.load_starter()
    walk.window.go_to(LOAD)
    walk.settle(1.5)
    take("load_model")
    walk.choose_rows(ExampleRows(options.example), row_limit=options.rows)
    take("choose_data_preview")
    walk.do_step()
    walk.window.go_to(DATA)
    walk.settle(1.5)
    take("choose_data")
    walk.set_training(epochs=2, batch_size=32, learning_rate=1e-4, evaluation_interval=25)
    walk.window.go_to(TUNE)
    take("fine_tune_settings")
    events_seen = len(walk.events)
    walk.press_primary()
    walk.wait_until(
        lambda: any(isinstance(e, StepsTrained) and e.step > 0.7 * e.total for e in walk.events), "training"
    )
    take("fine_tune")
    walk.wait_for_outcome(events_seen)
    take("fine_tune_done")
    page = walk.evaluate()
    page.try_sentence(SENTENCE)
    walk.settle(2.5)
    take("evaluate")
    walk.export()
    take("export")
    walk.window.show_runs()
    take("runs")
    for step, name in ((LOAD, "load"), (DATA, "data"), (EVALUATE, "evaluate"), (EXPORT, "export")):
        walk.window.go_to(step)
        print(name, walk.window.page(step).sentence(), flush=True)


if __name__ == "__main__":
    sys.exit(main())
