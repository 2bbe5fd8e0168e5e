"""What can go wrong between here and the Hub, in sentences; no token and no header ever stands in one."""

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
from engine.hub.transfer import CutShort, is_transport_error

RETRY_OR_FOLDER = (RecoveryAction.TRY_AGAIN, RecoveryAction.USE_FOLDER)


class Kind(NamedTuple):
    """What is asked for on the Hub, and how sentences speak of it."""

    repo_type: Literal["model", "dataset"]
    noun: str
    path: str  # before the name in the Hub's addresses
    missing: type[EngineError]
    names: str  # two of them, as examples
    others: tuple[RecoveryAction, ...]  # that take another one
    instead: str  # what works without the Hub


MODEL = Kind(
    "model",
    "model",
    "",
    ModelNotFound,
    "bert-base-uncased or distilbert/distilbert-base-uncased",
    (RecoveryAction.CHOOSE_OTHER_MODEL,),
    "take the starter model",
)
DATA_SET = Kind(
    "dataset",
    "data set",
    "datasets/",
    DatasetUnreadable,
    "stanfordnlp/imdb or fancyzhx/ag_news",
    (RecoveryAction.CHOOSE_OTHER_DATA,),
    "take an example",
)


@contextlib.contextmanager
def told_plainly(id: str, revision: str, kind: Kind = MODEL) -> Iterator[None]:
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
            f"The {kind.noun} {id} has no version “{revision}” on the Hub.",
            hint="Leave the version at main, or check its spelling.",
            actions=kind.others,
        ) from error
    except GatedRepoError as error:
        raise _permission(f"The {kind.noun} {id} needs permission on huggingface.co.", id, kind) from error
    except RepositoryNotFoundError as error:
        raise _unknown(id, kind, may_be_private=error.response.status_code == 401) from error
    except RemoteEntryNotFoundError as error:
        raise kind.missing(
            "M10",
            f"A file of the {kind.noun} {id} is missing on the Hub.",
            hint=f"Try again later, or choose another {kind.noun}.",
            actions=RETRY_OR_FOLDER,
            details=str(error.response.url),
        ) from error
    except HfHubHTTPError as error:
        raise _answered(error, id, kind) from error
    except UnicodeError as error:  # only the token can hold such a character; its text must not be shown
        sentence = "The access token for the Hub that is saved on this computer is not valid."
        raise _permission(sentence, id, kind) from error
    except (ValueError, KeyError, TypeError) as error:
        raise DownloadFailed(
            "M10",
            "The answer did not come from the Hub.",
            hint="A sign-in page or a proxy may stand in between. Open a web page once, then try again.",
            actions=RETRY_OR_FOLDER,
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
        f"The {kind.noun} {id} is not on this computer, and the program is set to work offline.",
        hint=f"Switch offline work off and try again, use a folder, or {kind.instead}.",
        actions=(RecoveryAction.WORK_ONLINE, RecoveryAction.USE_FOLDER),
    )


def no_connection(details: str) -> DownloadFailed:
    """The error for a Hub that cannot be reached."""
    return DownloadFailed(
        "M10",
        "No connection to the Hub.",
        hint="What has been downloaded is kept and is continued next time. "
        "Check the connection and try again, or use a folder.",
        actions=RETRY_OR_FOLDER,
        details=details,
    )


def not_a_name(id: str, kind: Kind = MODEL) -> EngineError:
    """The error for a text that cannot be a name on the Hub."""
    sentence = f"“{id[:100]}” is not the name of a {kind.noun} on the Hub."
    return kind.missing(
        "M10",
        sentence if id else f"The name of the {kind.noun} is empty.",
        hint=f"Names look like {kind.names}.",
        actions=kind.others,
    )


def _unknown(id: str, kind: Kind, *, may_be_private: bool) -> EngineError:
    """Without a valid token the Hub answers alike for what is private and for what does not exist."""
    return kind.missing(
        "M10",
        f"The Hub shows no {kind.noun} named {id}{', or it is private' if may_be_private else ''}.",
        hint=f"Check the spelling. Most names have an owner before them, as in {kind.names.rpartition(' ')[2]}.",
        actions=(RecoveryAction.TRY_AGAIN, *kind.others),
    )


def _answered(error: HfHubHTTPError, id: str, kind: Kind) -> EngineError:
    status = error.response.status_code
    if status == 401 and "authorization" not in error.response.request.headers:
        return _unknown(id, kind, may_be_private=True)
    if status == 401:
        return _permission("The Hub does not accept the access token that is saved on this computer.", id, kind)
    if status == 403:
        return _permission(f"The {kind.noun} {id} needs permission on huggingface.co.", id, kind)
    sentence = "The Hub is busy" if status == 429 else "The Hub does not answer as it should"
    return DownloadFailed(
        "M10",
        f"{sentence} ({status}).",
        hint="Try again in a few minutes, or use a folder.",
        actions=RETRY_OR_FOLDER,
    )


def _permission(sentence: str, id: str, kind: Kind) -> DownloadFailed:
    return DownloadFailed(
        "M13",
        sentence,
        hint=f"Open https://huggingface.co/{kind.path}{id}, accept its terms, and save a token that may read it.",
        actions=(RecoveryAction.OPEN_HUB_PAGE, RecoveryAction.TRY_AGAIN, RecoveryAction.USE_FOLDER),
    )
