"""The use cases in the users' words. What a button or a command does is one call here. No Qt."""
