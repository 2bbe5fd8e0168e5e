"""`python -m engine`: the headless front end. The same five stages and events as the window, without Qt.

Exit codes: 0 done, 1 an error with its sentence on standard error, 2 a command line that cannot be understood, 3 an
exported folder that is not what it claims (verify), 130 stopped by Ctrl-C. Nothing heavy is imported before a command
needs it.
"""

from __future__ import annotations

import argparse
import errno
import os
import sys
import traceback
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, cast

from engine import __version__
from engine.bootstrap.commands import command
from engine.bootstrap.console import is_closed_pipe, use_utf8
from engine.cli.argparse_texts import use_program_language
from engine.contract import languages
from engine.contract.artefacts import ARTEFACTS

DESCRIPTION = "Fine-tunes BERT-family encoders: load a model, prepare data, fine-tune, evaluate, export."


def main(argv: list[str] | None = None) -> int:
    """Runs one command; returns the exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    # Before anything else is imported: some modules make their sentences while they are.
    languages.choose(_language_in(arguments), os.environ.get(languages.VARIABLE, ""))
    parser = command_parser()
    try:
        options = parser.parse_args(
            arguments, argparse.Namespace(workspace="", language="", json=False, quiet=False, parser=parser)
        )
    except SystemExit as ended:  # by argparse: 0 after --help, 2 after a mistake
        return ended.code if isinstance(ended.code, int) else 2
    if options.command is None:
        parser.print_help()
        return 2
    # Before anything else is imported: some modules make their sentences while they are.
    languages.choose(options.language, os.environ.get(languages.VARIABLE, ""))
    from engine.runtime.worker import calm_libraries

    calm_libraries()
    use_utf8((sys.stdin, sys.stdout, sys.stderr))
    return carry_out(options)


def _language_in(arguments: Sequence[str]) -> str:
    """The code after --language, which the help itself is written in."""
    named = [after for before, after in pairwise(arguments) if before == "--language"]
    named += [one.partition("=")[2] for one in arguments if one.startswith("--language=")]
    return named[-1] if named else ""


def carry_out(options: argparse.Namespace) -> int:
    """Calls the command and turns what went wrong into a sentence and an exit code."""
    from engine.workspace.layout import default_workspace, workspace_at
    from engine.workspace.network_choice import take_network_of

    place = Path(options.workspace).expanduser().absolute() if options.workspace else default_workspace().root
    take_network_of(place)  # before anything of the Hub is imported
    workspace = workspace_at(place)

    from engine.cli import commands, terminal
    from engine.contract.errors import EngineError, StopRequested, UnexpectedError, memory_full
    from engine.contract.events import StageFailed, StageStopped
    from engine.contract.sentences import Sentence
    from engine.runtime.parsing_guard import guarding
    from engine.workspace.leftovers import remove_leftovers

    quiet = options.command in commands.QUIET
    is_quiet = quiet or options.quiet or (options.json and options.command in commands.ONE_RECORD)
    listener = terminal.Silent() if is_quiet else terminal.listener_for(json_lines=options.json)
    error_output = None if sys.__stderr__ is None else cast(BinaryIO, sys.__stderr__.buffer)
    with terminal.Interrupts(listener, at_once=quiet) as interrupts, guarding(terminal.error_lines, error_output):
        try:
            if not quiet and options.command not in commands.WITHOUT_WORKSPACE:
                remove_leftovers(workspace)
            code = commands.COMMANDS[options.command](options, workspace, interrupts)
            if sys.stdout is not None:
                sys.stdout.flush()  # here, where a full disk still gets a sentence
            return code
        except StopRequested:
            interrupts.report(StageStopped())
            print(Sentence("cli.say.stopped"), file=sys.stderr)
            return interrupts.exit_code or 130
        except KeyboardInterrupt:
            return interrupts.exit_code or 130
        except EngineError as error:
            failure = error.report()
        except MemoryError as error:
            failure = memory_full(error).report()
        except Exception as error:
            if isinstance(error, OSError) and is_closed_pipe(
                error
            ):  # the reader of our output has left, as `head` does
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
                return 0
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EIO) and not error.filename:
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is still to be written has no place to go
                print(Sentence("cli.say.output_not_written", reason=error.strerror), file=sys.stderr)
                return 1
            failure = UnexpectedError(
                "A6",
                Sentence("__main__.a6.something_went_wrong_inside_program", name=type(error).__name__),
                hint=Sentence("__main__.a6.your_files_untouched_set_tunewright"),
                details=traceback.format_exc(),
            ).report()
        interrupts.report(StageFailed(failure))
        interrupts.close()
        terminal.print_error(failure)
        if os.environ.get("TUNEWRIGHT_DETAILS") and failure.details:
            print(failure.details, file=sys.stderr)
        return 1


def command_parser() -> argparse.ArgumentParser:
    """The command line: every sub-command with its options."""
    use_program_language()
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--workspace",
        metavar="FOLDER",
        default=argparse.SUPPRESS,
        help=text("workspace", "keep data sets and runs in FOLDER"),
    )
    shared.add_argument(
        "--language",
        metavar="CODE",
        choices=languages.codes(),
        default=argparse.SUPPRESS,
        help=text("language", "use this language; default: the one of TUNEWRIGHT_LANGUAGE, else of the system")
        + f" ({', '.join(languages.codes())})",
    )
    shared.add_argument(
        "--json",
        action="store_true",
        default=argparse.SUPPRESS,
        help=text("json", "print each event as one line of JSON"),
    )
    shared.add_argument(
        "--quiet",
        action="store_true",
        default=argparse.SUPPRESS,
        help=text("quiet", "print results and errors, no progress"),
    )
    parser = argparse.ArgumentParser(
        prog=command(), description=text("description", DESCRIPTION), parents=[shared], allow_abbrev=False
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"tunewright {__version__}",
        help=text("version", "print the version"),
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title=text("commands", "commands"))

    def add(name: str, english: str) -> argparse.ArgumentParser:
        sentence = text(name, english)
        return commands.add_parser(name, help=sentence, description=sentence, parents=[shared], allow_abbrev=False)

    run = add("run", "Do all five steps of a recipe.")
    run.add_argument(
        "recipe",
        metavar="RECIPE.toml",
        help=text("run.recipe", "a recipe file, the name of one that comes along, or - for standard input"),
    )
    run.add_argument(
        "--check", action="store_true", help=text("run.check", "print all that is wrong with it, and run nothing")
    )
    run.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help=text("run.set", "change a setting of the recipe, such as fine_tune.epochs=1; may be given several times"),
    )
    continue_run = add("continue", "Continue an interrupted run from its last checkpoint.")
    continue_run.add_argument("run", metavar="RUN_ID")
    cleaning_rules = continue_run.add_mutually_exclusive_group()
    cleaning_rules.add_argument(
        "--half-rate",
        action="store_true",
        help=text("continue.half_rate", "from there on with half the learning rate"),
    )
    cleaning_rules.add_argument("--fp32", action="store_true", help=text("continue.fp32", "from there on in fp32"))
    search = add("search", "Fine-tune a recipe several times with other settings, and keep the best run.")
    search.add_argument(
        "recipe",
        metavar="RECIPE.toml",
        help=text("search.recipe", "a recipe file, or the name of one that comes along"),
    )
    search.add_argument(
        "--trials", type=int, default=8, help=text("search.trials", "how many runs are made; default: 8")
    )
    search.add_argument(
        "--batch-sizes",
        action="store_true",
        help=text("search.batch_sizes", "try half and twice the batch size as well"),
    )
    search.add_argument(
        "--set", action="append", default=[], metavar="FIELD=VALUE", help=text("search.set", "as for run")
    )
    evaluate = add("evaluate", "Score a run on held-out rows.")
    evaluate.add_argument("run", metavar="RUN_ID")
    evaluate.add_argument(
        "--split",
        choices=("train", "validation", "test", "cross_validation"),
        default="",
        help=text(
            "evaluate.split",
            "default: test, and cross_validation where fewer than 300 test rows would leave the score uncertain and "
            "training again takes minutes; cross_validation scores all training rows by networks that have not learned "
            "them, in about five times the time of training",
        ),
    )
    evaluate.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help=text(
            "evaluate.set",
            "choose answers, such as evaluate.temperature=fit, evaluate.unsure=conformal or evaluate.coverage=0.9",
        ),
    )
    export = add("export", "Write a run as a transformers folder and prove that it answers alike.")
    export.add_argument("run", metavar="RUN_ID")
    export.add_argument(
        "folder",
        metavar="FOLDER",
        nargs="?",
        default="",
        help=text("export.folder", "default: the run's own export folder"),
    )
    export.add_argument("--name", default="", help=text("export.name", "the model's name in its card"))
    export.add_argument(
        "--push",
        default="",
        metavar="NAME",
        help=text(
            "export.push",
            "send the folder to the Hub as well, as a new private repository of this name; what is sent is shown "
            "first, and asked about. The access token is taken from HF_TOKEN",
        ),
    )
    export.add_argument(
        "--public", action="store_true", help=text("export.public", "with --push: everyone can read it")
    )
    export.add_argument("--yes", action="store_true", help=text("export.yes", "with --push: do not ask"))
    export.add_argument(
        "--smaller",
        type=int,
        default=0,
        metavar="LAYERS",
        help=text(
            "export.smaller",
            "export a model with so many of the run's layers instead, which learns from the run's answers; "
            "it is trained first where it is not there",
        ),
    )
    for facts in ARTEFACTS.values():
        if facts.option:
            export.add_argument(
                facts.option,
                dest=facts.name,
                action="store_true",
                help=languages.translated(f"contract.artefact.{facts.name}.sentence", facts.sentence_en),
            )
    predict = add("predict", "Ask an exported model or a run about texts.")
    predict.add_argument(
        "model", metavar="FOLDER_OR_RUN_ID", help=text("predict.model", "or an ONNX model of an exported folder")
    )
    predict.add_argument(
        "text",
        metavar="TEXT",
        nargs="*",
        help=text("predict.text", "without any: one text per line of standard input"),
    )
    predict.add_argument(
        "--pairs", action="store_true", help=text("predict.pairs", "each text is two, with a tab between")
    )
    predict.add_argument(
        "--file", default="", metavar="FILE", help=text("predict.file", "predict every row of this file instead")
    )
    predict.add_argument(
        "--to",
        default="",
        metavar="FILE",
        help=text("predict.to", "into this one: .csv, .xlsx, .jsonl or .parquet"),
    )
    predict.add_argument("--column", default="", help=text("predict.column", "the column of the file with the text"))
    predict.add_argument(
        "--second-column",
        default="",
        help=text("predict.second_column", "the column with the second text of pairs"),
    )
    predict.add_argument(
        "--labels",
        default="",
        help=text("predict.labels", "score the answers by the labels in this column of the file"),
    )
    predict.add_argument(
        "--compare",
        default="",
        help=text("predict.compare", "compare with the answers of another model in this column, on the same rows"),
    )
    predict.add_argument(
        "--group",
        default="",
        help=text("predict.group", "the column by which rows belong together, such as an author"),
    )
    serve = add("serve", "Answer texts over HTTP with an exported model.")
    serve.add_argument(
        "folder", metavar="FOLDER", help=text("serve.folder", "an exported folder, or an ONNX model in it")
    )
    serve.add_argument("--host", default="127.0.0.1", help=text("serve.host", "default: 127.0.0.1, this computer only"))
    serve.add_argument("--port", type=int, default=8000, help=text("serve.port", "default: 8000; 0: any that is free"))
    inspect = add("inspect", "Print what is found in files of rows: format, roles, rows, labels, findings.")
    inspect.add_argument(
        "file",
        metavar="FILE",
        nargs="+",
        help=text("inspect.file", "the training file, then validation, then test"),
    )
    add("runs", "List the runs of the workspace.")
    recipe = add("recipe", "Print the recipe of a run, or one with every default.")
    recipe.add_argument("run", metavar="RUN_ID", nargs="?", default="")
    report = add("report", "Write one offline HTML page about a run: curves, scores, data, settings.")
    report.add_argument("run", metavar="RUN_ID")
    report.add_argument(
        "file",
        metavar="FILE.html",
        nargs="?",
        default="",
        help=text("report.file", 'default: "report RUN_ID.html" here'),
    )
    verify = add(
        "verify",
        "Check an exported folder against its passport; with the data of its run, its scores as well. "
        "Exit codes: 0 nothing differs, 1 it cannot be checked, 3 something differs.",
    )
    verify.add_argument("folder", metavar="FOLDER", help=text("verify.folder", "an exported folder"))
    verify.add_argument(
        "data",
        metavar="DATA",
        nargs="*",
        help=text("verify.data", "the training file, then validation, then test"),
    )
    verify.add_argument(
        "--digest",
        default="",
        metavar="SHA256",
        help=text("verify.digest", "the passport's digest, as it was kept elsewhere"),
    )
    verify.add_argument(
        "--to",
        default="",
        metavar="FILE.html",
        help=text("verify.to", 'where the page goes; default: "FOLDER verified.html"'),
    )
    shells = add("completion", "Print what lets a shell complete commands and options.")
    shells.add_argument("shell", choices=("bash", "zsh", "fish"))
    add("doctor", "Print what this machine can do, and what it lacks.")
    desktop = add("desktop", "Put the program into the menu of a Linux desktop, or take it out again.")
    desktop.add_argument("action", choices=("install", "remove"))
    return parser


def text(id: str, english: str) -> str:
    """A text of the help, in the language of the program."""
    return languages.translated(f"cli.help.{id}", english)


if __name__ == "__main__":
    sys.exit(main())
