"""The nouns: frozen msgspec structs that every room speaks in. Nothing here opens, reads or changes anything."""
