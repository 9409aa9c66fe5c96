"""The screens. Each takes a frozen view from a desk, shows it with the kit, and calls the desk's functions."""
