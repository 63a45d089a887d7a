"""Pictures as SVG text, by a small writer of our own: they need no library and no script."""
