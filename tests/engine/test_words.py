"""Numbers, times and sizes as a person reads them."""

from __future__ import annotations

from engine.words import baseline_name, count, duration, percent, score_name, score_text, size


def test_times_are_told_in_the_unit_one_would_say() -> None:
    assert [duration(seconds) for seconds in (0.04, 59.4, 61, 3_725)] == ["0 s", "59 s", "1:01 min", "1:02 h"]


def test_sizes_are_told_in_decimal_units() -> None:
    sizes = [size(number) for number in (1, 12, 1_500, 999_600, 91_334_623, 2_500_000_000_000)]
    assert sizes == ["1 byte", "12 bytes", "1.5 kB", "1.0 MB", "91 MB", "2.5 TB"]


def test_what_cannot_be_measured_is_called_so() -> None:
    assert (score_text(None), score_text(0.8305)) == ("not measurable", "0.831")
    assert (percent(None), percent(0.8305)) == ("not measurable", "83.0 %")


def test_one_thing_is_not_many() -> None:
    assert [count(1, "row"), count(2_000, "row"), count(2, "entity", "entities")] == [
        "1 row",
        "2,000 rows",
        "2 entities",
    ]


def test_a_score_without_a_name_is_told_as_it_is() -> None:
    assert (score_name("macro_f1"), score_name("new_score")) == ("macro F1", "new score")
    assert baseline_name("majority") == "majority class"
