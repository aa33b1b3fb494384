"""Where people meet it: settings, the workspace, the command line."""
