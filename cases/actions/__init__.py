"""The verbs of the lifecycle, one file for each thing that is done. Import them from their file."""
