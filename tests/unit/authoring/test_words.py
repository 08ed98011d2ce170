import re

import pytest

from codered.authoring.words import cut_secrets, find_secrets, hide_secrets, load_words, tell_personal


def test_the_tables_compile() -> None:
    words = load_words()
    for item in (*words.personal, *words.telling, *words.secrets):
        assert re.compile(item.pattern)
        assert item.why
    assert all(map(re.compile, (*words.attacks, words.everyday_agents)))


def test_no_table_takes_long_on_a_hostile_string() -> None:
    hostile = ["Aa " + "a" * 60 + "1", "a" * 63 + "@", "/" * 64, "a." * 32 + "!", "A" * 64]
    words = load_words()
    for item in (*words.personal, *words.telling):
        assert not any(re.fullmatch(item.pattern, text) for text in hostile)


def test_personal_things_are_told() -> None:
    assert tell_personal("mail to jo.doe@example.org now") == "an e-mail address"
    assert tell_personal("C:\\Users\\jo\\x.pdb") == "the home of a user"
    assert tell_personal("/home/jo/src/x.c") == "the home of a user"
    assert tell_personal("password=zork") == "perhaps a password"
    assert tell_personal("ZorkWorm.spreadOnce") == ""


SECRET = "Zm9vYmFyYmF6cXV4MTIz"


@pytest.mark.parametrize(
    "text",
    [
        "x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJqbyJ9.c2lnbmF0dXJl y",
        "id=AKIAQ7ZORK3EXAMPLE5X&x",
        "ASIAQ7ZORK3EXAMPLE5X",
        "ghp_Q7zork3exampleQ7zork3example5abcd",
        "gho_Q7zork3exampleQ7zork3example5abcd",
        "github_pat_11Q7zork3example_Q7zork3example",
        "xoxb-1234567890-zorkexample",
        "sk-Q7zork3exampleQ7zork3",
        *(f"{name}={SECRET}" for name in ("token", "PHPSESSID", "sid", "api_key", "X-Auth", "client_secret", "pass")),
        f'{{"session_token": "{SECRET}=="}}',
        f"$token = '{SECRET}'",
        f"token%3D{SECRET}%3D%3D",
        "sessid: 0123456789abcdef",
        "Authorization: Basic em9yazp6b3Jr",
    ],
)
def test_secrets_are_told_cut_out_and_hidden(text: str) -> None:
    assert tell_personal(text)
    ((start, end),) = find_secrets(text)
    assert end - start >= 8
    assert text[start:end] not in hide_secrets(text)
    assert "".join(cut_secrets(text)) == text[:start] + text[end:]


def test_what_only_looks_like_a_secret_stays() -> None:
    for text in ("key=../../../../etc/passwd", "token=1111111111111111", "sid=short", "a task-force of zork workers"):
        assert not find_secrets(text)
        assert hide_secrets(text) == text


def test_secrets_are_looked_for_in_bounded_time() -> None:
    for text in ("key" * 3000, "eyJ" * 3000, "sk-" * 3000, "token=" * 1500, "ghp_" * 2000):
        assert len(hide_secrets(text)) <= len(text) + 10
