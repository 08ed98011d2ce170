"""The configuration of IIS, of any version: what it publishes, runs and allows, and where its logs lie."""

from codered.collect.iis.collecting import collect_iis

__all__ = ["collect_iis"]
