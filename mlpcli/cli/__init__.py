"""The command line: one file per command. A command reads, calls and shows; everything else is done elsewhere."""
