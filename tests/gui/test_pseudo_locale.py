"""In a pseudo-locale no text of the rooms that are on the catalogue is unmarked, on any page and in any dialog."""

from __future__ import annotations

import csv
import importlib
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QMenu,
    QPushButton,
    QTabBar,
    QTableView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine import stages
from engine.contract import languages
from engine.contract.errors import EngineError
from engine.contract.file_formats import PRODUCTS
from engine.contract.sentences import Sentence
from engine.contract.settings import FileRows, PrepareSettings, Roles
from engine.contract.states import ModelHandle
from engine.workspace.layout import Workspace
from gui.components.plain_text import on_one_line
from gui.load_model.shelf_view import languages as shelf_languages
from gui.session import Session
from gui.shell.application_menu import packages_text
from gui.shell.window import Window
from tests.builders_data import tiny_model
from tests.gui.clipped_text import clipped_texts
from tests.gui.conftest import Settle, settling
from tests.gui.engine_here import EngineHere
from tests.gui.pseudo_locale import marked, marked_template, pseudo_locale, unmarked
from tests.gui.scenes import KINDS, LONG_LABEL, Rows, open_window, rows_of, scenes
from tests.gui.scenes_of_answers import of_evaluation, of_training
from tests.gui.test_no_clipped_text import SIZES, sideways
from tests.paths import ROOT
from tests.structure import modules

# Names and units that no language changes, what is typed as an example, and Qt's own button.
NAMES = (
    *(
        "Tunewright",
        "MiniLM",
        "bert-base-uncased",
        "distilbert-base-cased",
        "bert",
        "BERT",
        "all-MiniLM-L6-v2",
        "Apache-2.0",
        "apache",
        "MIT",
    ),
    *("Hub", "Hugging Face", "transformers", "safetensors", "https", "http", "huggingface.co", "proxy.example.org"),
    *("Intel Xeon Platinum 8480C with 2 of 112 cores", "NVIDIA H200 NVL", "GPU", "CPU", "CSV", "PNG", "SVG", "LoRA"),
    *("Deutsch", "English"),
    *("GB", "MB", "kB", "TF-IDF", "AUC", "fp32", "bf16", "fp16", "min", "hf_", "main", "OK", "[CLS]", "[SEP]", "[UNK]"),
)

# What the user has written in the scenes: names of runs, classes and files, keys, and the label of unsure answers.
USERS_OWN = (
    *(f"Attempt {number}" for number in range(3)),
    *("Ctrl", "Return", "A run of long label names with a name about what was tried i…"),
    *("don't know", "answers.csv", "“text”", "“label”", "17.csv"),
)


def texts_of(shown: QWidget) -> Iterator[tuple[str, str]]:
    """Every text that is read, also aloud, in this widget, with what holds it; typed texts do not count."""
    for widget in [shown, *shown.findChildren(QWidget)]:
        where = type(widget).__name__
        place = widget.parentWidget() if isinstance(widget, QMenu) else widget  # a menu is there before it opens
        if place is None or not place.isVisibleTo(shown) or widget.inherits("QComboBoxPrivateContainer"):
            continue
        if where == "_Strip":
            continue  # its description is the tokens
        for text in (widget.toolTip(), widget.accessibleName(), widget.accessibleDescription(), widget.windowTitle()):
            yield where, text
        match widget:
            case QLabel() | QAbstractButton():
                yield where, widget.text()
            case QLineEdit():
                yield where, widget.placeholderText()
            case QComboBox():
                yield from ((where, widget.itemText(place)) for place in range(widget.count()))
            case QTabBar():
                yield from ((where, widget.tabText(place)) for place in range(widget.count()))
            case QMenu():
                yield from ((where, action.text()) for action in widget.actions() if isinstance(action, QAction))
            case QListWidget():
                yield from ((where, widget.item(place).text()) for place in range(widget.count()))
            case QTableView():
                model = widget.model()
                columns = range(model.columnCount()) if model is not None else ()
                yield from ((where, str(model.headerData(place, _HORIZONTAL) or "")) for place in columns)
            case _:
                pass


# A long class with as much left of its two ends as the letters of this computer leave room for.
SHORTENED = re.compile("|".join((f"{LONG_LABEL[:4]}[^…]*…[^…]*number [0-5]", f"{LONG_LABEL[:4]}[^…]*…$")))
_HORIZONTAL = Qt.Orientation.Horizontal
Walk = Callable[[Window, Session, EngineHere, Rows, Settle], Iterator[tuple[str, QWidget]]]
# The scenes of the ordinary run, in the order of the walk; the nightly one goes through all of them.
FIRST_SCENES = ("load model, nothing reached", "preferences", "about", "load model, loaded")


