"""The form over a settings record: what it accepts, what it refuses, and what it says."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from engine.contract.languages import catalogue_of, using
from engine.contract.settings import FineTuneSettings, PrepareSettings
from gui.components.layouts import vertical
from gui.components.numbers import count_text, read_float, read_int, write_number
from gui.components.settings_form import SettingsForm

FIELDS = ("epochs", "batch_size", "learning_rate", "warmup_share", "precision", "length_buckets", "run_name", "device")
DEVICES = {"device": (("auto", "Auto"), ("cuda:0", "NVIDIA H200"))}


@pytest.fixture
def form(qtbot: QtBot) -> SettingsForm[FineTuneSettings]:
    form = SettingsForm(FineTuneSettings(), FIELDS, captions=DEVICES)
    qtbot.addWidget(form)
    return form


def enter(form: SettingsForm[FineTuneSettings], qtbot: QtBot, name: str, text: str) -> None:
    editor = form.field(name).editor
    assert isinstance(editor, QLineEdit)
    editor.clear()
    if text.isascii():
        qtbot.keyClicks(editor, text)
    else:  # Qt's test keyboard has no such keys
        editor.setText(text)
        editor.textEdited.emit(text)


def test_what_is_set_comes_back_unchanged(form: SettingsForm[FineTuneSettings]) -> None:
    settings = FineTuneSettings(epochs=4.5, learning_rate=2e-5, precision="bf16", device="cuda:0", weight_decay=0.3)
    form.set_value(settings)
    assert form.value() == settings
    assert form.is_valid()


def test_showing_a_value_is_silent_and_typing_is_not(form: SettingsForm[FineTuneSettings], qtbot: QtBot) -> None:
    changes: list[float] = []
    form.changed.connect(lambda: changes.append(form.value().epochs))
    form.set_value(FineTuneSettings(epochs=7))
    assert changes == []
    enter(form, qtbot, "epochs", "12")
    assert changes == [1.0, 12.0]


@pytest.mark.parametrize(
    ("typed", "meant"), [("2e-5", 2e-5), ("2e−5", 2e-5), ("0,00002", 2e-5), (" 0.05 ", 0.05), ("0.002 %", 2e-5)]
)
def test_numbers_are_read_as_people_type_them(
    form: SettingsForm[FineTuneSettings], qtbot: QtBot, typed: str, meant: float
) -> None:
    enter(form, qtbot, "learning_rate", typed)
    assert form.value().learning_rate == pytest.approx(meant)
    assert form.is_valid()


def test_an_impossible_value_is_refused_beside_its_field(form: SettingsForm[FineTuneSettings], qtbot: QtBot) -> None:
    enter(form, qtbot, "learning_rate", "2")
    assert form.errors() == {"learning_rate": "Learning rate is 2.0; it goes above 0 to 0.1."}
    assert form.value().learning_rate == 5e-5
    assert form.field("learning_rate").editor.property("refused") is True
    enter(form, qtbot, "learning_rate", "0.01")
    assert form.is_valid()
    assert form.value().learning_rate == 0.01


@pytest.mark.parametrize("typed", ["", "many", "1e999", "nan", "inf", "--1", "1.5"])
def test_what_is_no_whole_number_is_refused_in_words(
    form: SettingsForm[FineTuneSettings], qtbot: QtBot, typed: str
) -> None:
    enter(form, qtbot, "batch_size", "8")
    editor = form.field("batch_size").editor
    assert isinstance(editor, QLineEdit)
    editor.setText(typed)
    editor.textEdited.emit(typed)
    assert "Batch size" in form.errors()["batch_size"]
    assert form.value().batch_size == 8


def test_choices_boxes_and_texts_reach_the_value(form: SettingsForm[FineTuneSettings], qtbot: QtBot) -> None:
    device, precision = form.field("device").editor, form.field("precision").editor
    buckets = form.field("length_buckets").editor
    assert isinstance(device, QComboBox)
    assert isinstance(precision, QComboBox)
    assert isinstance(buckets, QCheckBox)
    qtbot.keyClick(device, Qt.Key.Key_Down)
    qtbot.keyClick(precision, Qt.Key.Key_Down)
    buckets.click()
    enter(form, qtbot, "run_name", "<b>first</b>")
    value = form.value()
    assert (value.device, value.precision, value.length_buckets) == ("cuda:0", "fp32", False)
    assert value.run_name == "<b>first</b>"


def test_the_engine_can_refuse_a_field_that_is_shown(form: SettingsForm[FineTuneSettings]) -> None:
    assert form.show_refusal("batch_size", "The memory holds 8.")
    assert form.errors() == {"batch_size": "The memory holds 8."}
    assert not form.show_refusal("seed", "Not here.")


def test_every_field_speaks(form: SettingsForm[FineTuneSettings]) -> None:
    for name in FIELDS:
        editor = form.field(name).editor
        assert editor.accessibleName(), name
        assert editor.accessibleDescription(), name
        assert editor.toolTip(), name
        assert editor.focusPolicy() & Qt.FocusPolicy.TabFocus, name


def test_new_choices_keep_what_is_chosen(form: SettingsForm[FineTuneSettings]) -> None:
    form.set_value(msgspec.structs.replace(form.value(), device="cuda:0"))
    form.set_choices("device", [("auto", "Auto"), ("cpu", "CPU"), ("cuda:0", "NVIDIA H200")])
    editor = form.field("device").editor
    assert isinstance(editor, QComboBox)
    assert editor.currentText() == "NVIDIA H200"


def test_another_record_gives_another_form(qtbot: QtBot) -> None:
    form = SettingsForm(PrepareSettings(), ("validation_share", "row_limit"))
    qtbot.addWidget(form)
    editor = form.field("row_limit").editor
    assert isinstance(editor, QLineEdit)
    editor.clear()
    qtbot.keyClicks(editor, "1,000")
    assert form.value() == PrepareSettings(row_limit=1000)


@pytest.mark.parametrize("value", [0, 16, 0.1, 5e-5, 2.5e-7, 1e-12, 3.0, 100000.0, 0.30000000000000004])
def test_a_written_number_reads_back_as_itself(value: float) -> None:
    assert read_float(write_number(value)) == value


def test_grouped_numbers_are_read() -> None:
    assert read_int("12 500") == 12_500
    assert read_int("1,234,567") == 1_234_567
    assert read_float("1,234.5") == 1234.5
    assert count_text(22_713_216) == "22.7 million"
    assert write_number(5e-05) == "5e-5"
    with using(catalogue_of("de")):
        assert (write_number(0.25), write_number(1.5e-05)) == ("0,25", "1,5e-5")
        assert read_float(write_number(0.0015)) == 0.0015


# What people type into the four kinds of fields; None: refused.
TYPED: dict[str, dict[str, float | None]] = {
    "learning_rate": {
        **{"2e-5": 2e-5, "2e−5": 2e-5, "2E–5": 2e-5, "2,5e-5": 2.5e-5, "2,5e−5": 2.5e-5, "0,00002": 2e-5},
        **{"0.002 %": 2e-5, " 5e-5 ": 5e-5, ".05": 0.05, "0.1": 0.1, "1e-12": 1e-12, "+1e-3": 1e-3},
        **{"0": None, "-1": None, "−0.1": None, "1e9": None, "0.11": None, "nan": None, "NaN": None, "inf": None},
        **{"": None, "many": None, "1e": None, "e-5": None, "1.2.3": None, "0x10": None, "1e999": None, "--1": None},
    },
    "epochs": {
        **{"3": 3.0, "0,5": 0.5, "1.000": 1.0, "1e2": 100.0, "1000": 1000.0, "1 000": 1000.0, "2.5": 2.5},
        **{"0": None, "-1": None, "1e9": None, "1,000.5": None, "1.000,5": None, "three": None},
    },
    "batch_size": {
        **{"1": 1, "16": 16, "16.0": 16, "1e3": 1000, "1,024": 1024, "1.024": 1024, "1 024": 1024, "4096": 4096},
        **{"0": None, "-8": None, "1e6": None, "4097": None, "1.5": None, "0,5": None, "50 %": None, "١٦": None},
    },
    "seed": {
        **{"0": 0, "42": 42, "4294967295": 2**32 - 1, "4,294,967,295": 2**32 - 1},
        **{
            "-1": None,
            "4294967296": None,
            "18446744073709551616": None,
            "9" * 5000: None,
            "9" * 4000: None,
            "4 2 x": None,
        },
    },
}


@pytest.mark.parametrize("name", TYPED)
def test_entries_are_understood_or_refused_in_a_short_sentence(qtbot: QtBot, name: str) -> None:
    form = SettingsForm(FineTuneSettings(), (name,))
    qtbot.addWidget(form)
    for typed, meant in TYPED[name].items():
        form.set_value(FineTuneSettings())
        editor = form.field(name).editor
        assert isinstance(editor, QLineEdit)
        editor.setText(typed)
        editor.textEdited.emit(typed)
        if meant is None:
            assert list(form.errors()) == [name], typed
            assert form.value() == FineTuneSettings(), typed
            assert len(form.errors()[name]) < 120, typed
        else:
            assert form.is_valid(), typed
            assert getattr(form.value(), name) == pytest.approx(meant, rel=1e-12), typed


def test_all_rows_and_the_automatic_length_are_words_and_no_zeros(qtbot: QtBot) -> None:
    form = SettingsForm(PrepareSettings(), ("row_limit", "max_length"))
    qtbot.addWidget(form)
    editors = {name: form.field(name).editor for name in ("row_limit", "max_length")}
    assert [editor.text() for editor in editors.values()] == ["", ""]  # type: ignore[union-attr]
    assert [editor.placeholderText() for editor in editors.values()] == ["All", "Auto"]  # type: ignore[union-attr]
    form.set_zero_text("max_length", "Auto (40)")
    assert editors["max_length"].placeholderText() == "Auto (40)"  # type: ignore[union-attr]
    for text, value in (("48", 48), ("auto", 0), ("64", 64), ("Auto (40)", 0), ("0", 0)):
        editors["max_length"].setText(text)  # type: ignore[union-attr]
        editors["max_length"].textEdited.emit(text)  # type: ignore[union-attr]
        assert (form.value().max_length, form.errors()) == (value, {})


def test_a_zero_that_is_no_amount_is_reported_in_a_word(qtbot: QtBot) -> None:
    names = ("patience", "threads", "evaluation_interval", "weight_decay")
    form = SettingsForm(FineTuneSettings(patience=0, threads=0, evaluation_interval=0, weight_decay=0.0), names)
    qtbot.addWidget(form)
    editors = [form.field(name).editor for name in names]
    shown = [(editor.text(), editor.placeholderText()) for editor in editors if isinstance(editor, QLineEdit)]
    assert shown == [("", "off"), ("", "automatic"), ("", "after each epoch"), ("0", "")]
    enter(form, qtbot, "patience", "3")
    assert form.value().patience == 3
    for typed in ("", "off", "Off", "0"):
        enter(form, qtbot, "patience", "4")
        enter(form, qtbot, "patience", typed)
        if not typed:
            editors[0].textEdited.emit("")  # type: ignore[union-attr]
        assert (form.value().patience, form.is_valid()) == (0, True)
    enter(form, qtbot, "patience", "never")
    assert not form.is_valid()


def test_a_form_takes_fewer_columns_where_they_do_not_fit(qtbot: QtBot) -> None:
    names = ("row_limit", "max_length", "strip_html_breaks")
    form = SettingsForm(PrepareSettings(), names, columns=3)
    page = QWidget()
    vertical(page, form)
    qtbot.addWidget(page)
    page.show()
    for width, is_one_line in ((900, True), (300, False), (900, True)):
        page.resize(width, 300)
        qtbot.waitUntil(lambda width=width: form.width() == width, timeout=2_000)
        qtbot.waitUntil(
            lambda is_one_line=is_one_line: (len({form.field(name).y() for name in names}) == 1) is is_one_line,
            timeout=2_000,
        )
