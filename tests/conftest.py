"""What holds for every test."""

import os

from hypothesis import settings

# In CI a change is judged by the same cases each time; everywhere else Hypothesis keeps looking for new ones.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")
