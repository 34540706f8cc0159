"""Pictures of memory: the block, the elements where shape, strides and suboffsets put them, what is wrong."""
