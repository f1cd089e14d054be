"""The options of all commands: a file for each heading of the help, and in it the groups that commands are made of."""
