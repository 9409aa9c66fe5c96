"""村报: an offline desk for village returns. The rooms and their order are in ARCHITECTURE.md."""

__version__ = "0.1.0"

# Raised whenever the words on the pages of a return, or their order, become others: a reviewer draws the pages of a
# signed return anew and compares word for word only what was drawn by this very number. tests/paper/test_pages_version
# holds it.
PAGES = 1
TOOL = f"cunbao {__version__}, pages {PAGES}"  # what a header says drew its pages