@pytest.fixture
def pseudo(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in modules(ROOT):  # their constants are sentences, which other tests compare in English
        if name.startswith(("engine.reading.", "engine.preparing.", "engine.tasks.", "engine.loading.")):
            importlib.import_module(name)
    monkeypatch.setattr(languages, "_catalogue", pseudo_locale())


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelHandle:
    return tiny_model(tmp_path_factory.mktemp("model"))


def values_of(rows: Rows) -> list[str]:
    """What is the user's own, or a model's, on the pages."""
    handle, dataset = rows.model, rows.dataset
    words = {handle.name, handle.architecture, handle.license, handle.folder, dataset.name, str(rows.workspace.logs)}
    words |= {on_one_line(label, most) for label in dataset.label_names for most in (40, 60, 1_000)}
    languages = [name for _code, name in shelf_languages()]  # Qt's names
    return [
        *NAMES,
        *USERS_OWN,
        *filter(None, words),
        str(rows.workspace.root),
        *languages,
        *packages_text().splitlines(),
    ]


# What the scenes write themselves as a user's or an engine's text of another version, and names of keys and files.
OWN = (
    "/home/someone/a folder/ of customers, attempt of this year.csv",
    "Row 3 of a file with a long name has no label. Fill the column “label” or leave the row out.",
    "The validation loss has risen for three evaluations. Attempt 0. negative, positive",
    "UTF-8 <p> < > &lt;br&gt; Ctrl Shift Return F3 model.safetensors config.json",
)


def own_words(rows: Rows) -> set[str]:
    """The words of the user's rows, names and folders, of formats and of keys; a shortened text has parts of them."""
    assert isinstance(rows.source, FileRows)
    texts = [Path(rows.source.path).read_text("utf-8"), str(rows.workspace.root), *OWN, *PRODUCTS]
    texts += [rows.run.settings.run_name, rows.exported.folder]
    texts += [row.text for row in rows.report.wrong_rows]
    return {word for text in texts for word in re.findall("[A-Za-z]+", text)}


def is_part_of(word: str, own: set[str]) -> bool:
    """Whether it is one of these words, or the beginning or the end of one that was shortened."""
    return any(one.startswith(word) or one.endswith(word) for one in own)


@pytest.mark.parametrize("only", [FIRST_SCENES, pytest.param((), marks=pytest.mark.nightly)], ids=["first", "all"])
def test_no_text_is_unmarked_and_none_that_is_longer_is_cut(
    pseudo: None, model: ModelHandle, tmp_path: Path, qtbot: QtBot, only: tuple[str, ...]
) -> None:
    rows = rows_of(KINDS[0], model, tmp_path)
    own = set() if only else own_words(rows)
    seen, found = walked(rows, qtbot, scenes, only, own=own, sizes=SIZES)
    assert seen == list(only) if only else len(seen) > 20
    assert found == {}


@pytest.mark.parametrize("walk", [of_training, of_evaluation])
def test_no_text_of_what_is_entered_and_asked_is_unmarked_or_cut(
    pseudo: None, model: ModelHandle, tmp_path: Path, qtbot: QtBot, walk: Walk
) -> None:
    seen, found = walked(rows_of(KINDS[0], model, tmp_path), qtbot, walk, (), own=set(), sizes=SIZES[:1])
    assert len(seen) >= 16
    assert found == {}


def walked(
    rows: Rows, qtbot: QtBot, walk: Walk, only: Sequence[str], *, own: set[str], sizes: Sequence[tuple[int, int]]
) -> tuple[list[str], dict[str, list[str]]]:
    """The scenes of a walk, all or only these, and what in them is unmarked, but for one's own words, or cut."""
    window, session, engine = open_window(rows)
    qtbot.addWidget(window, before_close_func=Window.save_and_close)
    window.resize(1280, 800)
    window.show()

    settle = settling(qtbot)
    seen: list[str] = []
    found: dict[str, list[str]] = {}
    values = values_of(rows)
    for name, shown in walk(window, session, engine, rows, settle):
        if not only or name in only:
            seen.append(name)
            for where, text in texts_of(shown):
                words = unmarked(SHORTENED.sub("", text), values)
                if any(not is_part_of(word, own) for word in words):
                    found[f"{name}: {where} “{text}”"] = words
            for width, height in sizes:
                window.resize(width, height)
                settle(lambda: True)
                if cut := clipped_texts(shown) + sideways(shown):
                    found[f"{name}, {width}×{height}"] = cut
        if only and len(seen) == len(only):
            break
    for dialog in window.findChildren(QDialog):
        dialog.reject()
    session.deleteLater()
    engine.deleteLater()
    return seen, found


# ── The language itself ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("template", "made"),
    [
        ("Copy", "Ćóṕý ẋẋ"),
        ("{name} is {size:size}", "{name} íś {size:size} ẋẋ"),
        ("{rows:# row is|# rows are} new", "{rows:# ŕóẃ íś|# ŕóẃś áŕé} ńéẃ ẋẋ"),
        ("{{x}}", "{{ẋ}} ẋ"),
        ("{rows:,}", "{rows:,}"),
    ],
)
def test_every_letter_is_marked_and_no_field_is_touched(template: str, made: str) -> None:
    assert marked_template(template) == made


