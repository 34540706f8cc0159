"""lxml: the result of a transformation.  Tried with its current version."""

from bufspec.declare import exporter
from lxml import etree

SHEET = (
    '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
    '<xsl:output method="text"/><xsl:template match="/">hello</xsl:template></xsl:stylesheet>'
)


def _result() -> object:
    return etree.XSLT(etree.XML(SHEET))(etree.XML("<b/>"))


exporter("lxml.xslt_result", expect=b"hello")(_result)
