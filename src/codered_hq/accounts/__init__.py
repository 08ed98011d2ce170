"""Accounts of the console: who signs in, invitations, tokens and keys of programs."""
