#include "reference.hpp"

#include "calls.hpp"

namespace bufspec::library {

namespace {

const Calls& all_calls() {
  static const Calls calls = [] {
    Calls made;
    add_value_calls(made);
    add_function_calls(made);
    add_memoryview_calls(made);
    add_argument_calls(made);
    add_sequence_calls(made);
    return made;
  }();
  return calls;
}

}  // namespace

unsigned ReferenceLibrary::observes() const noexcept {
  using namespace observation;
  return structure | references | exception | memory | requests | result;
}

engine::CallAnswer ReferenceLibrary::call(std::string_view name, const Tree& given, Edition edition) {
  const auto found = all_calls().find(name);
  if (found == all_calls().end()) return engine::CallAnswer::none("the reference has no such function");
  return engine::CallAnswer::of(found->second(given, {edition, runtime_}));
}

std::vector<std::string> ReferenceLibrary::names() {
  std::vector<std::string> made;
  for (const auto& [name, call] : all_calls()) made.push_back(name);
  return made;
}

std::vector<ssize> values_of(const ssize* values, int count) {
  if (values == nullptr) return {};
  return {values, values + count};
}

FullView::FullView(Object& object, bool writable) {
  const Status granted = get_buffer(object, view, writable ? flag::FULL : flag::FULL_RO);
  if (!granted.ok()) throw UnusableCase(std::string("refused: ") + granted.reason);
}

}  // namespace bufspec::library
