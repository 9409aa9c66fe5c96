"""Packages: what is carried on a stick or through a drop box, written and read. Applies nothing; knows no SQL."""
