"""Fixtures every test may use. People and halls belong to the rooms that know them."""
