#include "cases.hpp"

namespace bufspec::oracle {

std::vector<ssize> values_of(const ssize* values, int count) {
  if (values == nullptr) return {};
  return {values, values + count};
}

FullView::FullView(Object& object, bool writable) {
  const Status granted = get_buffer(object, view, writable ? flag::FULL : flag::FULL_RO);
  if (!granted.ok()) throw UnusableCase(std::string("refused: ") + granted.reason);
}

}  // namespace bufspec::oracle
