"""Captures: what went over the wire, from a file, as events. `opening.open_capture` is the door; two readers behind it
(libpcap where it is safe and there, our own for everything else) give the same events.
"""
