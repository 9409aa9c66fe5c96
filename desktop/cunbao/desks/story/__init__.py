"""The sample round, told through the same use cases as the screens."""
