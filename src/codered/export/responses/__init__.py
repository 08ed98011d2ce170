"""A response, a verification and a decision sheet for people: as text, and as one page of it all."""
