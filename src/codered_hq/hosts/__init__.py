"""Every machine, subnet and zone: who it is over time, whose it is, where it is plugged in."""
