"""Import, as one road: any file is read into rows, planned, and applied."""
