"""The incident: declaring, roster, tasks, approvals, timeline."""
