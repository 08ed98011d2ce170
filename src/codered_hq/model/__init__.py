"""The nouns of headquarters (msgspec structs, frozen); no Django."""
