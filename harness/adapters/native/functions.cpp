#include "functions.hpp"

#include <array>

#include "buffer.hpp"
#include "bufspec/requests.hpp"
#include "calls.hpp"

namespace bufspec::native {

namespace {

std::array<std::span<const NativeCall>, 4> all_calls() noexcept {
  return {function_calls(), argument_calls(), memoryview_calls(), value_calls()};
}

const NativeCall* call_named(std::string_view name) noexcept {
  for (const auto calls : all_calls())
    for (const NativeCall& call : calls)
      if (call.name == name) return &call;
  return nullptr;
}

}  // namespace

TableValue taken_error(const bufspec_functions& functions) { return found_error(error_from(functions.exception())); }

Layout line_of_four() {
  Layout layout;
  layout.shape[0] = 4;
  layout.has_strides = false;
  layout.block = 4;
  return layout;
}

bufspec_buffer struct_of(Exporter& memory, const Layout& layout) {
  bufspec_buffer view{};
  Layout& kept = const_cast<Layout&>(memory.layout());  // the arrays of a struct are not const; nobody writes to them
  view.buf = memory.buf();
  view.len = memory.length();
  view.itemsize = kept.itemsize;
  view.readonly = kept.readonly ? 1 : 0;
  view.ndim = kept.ndim;
  view.format = kept.format.data();
  if (kept.ndim > 0) {
    view.shape = kept.shape.data();
    view.strides = layout.has_strides ? kept.strides.data() : nullptr;
    view.suboffsets = layout.has_suboffsets ? const_cast<ssize*>(layout.suboffsets.data()) : nullptr;
  }
  return view;
}

unsigned NativeFunctions::observes() const noexcept {
  using namespace observation;
  return structure | references | exception | memory | requests | result;
}

std::uint32_t NativeFunctions::runtime() const noexcept {
  return functions_.runtime != 0 ? functions_.runtime : latest_runtime;
}

engine::CallAnswer NativeFunctions::call(std::string_view name, const Tree& given, Edition) {
  const NativeCall* const call = call_named(name);
  if (call == nullptr || !call->is_offered(functions_))
    return engine::CallAnswer::none("the library has no such function");
  static_cast<void>(functions_.exception());
  Tree found = call->answer(functions_, given);
  // What was answered says that nothing failed: an error that is set all the same is the answer.
  const Error left = error_from(functions_.exception());
  if (left != Error::none && found.find("error") == nullptr) found = found_error(left);
  return engine::CallAnswer::of(std::move(found));
}

std::vector<std::string> NativeFunctions::offered(const bufspec_functions& functions) {
  std::vector<std::string> names;
  for (const auto calls : all_calls())
    for (const NativeCall& call : calls)
      if (call.is_offered(functions)) names.emplace_back(call.name);
  return names;
}

}  // namespace bufspec::native
