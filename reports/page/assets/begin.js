// The script of the page.  It makes elements and texts, never markup from a text: whatever a record says is shown as it is.
"use strict";
