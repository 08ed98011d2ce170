"""The rescue medium: a small Linux that carries this tool, cleans a volume by an approved plan, and powers off."""
