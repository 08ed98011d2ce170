"""Changing switches, routers and firewalls: each driver by the same verbs, and what undoes a change when nobody
does.
"""
