"""What the user chose about the network, as the environment of the process that asks the Hub.

    environment_of(NetworkSettings(proxy="http://proxy:3128"), token="")   for a new process, beside its own environment

What was left empty stays as the environment of the program has it: HF_ENDPOINT, HTTPS_PROXY, HF_TOKEN and
HF_HUB_OFFLINE work as with every program that asks the Hub.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

HUB_FOLDER = "TUNEWRIGHT_HUB_FOLDER"  # where models and data sets of the Hub are kept instead of in the workspace
PROXY_NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")  # of both spellings the small one wins


class NetworkSettings(msgspec.Struct, frozen=True):
    """How the Hub is reached and where its files are kept; the access token is not among it, since this is saved."""

    hub_folder: str = ""
    mirror: str = ""
    proxy: str = ""
    offline: bool = False


def environment_of(settings: NetworkSettings, token: str) -> dict[str, str]:
    """The variables to set; an empty setting sets none."""
    found = {HUB_FOLDER: settings.hub_folder, "HF_ENDPOINT": settings.mirror, "HF_TOKEN": token}
    found |= dict.fromkeys(PROXY_NAMES, settings.proxy)
    found["HF_HUB_OFFLINE"] = "1" if settings.offline else ""
    return {name: value for name, value in found.items() if value}


def is_address(text: str) -> bool:
    """Whether this is an address of the web that a mirror or a proxy can have."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and " " not in text
    except ValueError:  # a port that is no number, half an IPv6 address
        return False


def has_password(text: str) -> bool:
    """Whether an address holds a user name or a password, which must not be saved."""
    return "@" in text
