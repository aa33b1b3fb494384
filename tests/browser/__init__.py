"""What needs a browser: accessibility, directions and pictures of the shipped messages."""
