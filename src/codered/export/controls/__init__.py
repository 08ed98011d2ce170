"""Suggested controls for devices of the network and for Windows hosts, as text with the way back beside it.

Nothing here changes a device: a person reads the text and enters it.
"""
