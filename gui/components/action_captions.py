"""What the button of each recovery action is called: the one table."""

from __future__ import annotations

from typing import assert_never

from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence


def caption_of(action: RecoveryAction) -> str:
    """The button's caption, in the imperative; empty for `NONE`, which has no button."""
    match action:
        case RecoveryAction.NONE:
            return ""
        case RecoveryAction.TRY_AGAIN:
            return Sentence("gui.components.try_again")
        case RecoveryAction.USE_CPU:
            return Sentence("gui.components.use_cpu")
        case RecoveryAction.CHOOSE_OTHER_MODEL:
            return Sentence("gui.components.choose_another_model")
        case RecoveryAction.DOWNLOAD_AGAIN:
            return Sentence("gui.components.download_again")
        case RecoveryAction.USE_HUB:
            return Sentence("gui.components.use_hub")
        case RecoveryAction.USE_FOLDER:
            return Sentence("gui.components.use_folder")
        case RecoveryAction.OPEN_HUB_PAGE:
            return Sentence("gui.components.open_page")
        case RecoveryAction.WORK_ONLINE:
            return Sentence("gui.components.work_online")
        case RecoveryAction.WORK_OFFLINE:
            return Sentence("gui.components.work_offline")
        case RecoveryAction.OPEN_PREFERENCES:
            return Sentence("gui.components.preferences")
        case RecoveryAction.CHOOSE_OTHER_FILE:
            return Sentence("gui.components.choose_another_file")
        case RecoveryAction.CHOOSE_OTHER_SHEET:
            return Sentence("gui.components.choose_another_sheet")
        case RecoveryAction.CHOOSE_OTHER_DATA:
            return Sentence("gui.components.choose_other_data")
        case RecoveryAction.CHOOSE_COLUMNS:
            return Sentence("gui.components.choose_columns")
        case RecoveryAction.CHANGE_SPLITS:
            return Sentence("gui.components.change_splits")
        case RecoveryAction.TRAIN_ON_ALL_ROWS:
            return Sentence("gui.components.train_all_rows")
        case RecoveryAction.PREPARE_AGAIN:
            return Sentence("gui.components.prepare_again")
        case RecoveryAction.CONTINUE_RUN:
            return Sentence("gui.components.continue")
        case RecoveryAction.START_AGAIN:
            return Sentence("gui.components.start_again")
        case RecoveryAction.START_NEW_RUN:
            return Sentence("gui.components.start_new_run")
        case RecoveryAction.CHANGE_LEARNING_RATE:
            return Sentence("gui.components.change_learning_rate")
        case RecoveryAction.LOWER_LEARNING_RATE:
            return Sentence("gui.components.lower_learning_rate")
        case RecoveryAction.HALVE_LEARNING_RATE:
            return Sentence("gui.components.use_half_learning_rate")
        case RecoveryAction.TRIPLE_LEARNING_RATE:
            return Sentence("gui.components.use_three_times_learning_rate")
        case RecoveryAction.USE_PRESET_RATE:
            return Sentence("gui.components.use_preset_s_learning_rate")
        case RecoveryAction.TRAIN_LONGER:
            return Sentence("gui.components.train_longer")
        case RecoveryAction.TRAIN_WITH_AUTO:
            return Sentence("gui.components.train_auto")
        case RecoveryAction.KEEP_SIMPLE_MODEL:
            return Sentence("gui.components.keep_simple_model")
        case RecoveryAction.USE_FP32:
            return Sentence("gui.components.use_fp32")
        case RecoveryAction.USE_LESS_MEMORY:
            return Sentence("gui.components.use_less_memory")
        case RecoveryAction.SAVE_IN_OTHER_FOLDER:
            return Sentence("gui.components.other_folder")
        case RecoveryAction.STOP_RUN:
            return Sentence("gui.components.stop")
        case RecoveryAction.STOP_KEEP_BEST:
            return Sentence("gui.components.stop_keep_best")
        case RecoveryAction.CHOOSE_EXPORT_FOLDER | RecoveryAction.CHOOSE_WORKSPACE:
            return Sentence("gui.components.choose_folder")
        case RecoveryAction.COPY_DETAILS:
            return Sentence("gui.components.copy_details")
        case RecoveryAction.RESTART_ENGINE:
            return Sentence("gui.components.restart_engine")
        case RecoveryAction.WAIT:
            return Sentence("gui.components.wait")
        case _:
            assert_never(action)
