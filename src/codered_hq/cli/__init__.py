"""Headquarters' words, one file a word."""
