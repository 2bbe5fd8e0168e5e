"""Files with a line for each text: sentences in one, their tags and intents in others."""

from __future__ import annotations

from pathlib import Path

from engine.reading.sources.parallel_files import parallel_files, rows_of


def test_the_intents_beside_sentences_and_tags_are_a_column_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "seq.in").write_text("play some jazz\nwake me at six\n", "utf-8")
    (tmp_path / "seq.out").write_text("O O B-genre\nO O O B-time\n", "utf-8")
    (tmp_path / "intents.txt").write_text("play music\nset alarm\n", "utf-8")
    rows = list(rows_of(parallel_files(tmp_path)["train"]))
    assert [row["intent"] for row in rows] == ["play music", "set alarm"]
    assert rows[0]["tags"] == ["O", "O", "B-genre"]
    assert "label" not in rows[0]
