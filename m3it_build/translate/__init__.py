"""Rows in other languages: which languages are good enough, what is translated, how the rows are written."""
