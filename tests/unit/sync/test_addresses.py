from __future__ import annotations

import pytest

from tinybase_widget.sync._addresses import is_address, read_address


def test_an_address_shows_neither_its_token_nor_its_other_parameters() -> None:
    address = read_address("wss://host:8443/a/zoo?token=sesame&key=open%20it")
    assert address.shown == "wss://host:8443/a/zoo"
    assert address.token == "sesame"  # noqa: S105
    assert "sesame" not in repr(address)
    assert "open" not in repr(address)


def test_the_last_part_of_the_path_is_the_rooms_name() -> None:
    assert read_address("ws://host/rooms/my%20zoo").room == "my zoo"


def test_a_token_that_is_given_takes_the_place_of_one_in_the_address() -> None:
    address = read_address("ws://host/zoo?token=old&x=1", "new one")
    assert address.with_token() == "ws://host/zoo?x=1&token=new+one"
    assert address.without_token() == "ws://host/zoo?x=1"


@pytest.mark.parametrize("secret", ["sesame", "ä b/c", "a+b&c=d"])
def test_secrets_are_taken_out_of_the_texts_of_errors(secret: str) -> None:
    address = read_address("ws://host/zoo", secret)
    text = address.hide(f"can't open {address.with_token()} with {secret}")
    assert text == "can't open ws://host/zoo?token=… with …"


@pytest.mark.parametrize(
    "url", ["http://host/zoo", "ws:///zoo", "ws://host", "ws://host/zoo/", "zoo", "ws://host:x/zoo"]
)
def test_what_is_no_address_of_a_room_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(ValueError, match="wss://example") as raised:
        read_address(f"{url}?token=sesame")
    assert "sesame" not in str(raised.value)


def test_a_password_in_an_address_is_refused_and_not_shown() -> None:
    with pytest.raises(ValueError, match="token=") as raised:
        read_address("wss://me:sesame@host/zoo")
    assert "sesame" not in str(raised.value)


@pytest.mark.parametrize("url", [None, 1, b"ws://host/zoo"])
def test_an_address_is_a_string(url: object) -> None:
    with pytest.raises(TypeError, match="string"):
        read_address(url)


def test_a_room_of_a_plain_name_is_not_on_a_server() -> None:
    assert not is_address("zoo")
    assert is_address("ws://host/zoo")
