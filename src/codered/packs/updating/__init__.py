"""Signed packs by TUF: sources, the sets that are installed, publishing."""
