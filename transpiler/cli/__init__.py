"""The command line: `tfjax-compile` and its subcommands."""
