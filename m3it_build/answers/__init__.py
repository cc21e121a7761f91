"""Short answers to sentences: what a chat model is asked, what of its answers is used, what stands in for one."""
