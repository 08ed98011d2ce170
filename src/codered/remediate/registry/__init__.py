"""The registry, changed: values and keys of hives on an offline volume, or of the running system."""
