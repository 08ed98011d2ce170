"""Known good: baselines as signed files, the contents kept for restoring, and how a system differs from them."""
