"""Rules of engagement, evidence and its custody, packs."""
