"""村报: an offline desk for village returns. The rooms and their order are in ARCHITECTURE.md."""

__version__ = "0.1.0"
