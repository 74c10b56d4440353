"""What each method is worth."""
