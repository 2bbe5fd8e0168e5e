"""All the work: models, data, training, evaluation, export. Uses neither windows nor the command line's door.

`__version__` is the one source of the program's version: pyproject.toml reads it, and so does everything that names it.
"""

__version__ = "0.2.0"
