"""An incident and its people: roster, tasks, decisions, messages, rumours, lessons."""
