"""Messages to people: mail, webhooks, chat."""
