"""Accounts, tokens, keys of agents, how the server fares."""
