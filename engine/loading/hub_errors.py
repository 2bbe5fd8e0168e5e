"""What can go wrong between here and the Hub, in sentences; no token and no header ever stands in one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from engine.errors import DownloadFailed, EngineError, ModelNotFound
from engine.loading.transfer import CutShort, is_transport_error

RETRY_OR_FOLDER = ("Try again", "Use a folder")


@contextlib.contextmanager
def told_plainly(id: str, revision: str) -> Iterator[None]:
    """Turns the client's errors into `DownloadFailed` or `ModelNotFound`."""
    try:
        yield
    except HFValidationError as error:
        raise not_a_name(id) from error
    except OfflineModeIsEnabled as error:
        raise offline(id) from error
    except RevisionNotFoundError as error:
        raise ModelNotFound(
            "M10",
            f"The model {id} has no version “{revision}” on the Hub.",
            hint="Leave the version at main, or check its spelling.",
            actions=("Choose another model",),
        ) from error
    except GatedRepoError as error:
        raise _permission(f"The model {id} needs permission on huggingface.co.", id) from error
    except RepositoryNotFoundError as error:
        raise _unknown(id, may_be_private=error.response.status_code == 401) from error
    except RemoteEntryNotFoundError as error:
        raise ModelNotFound(
            "M10",
            f"A file of the model {id} is missing on the Hub.",
            hint="Try again later, or choose another model.",
            actions=RETRY_OR_FOLDER,
            details=str(error.response.url),
        ) from error
    except HfHubHTTPError as error:
        raise _answered(error, id) from error
    except UnicodeError as error:  # only the token can hold such a character; its text must not be shown
        raise _permission("The access token for the Hub that is saved on this computer is not valid.", id) from error
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


def offline(id: str) -> DownloadFailed:
    """The error for a model that is not here while nothing may be asked."""
    return DownloadFailed(
        "M10",
        f"The model {id} is not on this computer, and the program is set to work offline.",
        hint="Switch offline work off and try again, use a folder, or take the starter model.",
        actions=RETRY_OR_FOLDER,
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


def not_a_name(id: str) -> ModelNotFound:
    """The error for a text that cannot be a model's name."""
    return ModelNotFound(
        "M10",
        f"“{id[:100]}” is not the name of a model on the Hub." if id else "The name of the model is empty.",
        hint="Names look like bert-base-uncased or distilbert/distilbert-base-uncased.",
        actions=("Choose another model",),
    )


def _unknown(id: str, *, may_be_private: bool) -> ModelNotFound:
    """Without a valid token the Hub answers alike for a private model and for one that does not exist."""
    return ModelNotFound(
        "M10",
        f"The Hub shows no model named {id}{', or it is private' if may_be_private else ''}.",
        hint="Check the spelling. Most names have an owner before them, as in distilbert/distilbert-base-uncased.",
        actions=("Try again", "Choose another model"),
    )


def _answered(error: HfHubHTTPError, id: str) -> EngineError:
    status = error.response.status_code
    if status == 401 and "authorization" not in error.response.request.headers:
        return _unknown(id, may_be_private=True)
    if status == 401:
        return _permission("The Hub does not accept the access token that is saved on this computer.", id)
    if status == 403:
        return _permission(f"The model {id} needs permission on huggingface.co.", id)
    sentence = "The Hub is busy" if status == 429 else "The Hub does not answer as it should"
    return DownloadFailed(
        "M10",
        f"{sentence} ({status}).",
        hint="Try again in a few minutes, or use a folder.",
        actions=RETRY_OR_FOLDER,
    )


def _permission(sentence: str, id: str) -> DownloadFailed:
    return DownloadFailed(
        "M13",
        sentence,
        hint=f"Open https://huggingface.co/{id}, accept its terms, and save a token that may read it.",
        actions=("Open page", "Try again", "Use a folder"),
    )
