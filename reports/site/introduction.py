"""What does the introduction say that is in no table?  Words for fields, flags, classes and levels.

Each table of words is held against the tables of the protocol by the tests: nothing is left out.
"""

from __future__ import annotations

from attrs import frozen


@frozen
class Field:
    """A field of the struct: what it says, an example, and when it is filled in."""

    name: str
    text: str
    example: str
    owed: str = "always"


FIELDS = (
    Field("buf", "The address of the element with all indices 0, not always the lowest.", "0x7f10c2a0"),
    Field("obj", "The exporter: a reference that the release drops. NULL after a refusal.", "the matrix"),
    Field("len", "Bytes of all elements: product(shape) * itemsize, without gaps.", "24"),
    Field("itemsize", "Bytes of one element.", "4"),
    Field("readonly", "1 if the memory must not be written.", "0"),
    Field("ndim", "How many dimensions there are, at most 64.", "2"),
    Field("format", "What the bytes of an element mean; NULL means B.", '"i"', "with FORMAT"),
    Field("shape", "How many elements in each dimension.", "{2, 3}", "with ND"),
    Field("strides", "Bytes from an element to the next, in each dimension.", "{12, 4}", "with STRIDES"),
    Field("suboffsets", "Where pointers are followed.", "NULL", "with INDIRECT, if needed"),
    Field("internal", "The exporter's own: no consumer looks at it.", "?", "as it likes"),
)

FLAG_WORDS = {
    "SIMPLE": "give me len bytes in a row; I look at no shape",
    "WRITABLE": "I write; refuse if I must not",
    "FORMAT": "I look at format",
    "ND": "I look at shape, and assume C order",
    "STRIDES": "I look at strides, and follow them",
    "C_CONTIGUOUS": "only if it is contiguous in C order",
    "F_CONTIGUOUS": "only if it is contiguous in Fortran order",
    "ANY_CONTIGUOUS": "only if it is contiguous in one of the two orders",
    "INDIRECT": "I look at suboffsets, and follow pointers",
}

CLASS_WORDS = {
    "zero_dim": "no dimensions",
    "c_and_f": "contiguous in both orders",
    "c_only": "C order only",
    "f_only": "Fortran order only",
    "strided": "strided",
    "indirect": "with pointers",
    "empty_contiguous": "empty",
    "empty_strided": "empty, odd strides",
    "indirect_empty": "empty, with pointers",
}

CLASS_TEXTS = {
    "zero_dim": "One element. It is contiguous in every order.",
    "c_and_f": "One dimension without gaps, or at most one extent that is not 1: both orders are the same.",
    "c_only": "Several dimensions without gaps, the last index fastest.",
    "f_only": "Several dimensions without gaps, the first index fastest.",
    "strided": "Gaps, reversed dimensions, exchanged axes, or shared bytes: contiguous in no order.",
    "indirect": "Pointers are followed: contiguous in no order; only INDIRECT requests can be granted.",
    "empty_contiguous": "An extent of 0, and strides that are absent or those of a contiguous block.",
    "empty_strided": "An extent of 0 and other strides: whether that is contiguous is ambiguous (AMB-16).",
    "indirect_empty": "An extent of 0 and suboffsets: there is no pointer to follow.",
}

LEVELS = {
    "required": "MUST and MUST NOT. A break is a defect of the subject.",
    "recommended": "SHOULD: a break is reported, and does not make a subject fail.",
    "contested": "The documents are ambiguous. Each interpretation is listed; anything else is a break.",
    "informative": "Definitions, permissions and undefined behaviour: never judged.",
}

HOLDS = {
    "array": "array",
    "null": "NULL",
    "text": "text",
    "any": "anything",
    "0": "0",
    "of_memory": "as the memory is",
}
"""What a cell of the table of fields owed says."""

ABOUT = {
    "reserved": "Words with an answer of their own, whatever the memory is.",
    "refusals": "If any of these rows applies, the request must be refused.",
    "contested": "If one of these rows applies, the documents leave the answer ambiguous.",
    "answers": "Otherwise: if the request is granted, each field holds what the first row for it says.",
    "canonical words, edition current": "The answer to each sensible word, by class of memory.",
    "flags": "A flag is requested when all of its bits are set.",
    "compounds": "Names for unions of flags.",
    "constants": "Made of the same bits, but not requests.",
    "orders": "The first character of a format may say the byte order and the sizes.",
    "codes": "What each code means, and how large it is.",
    "constructs": "What PEP 3118 adds around the codes.",
}
