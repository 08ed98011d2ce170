"""Observations to findings, one file a way of judging. Nothing here opens or walks."""
