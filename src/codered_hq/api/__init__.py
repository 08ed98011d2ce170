"""The programs' door: ingest, hosts, findings, actions as REST."""
