"""A virtual enterprise on one machine, in network namespaces: subnets, switches, servers, and hosts with inert planted
things. `python -m lab up`, `lab.running.running` for tests; docs/lab.md tells it all.
"""
