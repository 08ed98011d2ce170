"""Inventory files of other systems -> records. To add a form: a file here, and a line in forms.FORMS."""
