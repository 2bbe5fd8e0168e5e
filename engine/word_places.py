"""Where the words of a text stand: the one way in which texts are taken apart into words to be tagged.

Links, @names and #topics stay whole; 3.5, U.S and well-known stay together; 's, 'd and every other sign stand alone.
Between two words there are only spaces: every other character belongs to a word.
"""

from __future__ import annotations

import re

WORDS = r"https?://\S+|[@#]?\w+(?:[-.,&/_]\w+)*|['’]\w+|[^\w\s]"
_words = re.compile(WORDS)


def places_of_words(text: str) -> list[tuple[int, int]]:
    """Start and end of each word in characters, in order and without overlap."""
    return [match.span() for match in _words.finditer(text)]
