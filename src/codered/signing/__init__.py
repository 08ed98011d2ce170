"""Ed25519 keys: making, keeping, signing, verifying. Beneath every room that signs."""
