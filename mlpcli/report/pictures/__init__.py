"""Pictures: records of what is in them, which a terminal, an image file and a table of numbers take alike."""
