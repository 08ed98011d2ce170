"""Packs for the engines that people already run: one pack's signs in each engine's own words.

To add a form: a file here with a `make_…(packs) -> Export`, and its line in `forms.FORMS`.
"""
