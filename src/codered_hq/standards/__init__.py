"""What happened, in the forms of standards: OCSF, syslog, STIX, CACAO."""
