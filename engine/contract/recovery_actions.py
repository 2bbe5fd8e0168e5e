"""What can be done about an error or about a run in trouble, as an enum.

Errors, the coach's advice and a run that is continued name actions by these ids. What a button is called is for the
window, what is typed instead for the command line.
"""

from __future__ import annotations

import enum


class RecoveryAction(enum.Enum):
    """One way out. The values are stable ids: they are in `run.json` and `events.jsonl`, and must not be renamed.

    A value that is unknown here, such as one that a later version wrote, decodes to `NONE`.
    """

    NONE = ""
    # Of whatever has failed
    TRY_AGAIN = "try_again"
    USE_CPU = "use_cpu"
    # Of a model
    CHOOSE_OTHER_MODEL = "choose_other_model"
    DOWNLOAD_AGAIN = "download_again"
    USE_HUB = "use_hub"
    # Of a model or of rows, whichever was asked for
    USE_FOLDER = "use_folder"
    OPEN_HUB_PAGE = "open_hub_page"
    WORK_ONLINE = "work_online"
    # Of the network
    WORK_OFFLINE = "work_offline"
    OPEN_PREFERENCES = "open_preferences"
    # Of rows
    CHOOSE_OTHER_FILE = "choose_other_file"
    CHOOSE_OTHER_SHEET = "choose_other_sheet"
    CHOOSE_OTHER_DATA = "choose_other_data"
    CHOOSE_COLUMNS = "choose_columns"
    CHANGE_SPLITS = "change_splits"
    TRAIN_ON_ALL_ROWS = "train_on_all_rows"  # nothing held out, scored by cross-validation
    PREPARE_AGAIN = "prepare_again"
    # Of a run
    CONTINUE_RUN = "continue_run"
    START_AGAIN = "start_again"
    START_NEW_RUN = "start_new_run"
    CHANGE_LEARNING_RATE = "change_learning_rate"
    LOWER_LEARNING_RATE = "lower_learning_rate"  # of a run that has diverged: half, from its last checkpoint on
    HALVE_LEARNING_RATE = "halve_learning_rate"
    TRIPLE_LEARNING_RATE = "triple_learning_rate"
    USE_PRESET_RATE = "use_preset_rate"
    TRAIN_LONGER = "train_longer"
    TRAIN_WITH_AUTO = "train_with_auto"
    KEEP_SIMPLE_MODEL = "keep_simple_model"
    USE_FP32 = "use_fp32"
    USE_LESS_MEMORY = "use_less_memory"
    SAVE_IN_OTHER_FOLDER = "save_in_other_folder"
    STOP_RUN = "stop_run"
    STOP_KEEP_BEST = "stop_keep_best"
    # Of an export
    CHOOSE_EXPORT_FOLDER = "choose_export_folder"
    # Of the program
    CHOOSE_WORKSPACE = "choose_workspace"
    COPY_DETAILS = "copy_details"
    RESTART_ENGINE = "restart_engine"
    WAIT = "wait"

    @classmethod
    def _missing_(cls, value: object) -> RecoveryAction:
        return CAPTIONS_OF_0_1_0.get(value, cls.NONE) if isinstance(value, str) else cls.NONE


# Version 0.1.0 wrote the captions of the buttons. Those that meant different things on different pages are missing.
CAPTIONS_OF_0_1_0 = {
    "Try again": RecoveryAction.TRY_AGAIN,
    "Use the CPU": RecoveryAction.USE_CPU,
    "Choose another model": RecoveryAction.CHOOSE_OTHER_MODEL,
    "Download again": RecoveryAction.DOWNLOAD_AGAIN,
    "Use the Hub": RecoveryAction.USE_HUB,
    "Choose another file": RecoveryAction.CHOOSE_OTHER_FILE,
    "Choose another sheet": RecoveryAction.CHOOSE_OTHER_SHEET,
    "Choose other data": RecoveryAction.CHOOSE_OTHER_DATA,
    "Choose columns": RecoveryAction.CHOOSE_COLUMNS,
    "Back to Choose data": RecoveryAction.CHANGE_SPLITS,
    "Prepare again": RecoveryAction.PREPARE_AGAIN,
    "Continue": RecoveryAction.CONTINUE_RUN,
    "Start again": RecoveryAction.START_AGAIN,
    "Start a new run": RecoveryAction.START_NEW_RUN,
    "Back to Fine-tune": RecoveryAction.CHANGE_LEARNING_RATE,
    "Lower the learning rate": RecoveryAction.LOWER_LEARNING_RATE,
    "Use half the learning rate": RecoveryAction.HALVE_LEARNING_RATE,
    "Use three times the learning rate": RecoveryAction.TRIPLE_LEARNING_RATE,
    "Use fp32": RecoveryAction.USE_FP32,
    "Use less memory": RecoveryAction.USE_LESS_MEMORY,
    "Stop, keep the best": RecoveryAction.STOP_KEEP_BEST,
}
