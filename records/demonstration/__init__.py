"""A quarter of two halls, played by the real actions under a moved clock. Nothing here writes a row of its own."""
