"""ColdFusion: tags and cfscript."""
