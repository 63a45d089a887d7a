"""Reading what devices leave behind: sml.log and `show license`, to an answer (S17, S18, D1-D9)."""
