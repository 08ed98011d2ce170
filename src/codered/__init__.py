"""CodeRed Detection and Removal: the host tool."""

__version__ = "0.1.0"
