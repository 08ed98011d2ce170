"""Scripts for hosts that are too old or too closed to run this tool: what a plan or the packs say, each with its undo.

Nothing here changes a host: somebody copies the folder there, reads it, and runs it.
"""
