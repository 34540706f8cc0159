// Does PyBuffer_SizeFromFormat find the size, or the error, that the reference finds?
// Formats are made from the rows of the format table; a text with a NUL cannot be passed to the function.
#include "bufspec/format.hpp"
#include "report.hpp"

namespace bufspec::cpython {

namespace {

// Texts that codes, orders and counts do not make: where structure, names, space and signs stand, and sizes at the edge.
constexpr const char* other_texts[]{
    "",
    " ",
    "\t\n i\v\f\r ",
    "i i",
    "2 i",
    "i2",
    "2",
    "-1i",
    "+1i",
    "1.0i",
    "@",
    "<",
    "@@i",
    "<<i",
    "@ i",
    " @i",
    "i@i",
    ">i<i",
    "T{i}",
    "T{i:a:}",
    "i:a:",
    "(2)i",
    "(2,3)i",
    "&i",
    "X{}",
    "X{i}i",
    "3t",
    "Zf",
    "Zd",
    "Zg",
    "^i",
    "^bi",
    "}",
    "{",
    ":",
    "0",
    "00",
    "0x1i",
    "i,i",
    "\xc3\xa9",
    "i\xc3\xa9",
    "\xe2\x82\xac",
    "\xff",
    "i\xff",
    "9223372036854775807x",
    "9223372036854775808x",
    "9223372036854775807h",
    "4611686018427387903h",
    "4611686018427387904h",
    "1152921504606846975d",
    "1152921504606846976d",
    "9223372036854775807s",
    "9223372036854775807xx",
    "9223372036854775800x0q",
    "9223372036854775807x0q",
    "b9223372036854775807x",
    "99999999999999999999999i",
    "00000000000000000000000001i",
    "0s",
    "0p",
    "0si",
    "b0s0i",
    "c?c",
    "3p2s",
    "xi",
    "x0i",
    "b0q",
    "<b0q",
    "0qb",
    "hhl",
    "hl0h",
    "?d?",
    "!hd",
    "=hd",
    "b e",
    "nN",
    "<n",
    "=P",
    ">N",
    "@nNP",
};

void compare_format(const std::string& text, ComparisonReport& report) {
  report.compared("PyBuffer_SizeFromFormat");
  const Result<ssize> expected = size_from_format(text, this_runtime());
  const Py_ssize_t found = PyBuffer_SizeFromFormat(text.c_str());
  const Raised raised = take_exception();
  if (expected.ok() ? found == expected.value && raised.error == Error::none
                    : found == -1 && is_a(raised.error, expected.error))
    return;
  report.disagree([&] {
    return "PyBuffer_SizeFromFormat of \"" + text + "\": expected " +
           (expected.ok() ? std::to_string(expected.value) : std::string(error_name(expected.error))) + ", found " +
           (raised.error == Error::none ? std::to_string(found) : raised.name);
  });
}

}  // namespace

void compare_formats(const Tables& tables, ComparisonReport& report) {
  for (const char* text : other_texts) compare_format(text, report);

  std::vector<std::string> orders{""};
  for (const FormatOrderRow& row : tables.orders) orders.push_back(row.prefix);
  for (const std::string& order : orders) {
    for (const FormatCodeRow& first : tables.codes) {
      for (const char* count : {"", "0", "1", "2", "3", "7", "010", "65536", "1152921504606846976"})
        compare_format(order + count + first.code, report);
      for (const FormatCodeRow& second : tables.codes)
        for (const char* before : {"", "0", "3"})
          for (const char* between : {"", "0", "2", " "})
            compare_format(order + before + first.code + between + second.code, report);
    }
  }
}

}  // namespace bufspec::cpython
