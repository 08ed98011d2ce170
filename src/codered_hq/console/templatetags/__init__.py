"""Words that the console's templates use."""