def test_a_text_beside_the_catalogue_is_noticed_and_values_are_not() -> None:
    assert unmarked(f"{marked('Copy')} all 3 rows of reviews.csv", ["reviews.csv"]) == ["all", "rows", "of"]
    assert unmarked(marked("Copy everything"), []) == []
    assert unmarked("<p style='x'>reviews.csv</p>", ["reviews.csv"]) == []


def test_a_button_without_a_template_is_found(pseudo: None, qtbot: QtBot) -> None:
    frame = QWidget()
    qtbot.addWidget(frame)
    button = QPushButton("Not in the catalogue", frame)
    button.setToolTip(marked("In the catalogue"))
    frame.show()
    assert [(where, text) for where, text in texts_of(frame) if unmarked(text, [])] == [
        ("QPushButton", "Not in the catalogue")
    ]


# ── The engine's sentences ──────────────────────────────────────────────────────────────────────────────────────


MESSY = [
    *((f"a parcel number {number} came late", "late") for number in range(40)),
    *((f"thanks for order {number}", "praise") for number in range(40)),
    *(("the same text", "late"), ("the same text", "praise"), ("twice there", "late"), ("twice there", "late")),
    *(("", "late"), ("no label here", ""), ("line<br />break", "late"), ("Ã¼ber schÃ¶n", "late"), ("rare", "rare")),
    *(("Где моя посылка, почему она не пришла вовремя", "late") for _ in range(30)),
]
BROKEN = {
    "a.pdf": b"%PDF-1.7 x",
    "b.csv": b"",
    "c.json": b'{"text": ',
    "d.csv": b"text,label\nx,y\n",
    "e.zip": b"PK\x03\x04 broken",
    "f.bin": b"\x00\x01\x02\x03" * 40,
}


def sentences_in(value: object) -> Iterator[Sentence]:
    """Every sentence that a record holds."""
    if isinstance(value, Sentence):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from sentences_in(getattr(value, name))
    elif isinstance(value, list | tuple | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from sentences_in(one)


def test_events_findings_excluded_rows_and_errors_of_the_engine_are_marked(
    pseudo: None, model: ModelHandle, tmp_path: Path
) -> None:
    workspace = Workspace(tmp_path / "workspace").create()
    rows = tmp_path / "rows.csv"
    with rows.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *MESSY])
    asked = PrepareSettings(roles=Roles(text="text", label="label"))
    said: list[object] = []
    said.append(stages.prepare_dataset(model, FileRows(str(rows)), asked, said.append, workspace=workspace))
    errors = 0
    for name, content in BROKEN.items():
        (tmp_path / name).write_bytes(content)
        try:
            stages.prepare_dataset(model, FileRows(str(tmp_path / name)), asked, said.append, workspace=workspace)
        except EngineError as error:
            errors += 1
            said.append(error.report())
    # Anew, as the window reads them: those of constants were made when their module was imported.
    texts = {sentence.anew(): sentence.id for one in said for sentence in sentences_in(one) if sentence}
    own = {word for row in MESSY for cell in row for word in re.findall("[A-Za-z]+", cell)}
    own |= {"tmp", "csv", "json", "zip", "pdf", "bin", "label", "text", "rows", "br", *PRODUCTS}
    own |= {"Expecting", "value"}  # Python's text about JSON
    values = [str(tmp_path), *NAMES]
    plain = {text: id for text, id in texts.items() if set(unmarked(text, values)) - own}
    assert errors == len(BROKEN)
    assert len(texts) > 20
    assert plain == {}
