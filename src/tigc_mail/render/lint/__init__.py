"""The checks of a rendered edition: what would reach readers in a bad state, and how to cure it."""
