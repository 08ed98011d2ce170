"""Names and places from the network: node status, reverse DNS, multicast names, switch tables by SNMP."""
