"""Threat packs: YAML to `ThreatPack`, checked, compiled for the engine, and tested against their own examples."""
