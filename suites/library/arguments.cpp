// Cases about the argument codes.
#include <memory>

#include "bufspec/arguments.hpp"
#include "calls.hpp"

namespace bufspec::library {

namespace {

// The object that a case passes: a text, None, a number, or an exporter of a layout.
std::unique_ptr<Object> object_from(const Tree& value) {
  if (value.find("text") != nullptr) return std::make_unique<Text>(text_in(value, "text"));
  if (truth_in(value, "none", false)) return std::make_unique<Object>(ObjectKind::none);
  if (truth_in(value, "number", false)) return std::make_unique<Object>(ObjectKind::number);
  auto exporter = std::make_unique<Exporter>();
  build_memory(*exporter, layout_in(value));
  return exporter;
}

Tree parsed(const Tree& given, const Terms& terms) {
  const std::unique_ptr<Object> object = object_from(map_in(given, "object"));
  Buffer view{};
  const Status taken = parse_argument(text_in(given, "code"), *object, view, terms.runtime);
  if (!taken.ok()) {
    if (object->references() != 1) throw UnusableCase("a reference is left after a failure");
    return found_error(taken.error);
  }
  Found found;
  found.put("len", view.len)
      .put("readonly", view.readonly != 0)
      .put("obj_null", view.obj == nullptr)
      .put("buf_null", view.buf == nullptr);
  release(view);
  if (object->references() != 1) throw UnusableCase("a reference is left after the release");
  return found.value();
}

}  // namespace

void add_argument_calls(Calls& calls) { calls["parse_argument"] = parsed; }

}  // namespace bufspec::library
