"""Papers on A4, as the offices know them. A new paper is a row of table.py, a loader and a template."""
