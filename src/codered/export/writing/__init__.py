"""What every format shares: saying things, escaping them, laying them out. The formats are in reports/."""
