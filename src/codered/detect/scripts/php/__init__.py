"""PHP: from tokens to what a script does with what a visitor sends."""
