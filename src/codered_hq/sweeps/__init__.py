"""Sweeps of subnets, what each address answered, and coverage that is honest."""
