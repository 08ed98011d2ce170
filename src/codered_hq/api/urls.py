"""Where the API is, below api/v1/."""

from codered_hq.api.service import list_patterns

urlpatterns = list_patterns()
