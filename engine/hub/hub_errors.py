"""What can go wrong between here and the Hub, in sentences; none contains a token or a header."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Literal, NamedTuple

from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from engine.contract.errors import DatasetUnreadable, DownloadFailed, EngineError, ModelNotFound
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.hub.transfer import CutShort, is_transport_error

RETRY_OR_FOLDER = (RecoveryAction.TRY_AGAIN, RecoveryAction.USE_FOLDER)
UNREACHABLE = (
    RecoveryAction.TRY_AGAIN,
    RecoveryAction.WORK_OFFLINE,
    RecoveryAction.OPEN_PREFERENCES,
    RecoveryAction.USE_FOLDER,
)


class Kind(NamedTuple):
    """What is asked for on the Hub, and how sentences name it."""

    repo_type: Literal["model", "dataset"]
    noun: Sentence
    path: str  # before the name in the Hub's addresses
    missing: type[EngineError]
    names: tuple[str, str]  # examples
    others: tuple[RecoveryAction, ...]  # that take another one
    instead: Sentence  # what works without the Hub


MODEL = Kind(
    "model",
    Sentence("hub.noun.model"),
    "",
    ModelNotFound,
    ("bert-base-uncased", "distilbert/distilbert-base-uncased"),
    (RecoveryAction.CHOOSE_OTHER_MODEL,),
    Sentence("hub.instead.starter"),
)
DATA_SET = Kind(
    "dataset",
    Sentence("hub.noun.data_set"),
    "datasets/",
    DatasetUnreadable,
    ("stanfordnlp/imdb", "fancyzhx/ag_news"),
    (RecoveryAction.CHOOSE_OTHER_DATA,),
    Sentence("hub.instead.example"),
)


@contextlib.contextmanager
def to_hub_error(id: str, revision: str, kind: Kind = MODEL) -> Iterator[None]:
    """Turns the client's errors into `DownloadFailed`, `ModelNotFound` or `DatasetUnreadable`."""
    try:
        yield
    except HFValidationError as error:
        raise not_a_name(id, kind) from error
    except OfflineModeIsEnabled as error:
        raise offline(id, kind) from error
    except RevisionNotFoundError as error:
        raise kind.missing(
            "M10",
            Sentence("hub.m10.no_version_hub", noun=kind.noun, id_=id, revision=revision),
            hint=Sentence("hub.m10.leave_version_main_check_spelling"),
            actions=kind.others,
        ) from error
    except GatedRepoError as error:
        raise _permission(
            Sentence("hub.permission.needs_permission_huggingface_co", noun=kind.noun, id_=id), id, kind
        ) from error
    except RepositoryNotFoundError as error:
        raise _unknown(id, kind, may_be_private=error.response.status_code == 401) from error
    except RemoteEntryNotFoundError as error:
        raise kind.missing(
            "M10",
            Sentence("hub.m10.file_missing_hub", noun=kind.noun, id_=id),
            hint=Sentence("hub.m10.try_again_later_choose_another", noun=kind.noun),
            actions=RETRY_OR_FOLDER,
            details=str(error.response.url),
        ) from error
    except HfHubHTTPError as error:
        raise _answered(error, id, kind) from error
    except UnicodeError as error:  # only the token can hold such a character; its text must not be shown
        sentence = Sentence("hub.permission.access_token_hub_saved_computer")
        raise _permission(sentence, id, kind) from error
    except (ValueError, KeyError, TypeError) as error:
        raise DownloadFailed(
            "M10",
            Sentence("hub.m10.answer_did_not_come_hub"),
            hint=Sentence("hub.m10.sign_page_proxy_may_stand"),
            actions=UNREACHABLE,
            details=type(error).__name__,
        ) from error
    except Exception as error:
        if not (isinstance(error, CutShort) or is_transport_error(error)):
            raise
        raise no_connection(type(error).__name__) from error


def offline(id: str, kind: Kind = MODEL) -> DownloadFailed:
    """The error for what is not here while nothing may be asked."""
    return DownloadFailed(
        "M10",
        Sentence("hub.m10.not_computer_program_set_work", noun=kind.noun, id_=id),
        hint=Sentence("hub.m10.switch_offline_work_off_try", instead=kind.instead),
        actions=(RecoveryAction.WORK_ONLINE, RecoveryAction.USE_FOLDER),
    )


def no_connection(details: str) -> DownloadFailed:
    """The error for a Hub that cannot be reached."""
    return DownloadFailed(
        "M10",
        Sentence("hub.m10.no_connection_hub"),
        hint=Sentence("hub.m10.what_been_downloaded_kept_continued"),
        actions=UNREACHABLE,
        details=details,
    )


def not_a_name(id: str, kind: Kind = MODEL) -> EngineError:
    """The error for a text that cannot be a name on the Hub."""
    sentence = Sentence("hub.m10.not_the_name", name=id[:100], noun=kind.noun)
    return kind.missing(
        "M10",
        sentence if id else Sentence("hub.m10.name_empty", noun=kind.noun),
        hint=Sentence("hub.m10.names_look_like", first=kind.names[0], second=kind.names[1]),
        actions=kind.others,
    )


def _unknown(id: str, kind: Kind, *, may_be_private: bool) -> EngineError:
    """Without a valid token the Hub answers alike for what is private and for what does not exist."""
    return kind.missing(
        "M10",
        Sentence("hub.m10.private_or_missing" if may_be_private else "hub.m10.missing", noun=kind.noun, name=id),
        hint=Sentence("hub.m10.check_spelling_most_names_owner", example=kind.names[1]),
        actions=(RecoveryAction.TRY_AGAIN, *kind.others),
    )


def _answered(error: HfHubHTTPError, id: str, kind: Kind) -> EngineError:
    status = error.response.status_code
    if status == 401 and "authorization" not in error.response.request.headers:
        return _unknown(id, kind, may_be_private=True)
    if status == 401:
        return _permission(Sentence("hub.permission.hub_does_not_accept_access"), id, kind)
    if status == 403:
        return _permission(Sentence("hub.permission.needs_permission_huggingface_co", noun=kind.noun, id_=id), id, kind)
    return DownloadFailed(
        "M10",
        Sentence("hub.m10.busy" if status == 429 else "hub.m10.wrong_answer", status=status),
        hint=Sentence("hub.m10.try_again_few_minutes_use"),
        actions=RETRY_OR_FOLDER,
    )


def _permission(sentence: Sentence, id: str, kind: Kind) -> DownloadFailed:
    return DownloadFailed(
        "M13",
        sentence,
        hint=Sentence("hub.m13.open_https_huggingface_co_accept", path=kind.path, id_=id),
        actions=(
            RecoveryAction.OPEN_HUB_PAGE,
            RecoveryAction.OPEN_PREFERENCES,  # where the token is entered
            RecoveryAction.TRY_AGAIN,
            RecoveryAction.USE_FOLDER,
        ),
    )
