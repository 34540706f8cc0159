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
  Tree found = parsed_argument(view);
  release(view);
  if (object->references() != 1) throw UnusableCase("a reference is left after the release");
  return found;
}

// An exporter whose type has no release slot, as bytes.
class WithoutRelease final : public Object {
 public:
  explicit WithoutRelease(Exporter& memory) noexcept : Object(ObjectKind::exporter), memory_(memory) {}
  [[nodiscard]] bool is_exporter() const noexcept override { return true; }
  [[nodiscard]] Status get_buffer(int word, Buffer& view, Edition edition, std::uint32_t runtime) noexcept override {
    return memory_.get_buffer(word, view, edition, runtime);
  }

 private:
  Exporter& memory_;
};

Tree borrowed(const Tree& given, const Terms& terms) {
  const Tree& described = map_in(given, "object");
  const std::unique_ptr<Object> object = object_from(described);
  Result<std::string_view> bytes;
  if (truth_in(described, "without_release", false)) {
    WithoutRelease plain(dynamic_cast<Exporter&>(*object));
    bytes = borrow_argument(text_in(given, "code"), plain, terms.runtime);
  } else {
    bytes = borrow_argument(text_in(given, "code"), *object, terms.runtime);
  }
  if (!bytes.ok()) return found_error(bytes.error);
  return Found()
      .put("len", static_cast<ssize>(bytes.value.size()))
      .put("buf_null", bytes.value.data() == nullptr)
      .value();
}

// Several in a row: what is held after the parser, and after the caller has released what it was given.
Tree parsed_in_a_row(const Tree& given, const Terms& terms) {
  const Tree* const codes = given.find("codes");
  const Tree* const described = given.find("objects");
  if (codes == nullptr || described == nullptr || codes->list.size() != described->list.size())
    throw UnusableCase("`codes` and `objects` are lists of one length");
  std::vector<std::unique_ptr<Object>> objects;
  std::vector<Object*> passed;
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < codes->list.size(); ++i) {
    objects.push_back(object_from(described->list[i]));
    passed.push_back(objects.back().get());
    names.emplace_back(codes->list[i].string);
  }
  const auto held = [&] {
    ssize exports = 0;
    for (const auto& one : objects)
      if (const auto* exporter = dynamic_cast<const Exporter*>(one.get())) exports += exporter->exports();
    return exports;
  };
  std::vector<Buffer> views(passed.size());
  const Status status = parse_arguments(names, passed, views, terms.runtime);
  Found found;
  if (!status.ok()) found.put("error", Tree::of(std::string(error_name(status.error))));
  found.put("held", held());
  if (status.ok())
    for (Buffer& view : views) release(view);
  return found.put("held_after", held()).value();
}

}  // namespace

void add_argument_calls(Calls& calls) {
  calls["parse_arguments"] = parsed_in_a_row;
  calls["borrow_argument"] = borrowed;
  calls["parse_argument"] = parsed;
}

}  // namespace bufspec::library
