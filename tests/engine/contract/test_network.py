"""What the user chose about the network reaches the worker as its environment, and nothing that was left empty does."""

from __future__ import annotations

import pytest

from engine.contract.network import HUB_FOLDER, NetworkSettings, environment_of, has_password, is_address


def test_nothing_is_set_where_nothing_was_chosen() -> None:
    assert environment_of(NetworkSettings(), "") == {}


def test_each_choice_has_its_variable() -> None:
    chosen = NetworkSettings("/disk/hub", "https://mirror.example.org", "http://proxy:3128", offline=True)
    assert environment_of(chosen, "hf_secret") == {
        HUB_FOLDER: "/disk/hub",
        "HF_ENDPOINT": "https://mirror.example.org",
        "HF_TOKEN": "hf_secret",
        "HF_HUB_OFFLINE": "1",
        **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://proxy:3128"),
    }


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("https://mirror.example.org/hub", True),
        ("http://proxy:3128", True),
        ("http://[::1]:8080", True),
        ("mirror.example.org", False),
        ("ftp://mirror.example.org", False),
        ("https://", False),
        ("http://proxy:port", False),
        ("http://[::1", False),
        ("https://a b", False),
    ],
)
def test_an_address_is_recognized(text: str, right: bool) -> None:
    assert is_address(text) == right


def test_a_password_in_an_address_is_noticed() -> None:
    assert has_password("http://me:secret@proxy:3128")
    assert not has_password("http://proxy:3128")
