"""One file per class: the texts of all files, each with the class that its file is called by."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.contract.settings import FileRows, ReadingOptions
from engine.reading.sources.class_files import class_files
from engine.reading.sources.sources import all_files, rows_of
from engine.reading.sources.unpacking import Unpacking
from tests.builders_data import ignore

Read = dict[str, list[tuple[object, ...]]]
OPINIONS = {
    "neg": ["a dull , slow film"] * 3 + ["nothing works"] * 3,
    "pos": ["a café, and good"] * 4 + ["so funny"] * 2,
}
NEWS = {
    "sports": ["the team won the cup, again", "a late goal decided it"] * 4,
    "tech": ["the new phone is thin", "chips are scarce, they say"] * 4,
}


def read(chosen: Path, scratch: Path) -> Read:
    with Unpacking(scratch, ignore) as unpacking:
        files = all_files(FileRows(str(chosen)), ReadingOptions(), unpacking)
        chunks = {file.split: rows_of(file, file.layout.columns) for file in files}
        return {
            split: [row for chunk in own for row in zip(*chunk.columns.values(), strict=True)]
            for split, own in chunks.items()
        }


def written(folder: Path, files: dict[str, list[str]], encoding: str = "utf-8") -> Path:
    folder.mkdir(exist_ok=True)
    for name, lines in files.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding)
    return folder


def expected(classes: dict[str, list[str]]) -> list[tuple[object, ...]]:
    return [(text, label) for label, texts in classes.items() for text in texts]


@pytest.mark.parametrize("name", ["rt-polarity.{}", "{}.txt", "{}", "reviews_{}.txt", "amazon.{}.lines.txt"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_files_called_like_classes_are_read_together(name: str, encoding: str, tmp_path: Path) -> None:
    files = {name.format(label): texts for label, texts in OPINIONS.items()}
    folder = written(tmp_path / "texts", files, encoding)
    (folder / "polaritydata.README.1.0.txt").write_text("Introduction\n\nThis is data.\n")
    assert read(folder, tmp_path / "scratch") == {"train": expected(OPINIONS)}
    (folder / "notes.csv").write_text("a,b\n1,2\n")
    assert read(folder / name.format("neg"), tmp_path / "scratch") == {"train": expected(OPINIONS)}


def test_files_of_texts_in_a_folder_are_classes_and_their_names_give_splits(tmp_path: Path) -> None:
    folder = written(tmp_path / "news", {f"{label}.txt": texts for label, texts in NEWS.items()})
    assert read(folder, tmp_path / "scratch") == {"train": expected(NEWS)}
    assert read(folder / "tech.txt", tmp_path / "scratch")["train"][0] == (NEWS["tech"][0],)  # chosen alone
    splits = {f"{split}_{label}.txt": texts for split in ("train", "test") for label, texts in NEWS.items()}
    found = read(written(tmp_path / "splits", splits), tmp_path / "scratch")
    assert found == {"train": expected(NEWS), "test": expected(NEWS)}


def test_numbered_files_and_files_of_one_name_are_no_classes(tmp_path: Path) -> None:
    texts = ["the team won the cup, again", "a late goal decided it"] * 4
    for names in (("part-1.txt", "part-2.txt"), ("tech-a.txt", "Tech_A.txt", "tech a.txt")):
        folder = written(tmp_path / names[0], dict.fromkeys(names, texts))
        assert class_files(folder) == {}
    assert class_files(written(tmp_path / "news", {"sports.txt": texts, "tech.txt": texts}))


def test_other_folders_are_no_classes(tmp_path: Path) -> None:
    tables = {"a.txt": ["text\tlabel", "good film\t1", "bad film\t0"] * 3, "b.txt": ["text\tlabel", "so so\t1"] * 4}
    assert {len(row) for row in read(written(tmp_path / "tables", tables), tmp_path / "scratch")["train"]} == {2}
    splits = {"train.txt": NEWS["tech"], "test.txt": NEWS["sports"]}
    assert set(read(written(tmp_path / "splits", splits), tmp_path / "scratch")) == {"train", "test"}
