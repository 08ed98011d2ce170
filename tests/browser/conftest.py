"""What the journeys in the browser share."""

from tests.fixtures.browsers import browser  # noqa: F401 - a fixture
