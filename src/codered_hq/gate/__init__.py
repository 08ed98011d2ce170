"""The gate that every changing action passes: rules in force, decisions, approvals, caps."""
