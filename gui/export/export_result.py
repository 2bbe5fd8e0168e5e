"""What was exported: the proof first, then the files, then the lines of code that use them."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from engine.contract.formatting import percent, size
from engine.contract.script_builder import literal
from engine.contract.sentences import Sentence
from engine.contract.states import ExportedModel, Proof
from engine.tasks.registry import task_facts
from gui.components.card import Card
from gui.components.code_colors import CodeColors
from gui.components.layouts import STRETCH, SideBySide, horizontal, vertical
from gui.components.numbers import whole_percent, write_number
from gui.components.plain_label import PlainLabel
from gui.design import assets
from gui.design.theme import HALF, INSIDE, MARGIN, SPACE, appearance, code_font, theme

SCROLL_BAR = 10
MOST_NAMES = 8  # label names shown

WIDTHS = (560, 420)  # pixels that the proof and the list of files need beside each other


class ExportResult(QWidget):
    """Shown once a model was exported."""

    trouble = Signal(str)  # a sentence about what could not be opened

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder = ""
        self._digest = ""
        self._passed = True
        self._icon = QLabel()
        self._headline = PlainLabel(role="group", wrap=True)
        self.folder = PlainLabel(role="quiet", elide=True)
        self.open_button = QPushButton(Sentence("gui.export.open_folder"))
        self.copy_path_button = QPushButton(Sentence("gui.export.copy_path"))
        self.digest = PlainLabel(role="quiet", elide=True, selectable=True)
        self.copy_digest_button = QPushButton(Sentence("gui.export.copy_digest"))
        self.copy_digest_button.setToolTip(Sentence("gui.export.keep_apart_from_folder_verify"))
        self._proofs = QVBoxLayout()
        self._proofs.setSpacing(HALF)
        self._marks: list[tuple[QLabel, bool]] = []
        self.proof_lines: list[PlainLabel] = []
        self._files = QGridLayout()
        self._files.setHorizontalSpacing(MARGIN)
        self._files.setVerticalSpacing(HALF)
        self._files.setColumnStretch(1, 1)
        self._file_labels: list[PlainLabel] = []
        self.code = QPlainTextEdit()
        self.code.setProperty("role", "code")
        self.code.setReadOnly(True)
        self.code.setFont(code_font())
        self.code.setTabChangesFocus(True)
        self.code.setAccessibleName(Sentence("gui.export.code_uses_model"))
        self.code.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._colors = CodeColors(self.code.document())
        self.copy_button = QPushButton(Sentence("gui.export.copy"))
        self.copy_button.setAccessibleDescription(Sentence("gui.export.copies_these_lines"))

        headline = QHBoxLayout()
        headline.setSpacing(SPACE)
        headline.addWidget(self._icon)
        headline.addWidget(self._headline, 1)
        buttons = horizontal(None, self.open_button, self.copy_path_button, STRETCH, gap=SPACE)
        digest = QHBoxLayout()
        digest.setSpacing(SPACE)
        digest.addWidget(self.digest, 1)
        digest.addWidget(self.copy_digest_button)
        done = Card()
        done.column.setSpacing(INSIDE)
        done.column.addLayout(headline)
        done.column.addLayout(self._proofs)
        done.column.addWidget(self.folder)
        done.column.addLayout(buttons)
        done.column.addLayout(digest)
        use = Card(Sentence("gui.export.use"))
        use.column.addWidget(self.code)
        use.column.addWidget(self.copy_button, 0, Qt.AlignmentFlag.AlignLeft)
        files = Card(Sentence("gui.export.files"))
        files.column.addLayout(self._files)
        done.column.addStretch(1)
        files.column.addStretch(1)
        vertical(self, SideBySide(done, files, WIDTHS), use, gap=MARGIN - SPACE)

        self.open_button.clicked.connect(self._open)
        self.copy_path_button.clicked.connect(lambda: self._copy(self._folder, self.copy_path_button))
        self.copy_button.clicked.connect(lambda: self._copy(self.code.toPlainText(), self.copy_button))
        self.copy_digest_button.clicked.connect(lambda: self._copy(self._digest, self.copy_digest_button))
        appearance().changed.connect(self._paint)

    def show_export(self, exported: ExportedModel) -> None:
        """Shows this export."""
        self._folder = exported.folder
        self._passed = exported.proof.passed
        agrees = Sentence("gui.export.exported_answers_like_trained_model")
        self._headline.setText(agrees if self._passed else Sentence("gui.export.exported_but_does_not_answer"))
        self.folder.setText(exported.folder)
        self._digest = exported.passport_digest
        self.digest.setText(Sentence("gui.export.digest_passport", digest=self._digest))
        for part in (self.digest, self.copy_digest_button):
            part.setVisible(bool(self._digest))
        self.copy_path_button.setText(Sentence("gui.export.copy_path"))
        self.copy_digest_button.setText(Sentence("gui.export.copy_digest"))
        self.copy_button.setText(Sentence("gui.export.copy"))
        self._show_proof(exported.proof, is_score=exported.evaluation.run.dataset.target_scale is not None)
        self._show_files(exported)
        self.code.setPlainText(usage_code(exported))
        lines = self.code.document().blockCount()
        self.code.setFixedHeight(round(self.code.fontMetrics().lineSpacing() * lines + 2 * INSIDE + SCROLL_BAR))
        self._paint()

    def _show_proof(self, proof: Proof, *, is_score: bool) -> None:
        while (item := self._proofs.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._marks = []
        self.proof_lines = []
        for sentence, holds in proof_sentences(proof, is_score=is_score):
            line = QWidget()
            row = QHBoxLayout(line)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(SPACE)
            mark = QLabel()
            mark.setFixedWidth(20)
            label = PlainLabel(sentence, wrap=True)
            row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(label, 1)
            self._proofs.addWidget(line)
            self._marks.append((mark, holds))
            self.proof_lines.append(label)

    def _show_files(self, exported: ExportedModel) -> None:
        for label in self._file_labels:
            self._files.removeWidget(label)
            label.hide()
            label.deleteLater()
        self._file_labels = []
        total = sum(file.size_bytes for file in exported.files)
        rows = [(file.name, _meaning(file.name), size(file.size_bytes)) for file in exported.files]
        rows.append((Sentence("gui.export.together"), "", size(total)))
        for number, (name, meaning, amount) in enumerate(rows):
            last = number == len(rows) - 1
            labels = (
                PlainLabel(name, role="strong" if last else "body", selectable=True),
                PlainLabel(meaning, role="quiet"),
                PlainLabel(amount, role="strong" if last else "body"),
            )
            labels[2].setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for place, label in enumerate(labels):
                self._files.addWidget(label, number, place)
                self._file_labels.append(label)

    def _open(self) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(self._folder)):
            self.trouble.emit(Sentence("gui.export.system_has_no_program_show"))

    def _copy(self, text: str, button: QPushButton) -> None:
        QGuiApplication.clipboard().setText(text)
        button.setText(Sentence("gui.export.copied"))

    def _paint(self) -> None:
        colors = theme()
        name, color = ("good", colors.good) if self._passed else ("caution", colors.caution)
        self._icon.setPixmap(assets.pixmap(name, color, 20))
        for mark, holds in self._marks:
            mark.setPixmap(assets.pixmap("check" if holds else "caution", colors.good if holds else colors.caution))


def _meaning(file: str) -> str:
    """What a file of the export holds; empty for one that is not known."""
    match file:
        case "config.json":
            return Sentence("gui.export.file_config_json")
        case "model.safetensors":
            return Sentence("gui.export.file_model_safetensors")
        case "tokenizer.json":
            return Sentence("gui.export.file_tokenizer_json")
        case "tokenizer_config.json":
            return Sentence("gui.export.file_tokenizer_config_json")
        case "vocab.txt":
            return Sentence("gui.export.file_vocab_txt")
        case "special_tokens_map.json":
            return Sentence("gui.export.file_special_tokens_map_json")
        case "README.md":
            return Sentence("gui.export.file_readme_md")
        case "curve_loss.svg":
            return Sentence("gui.export.file_curve_loss_svg")
        case "curve_score.svg":
            return Sentence("gui.export.file_curve_score_svg")
        case "confusion.svg":
            return Sentence("gui.export.file_confusion_svg")
        case "training_record.json":
            return Sentence("gui.export.file_training_record_json")
        case "recipe.toml":
            return Sentence("gui.export.file_recipe_toml")
        case "repeat_run.py":
            return Sentence("gui.export.file_repeat_run_py")
        case "split.json":
            return Sentence("gui.export.file_split_json")
        case "passport.json":
            return Sentence("gui.export.file_passport_json")
        case "passport.json.sha256":
            return Sentence("gui.export.file_passport_json_sha256")
        case "row_hashes.json":
            return Sentence("gui.export.file_row_hashes_json")
        case "onnx/model.onnx":
            return Sentence("gui.export.file_onnx_model_onnx")
        case "onnx/model_quantized.onnx":
            return Sentence("gui.export.file_onnx_model_quantized_onnx")
        case "onnx/model_int8.onnx":
            return Sentence("gui.export.file_onnx_model_int8_onnx")
        case "predict.py":
            return Sentence("gui.export.file_predict_py")
        case "serve.py":
            return Sentence("gui.export.file_serve_py")
        case "offline.html":
            return Sentence("gui.export.file_offline_html")
        case "calibration.json":
            return Sentence("gui.export.file_calibration_json")
        case "repeat_run.ipynb":
            return Sentence("gui.export.file_repeat_run_ipynb")
        case "MANIFEST.json":
            return Sentence("gui.export.file_manifest_json")
        case _:
            return ""


def _one_digit(value: float) -> str:
    return write_number(float(f"{value:.0e}"))


def proof_sentences(proof: Proof, *, is_score: bool) -> list[tuple[str, bool]]:
    """What was proven, each with whether it holds; numbers were compared or, of labels, their probabilities."""
    names = ", ".join(proof.label_names[:MOST_NAMES])
    if len(proof.label_names) > MOST_NAMES:
        names += Sentence("gui.export.more", value=len(proof.label_names) - MOST_NAMES)
    largest = proof.largest_difference
    apart = Sentence("gui.export.same_last_digit")
    if largest:
        apart = Sentence("gui.export.differ_by", largest=_one_digit(largest))
    share = whole_percent(proof.agreement) if proof.agreement in (0.0, 1.0) else percent(proof.agreement)
    return [
        (Sentence("gui.export.loads_clean_process_without_program"), True),
        (
            Sentence(
                "gui.export.agrees_trained_model_held_out",
                share=share,
                rows=proof.rows,
                differing=Sentence("gui.export.numbers" if is_score else "gui.export.probabilities"),
                apart=apart,
            ),
            proof.passed,
        ),
        (Sentence("gui.export.needs_ms_per_row_computer", milliseconds_per_row=proof.milliseconds_per_row), True),
        (Sentence("gui.export.answers_your_label_names", names=names), bool(proof.label_names)),
    ]


def usage_code(exported: ExportedModel) -> str:
    """The shortest code that uses the folder, with one of the user's own rows that is like most."""
    dataset = exported.evaluation.run.dataset
    text, second = exported.example
    text = text or Sentence("gui.export.type_your_text_here")
    facts = task_facts(dataset.task)
    call = facts.call_code(text[:120], second[:120], pairs=bool(dataset.settings.roles.second_text))
    options = facts.options_code(dataset.label_names, exported.proof.pipeline_options)
    return (
        "from transformers import pipeline\n\n"
        f'model = pipeline("{facts.pipeline}", model={literal(exported.folder)}{options})\n'
        f"print(model({call}))"
    )
