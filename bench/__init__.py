"""What `make bench` measures: figures for this machine, beside the aims; nothing is asserted."""
