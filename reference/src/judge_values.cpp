// How does the judge put what a view holds into a finding?
#include <algorithm>

#include "judge_parts.hpp"

namespace bufspec::judging {

value::Integers integers_of(const ssize* values, int ndim) {
  return {{values, values + std::clamp(ndim, 0, max_ndim)}};
}

Value array_of(Pointer pointer, const Extents& values, int ndim) {
  if (pointer != Pointer::readable) return pointer;
  return integers_of(values.data(), ndim);
}

Value format_of(const View& view) {
  if (view.format != Pointer::readable) return view.format;
  return value::Text{std::string(view.format_text.text())};
}

}  // namespace bufspec::judging
