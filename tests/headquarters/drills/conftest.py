"""Every test of drills may use the small one."""

from tests.fixtures.drill_desk import drill  # noqa: F401
