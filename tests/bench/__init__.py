"""`make bench`: what Madang costs, beside bare apps of the same stack, in one run. Never a test that times."""
