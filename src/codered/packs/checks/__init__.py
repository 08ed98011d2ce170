"""The checks of packs, a file a subject. `packs/linting.py` lists them."""
