"""Rules of other tools as a pack: a file a form. What can't be brought over is named, with the reason."""
