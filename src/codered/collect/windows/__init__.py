"""What a Windows system says of itself: which one it is, its settings, patches and what starts by itself."""
