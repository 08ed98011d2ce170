"""The console in the browser: one room of pages each."""
