"""Evidence in the forms of other tools: a STIX 2.1 bundle, a timeline as CSV."""
