"""Where the API is, below api/v1/."""

from django.urls import path

from codered_hq.api.service import API

urlpatterns = [path("", API.urls)]
