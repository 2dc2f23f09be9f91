"""A plain rulebook as a file, to be spoilt in one place."""

import pytest

from tests.conftest import HERE

PLAIN = HERE / "rulebooks" / "plain.yaml"


@pytest.fixture(scope="session")
def plain_text() -> str:
    return PLAIN.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def spoil(plain_text):
    """`spoil(old, new)`: the file with the first `old` replaced, which must be there."""

    def do(old: str, new: str) -> str:
        assert old in plain_text
        return plain_text.replace(old, new, 1)

    return do
