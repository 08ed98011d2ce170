"""The war room, subnets and their coverage."""
