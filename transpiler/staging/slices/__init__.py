"""The two slices once all is evaluated: dead code, values used twice, generators out of reach."""
