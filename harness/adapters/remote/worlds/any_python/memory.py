"""Which memory does a layout describe, and can plain Python make a memoryview of it?

Element k in C order holds the eight little-endian bytes of k, cut off or repeated to the itemsize; where
elements share memory, the lower k stays.  Runs on Python 2.7 and later, and on MicroPython.
"""


class Skipped(Exception):
    """The subject cannot be tried that way; the argument is the reason."""


def reason_of(skipped):
    return skipped.args[0]


def element(k, itemsize):
    eight = [(k >> (8 * i)) & 255 for i in range(8)]
    return bytearray([eight[i % 8] for i in range(itemsize)])


def number_of(piece):
    """The number that an element holds; -1 for none below 1,000."""
    number = 0
    for i in range(min(len(piece), 2)):
        number |= piece[i] << (8 * i)
    return number if number < 1000 and element(number, len(piece)) == piece else -1


def numbers_in(data, itemsize):
    """The numbers of the elements that lie without gaps in some bytes."""
    data = bytearray(data)
    return [number_of(data[at : at + itemsize]) for at in range(0, len(data) - itemsize + 1, itemsize)]


def count_of(shape):
    count = 1
    for extent in shape:
        count *= extent
    return count


def c_strides(shape, itemsize):
    strides = []
    step = itemsize
    for extent in reversed(shape):
        strides.insert(0, step)
        step *= extent
    return strides


class Layout(object):
    """What the keys of a row of layouts.yaml say, with what is left out filled in."""

    def __init__(self, given):
        self.format = given.get("format", "B")
        self.itemsize = given.get("itemsize", 1)
        self.shape = list(given["shape"])
        self.ndim = len(self.shape)
        strides = given.get("strides")
        self.strides = c_strides(self.shape, self.itemsize) if strides is None else list(strides)
        self.suboffsets = given.get("suboffsets")
        self.readonly = given.get("readonly", False)
        self.count = count_of(self.shape)
        low, high = self.span()
        offset = given.get("offset")
        block = given.get("block")
        self.offset = -low if offset is None else offset
        # C-NP-4 asks for one item even in an empty memory.
        self.block = max(high - low, self.itemsize) if block is None else block

    def span(self):
        """Where the lowest element begins and the highest ends, from the element with all indices 0."""
        low = high = 0
        if self.count:
            for extent, stride in zip(self.shape, self.strides):
                reach = (extent - 1) * stride
                low += min(reach, 0)
                high += max(reach, 0)
        return low, high + self.itemsize

    def positions(self):
        """Where each element begins in the block, in C order."""
        found = [self.offset]
        for extent, stride in zip(self.shape, self.strides):
            found = [at + i * stride for at in found for i in range(extent)]
        return found

    def bytes(self):
        """The block, filled; of a memory without suboffsets."""
        if self.block > 1 << 24:
            raise Skipped("no memory of more than 16 MiB is made")
        block = bytearray(self.block)
        positions = self.positions()
        for k in range(len(positions) - 1, -1, -1):
            at = positions[k]
            block[at : at + self.itemsize] = element(k, self.itemsize)
        return block


def is_of_layout(view, layout):
    return (
        view.itemsize == layout.itemsize
        and view.format == layout.format
        and list(view.shape) == layout.shape
        and list(view.strides) == layout.strides
    )


def memoryview_of(layout):
    """A memoryview of such a memory, by cast and slices alone; Skipped where they lead to none."""
    if layout.suboffsets is not None:
        raise Skipped("no memory with suboffsets can be made in Python")
    view = None
    try:
        view = sliced_view(layout)
    except (AttributeError, TypeError, ValueError, NotImplementedError, IndexError):
        view = None
    if view is None or not is_of_layout(view, layout):
        raise Skipped("cast and slices lead to no memoryview of that layout")
    return view


def sliced_view(layout):
    block = layout.bytes()
    whole = memoryview(bytes(block) if layout.readonly else block)
    size = layout.itemsize

    def cast(begin, end, shape):
        part = whole[begin:end]
        if len(shape) == 1 and layout.format == "B":
            return part
        return part.cast(layout.format) if len(shape) == 1 else part.cast(layout.format, shape)

    if layout.strides == c_strides(layout.shape, size):
        return cast(layout.offset, layout.offset + layout.count * size, layout.shape)
    inner = layout.shape[1:]
    row = count_of(inner) * size
    step = layout.strides[0]
    if not layout.count or layout.strides[1:] != c_strides(inner, size) or step == 0 or step % row != 0:
        return None
    # Rows that lie without gaps, of which a slice takes each |step / row|-th.
    rows = (layout.shape[0] - 1) * abs(step) // row + 1
    begin = layout.offset - (rows - 1) * row if step < 0 else layout.offset
    return cast(begin, begin + rows * row, [rows] + inner)[:: step // row]
