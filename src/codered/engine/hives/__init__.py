"""What the transaction logs of a registry hive hold, laid over it: for reading hives and for changing them."""
