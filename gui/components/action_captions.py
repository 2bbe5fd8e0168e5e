"""What the button of each recovery action is called: the one table."""

from __future__ import annotations

from typing import assert_never

from engine.contract.recovery_actions import RecoveryAction


def caption_of(action: RecoveryAction) -> str:
    """The button's caption, in the imperative; empty for `NONE`, which has no button."""
    match action:
        case RecoveryAction.NONE:
            return ""
        case RecoveryAction.TRY_AGAIN:
            return "Try again"
        case RecoveryAction.USE_CPU:
            return "Use the CPU"
        case RecoveryAction.CHOOSE_OTHER_MODEL:
            return "Choose another model"
        case RecoveryAction.DOWNLOAD_AGAIN:
            return "Download again"
        case RecoveryAction.USE_HUB:
            return "Use the Hub"
        case RecoveryAction.USE_FOLDER:
            return "Use a folder"
        case RecoveryAction.OPEN_HUB_PAGE:
            return "Open page"
        case RecoveryAction.WORK_ONLINE:
            return "Work online"
        case RecoveryAction.WORK_OFFLINE:
            return "Work offline"
        case RecoveryAction.OPEN_PREFERENCES:
            return "Preferences…"
        case RecoveryAction.CHOOSE_OTHER_FILE:
            return "Choose another file"
        case RecoveryAction.CHOOSE_OTHER_SHEET:
            return "Choose another sheet"
        case RecoveryAction.CHOOSE_OTHER_DATA:
            return "Choose other data"
        case RecoveryAction.CHOOSE_COLUMNS:
            return "Choose columns"
        case RecoveryAction.CHANGE_SPLITS:
            return "Change the splits"
        case RecoveryAction.TRAIN_ON_ALL_ROWS:
            return "Train on all rows"
        case RecoveryAction.PREPARE_AGAIN:
            return "Prepare again"
        case RecoveryAction.CONTINUE_RUN:
            return "Continue"
        case RecoveryAction.START_AGAIN:
            return "Start again"
        case RecoveryAction.START_NEW_RUN:
            return "Start a new run"
        case RecoveryAction.CHANGE_LEARNING_RATE:
            return "Change the learning rate"
        case RecoveryAction.LOWER_LEARNING_RATE:
            return "Lower the learning rate"
        case RecoveryAction.HALVE_LEARNING_RATE:
            return "Use half the learning rate"
        case RecoveryAction.TRIPLE_LEARNING_RATE:
            return "Use three times the learning rate"
        case RecoveryAction.USE_PRESET_RATE:
            return "Use the preset's learning rate"
        case RecoveryAction.TRAIN_LONGER:
            return "Train longer"
        case RecoveryAction.TRAIN_WITH_AUTO:
            return "Train with Auto"
        case RecoveryAction.KEEP_SIMPLE_MODEL:
            return "Keep the simple model"
        case RecoveryAction.USE_FP32:
            return "Use fp32"
        case RecoveryAction.USE_LESS_MEMORY:
            return "Use less memory"
        case RecoveryAction.SAVE_IN_OTHER_FOLDER:
            return "Other folder"
        case RecoveryAction.STOP_RUN:
            return "Stop"
        case RecoveryAction.STOP_KEEP_BEST:
            return "Stop, keep the best"
        case RecoveryAction.CHOOSE_EXPORT_FOLDER | RecoveryAction.CHOOSE_WORKSPACE:
            return "Choose folder"
        case RecoveryAction.COPY_DETAILS:
            return "Copy details"
        case RecoveryAction.RESTART_ENGINE:
            return "Restart the engine"
        case RecoveryAction.WAIT:
            return "Wait"
        case _:
            assert_never(action)
