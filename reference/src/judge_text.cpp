// How are fields and their values spelled in what the judge expects and finds?
#include <array>
#include <utility>

#include "judge_parts.hpp"

namespace bufspec::judging {

std::string names_of_fields(unsigned fields) {
  constexpr std::array names{std::pair{field_bit::buf, "buf"},           std::pair{field_bit::obj, "obj"},
                             std::pair{field_bit::len, "len"},           std::pair{field_bit::itemsize, "itemsize"},
                             std::pair{field_bit::readonly, "readonly"}, std::pair{field_bit::ndim, "ndim"},
                             std::pair{field_bit::format, "format"},     std::pair{field_bit::shape, "shape"},
                             std::pair{field_bit::strides, "strides"},   std::pair{field_bit::suboffsets, "suboffsets"},
                             std::pair{field_bit::internal, "internal"}};
  std::string text;
  for (const auto& [bit, name] : names)
    if ((fields & bit) != 0) text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}

std::string text_of(Pointer pointer, std::string_view field) {
  switch (pointer) {
    case Pointer::null:
      return std::string(field) + " NULL";
    case Pointer::readable:
      return std::string(field) + " not NULL";
    case Pointer::untouched:
      return std::string(field) + " was not written";
    case Pointer::unreadable:
      return std::string(field) + " points at memory that cannot be read";
  }
  return {};
}

std::string text_of(const ssize* values, int ndim) {
  std::string text = "(";
  for (int i = 0; i < ndim && i < max_ndim; ++i) text += (i > 0 ? ", " : "") + std::to_string(values[i]);
  return text + (ndim == 1 ? ",)" : ")");
}

}  // namespace bufspec::judging
