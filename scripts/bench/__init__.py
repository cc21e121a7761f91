"""Speed and memory, as ratios against a peer in one run; never a timed test."""
