"""Keeping a containment in place: its record, who puts it back when somebody else flushes the firewall, its unit.

The keeper stays for hours on a host in trouble, so what it imports is small.
"""
