"""Messages, rumours, lessons, reports."""
