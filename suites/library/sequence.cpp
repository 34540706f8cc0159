// A sequence of operations on memoryviews of one memory, and what the reference's own memoryview answers to each: the model for
// the memoryview of a runtime.
#include <array>

#include "views.hpp"

namespace bufspec::library {

namespace {

constexpr std::size_t most_views = 8;

std::string key_of(std::size_t step) { return (step < 10 ? "step_0" : "step_") + std::to_string(step); }

Tree done(const Status& status) { return status.ok() ? Tree::empty_map() : found_error(status.error); }

class Views {
 public:
  Views(const Tree& given, const Terms& terms) : terms_(terms), first_(given) { views_[0] = std::move(first_.view); }
  ~Views() {
    for (auto& held : exports_)
      for (Buffer& one : held) release(one);
  }
  Views(const Views&) = delete;
  Views& operator=(const Views&) = delete;

  Tree answer(const Tree& step) {
    const std::string& what = text_in(step, "do");
    MemoryView& view = view_in(step, "of");
    if (what == "slice") return keep(step, view.slice(slice_in(step)));
    if (what == "cast") {
      const std::string& format = text_in(step, "format");
      return keep(step,
                  step.find("shape") != nullptr ? view.cast(format, numbers_in(step, "shape")) : view.cast(format));
    }
    if (what == "toreadonly") return keep(step, view.to_readonly());
    if (what == "item") return item(view, step);
    if (what == "assign_item")
      return done(
          assign_item(view, numbers_in(step, "index"), static_cast<ssize>(number_in(step, "number")), terms_.runtime));
    if (what == "assign_slice") return done(assign_slice(view, slice_in(step), view_in(step, "from"), terms_.runtime));
    if (what == "tobytes") return tobytes(view, step);
    if (what == "tolist") return tolist(view);
    if (what == "hash") return hash(view, number_of_view(step, "of"));
    if (what == "equal")
      return Found().put("result", view.equals(view_in(step, "with"), terms_.runtime) ? 1 : 0).value();
    if (what == "size") return size_of(view, terms_);
    if (what == "release") return done(view.release());
    if (what == "acquire") return acquire(view, step);
    if (what == "let_go") return let_go(step);
    throw UnusableCase("no operation " + what);
  }

 private:
  std::size_t number_of_view(const Tree& step, const char* key) const {
    const std::int64_t number = number_in(step, key);
    if (number < 0 || number >= static_cast<std::int64_t>(most_views)) throw UnusableCase("no view of that number");
    return static_cast<std::size_t>(number);
  }
  MemoryView& view_in(const Tree& step, const char* key) {
    MemoryViewPointer& view = views_[number_of_view(step, key)];
    if (view == nullptr) throw UnusableCase("no view of that number was made");
    return *view;
  }

  Tree keep(const Tree& step, Result<MemoryViewPointer> made) {
    if (!made.ok()) return found_error(made.error);
    const std::size_t to = number_of_view(step, "to");
    if (views_[to] != nullptr) throw UnusableCase("a view of that number is there already");
    views_[to] = std::move(made.value);
    return Found()
        .put("shape", std::vector<ssize>(views_[to]->shape().begin(), views_[to]->shape().end()))
        .put("strides", std::vector<ssize>(views_[to]->strides().begin(), views_[to]->strides().end()))
        .put("format", Tree::of(std::string(views_[to]->format())))
        .put("readonly", views_[to]->readonly())
        .value();
  }

  Tree item(const MemoryView& view, const Tree& step) const {
    const auto place = view.item(numbers_in(step, "index"), terms_.runtime);
    if (!place.ok()) return found_error(place.error);
    const std::string_view element{place.value, static_cast<std::size_t>(view.buffer().itemsize)};
    return Found().put("element", element_numbers(element, view.buffer().itemsize).front()).value();
  }

  static Tree tobytes(const MemoryView& view, const Tree& step) {
    const auto bytes = view.tobytes(order_in(step));
    if (!bytes.ok()) return found_error(bytes.error);
    return Found()
        .put("elements", element_numbers({bytes.value.data(), bytes.value.size()}, view.buffer().itemsize))
        .value();
  }

  // A view keeps the hash that it had first, also when it is released: it may be a key by then.
  Tree hash(const MemoryView& view, std::size_t number) {
    const Status status = hashed_[number] ? Status{} : view.hashable();
    if (!status.ok()) return found_error(status.error);
    hashed_[number] = true;
    return Found().put("of_bytes", true).value();
  }

  [[nodiscard]] Tree tolist(const MemoryView& view) const { return list_in(view, terms_.runtime); }

  Tree acquire(MemoryView& view, const Tree& step) {
    const std::size_t number = number_of_view(step, "of");
    Buffer buffer{};
    const Status status =
        get_buffer(view, buffer, static_cast<int>(number_in(step, "flags")), terms_.edition, terms_.runtime);
    if (!status.ok()) return found_error(status.error);
    exports_[number].push_back(buffer);
    return Found().put("len", buffer.len).put("readonly", buffer.readonly != 0).put("ndim", buffer.ndim).value();
  }

  // The last of the buffers that a view has handed out.
  Tree let_go(const Tree& step) {
    auto& held = exports_[number_of_view(step, "of")];
    if (held.empty()) throw UnusableCase("no buffer of that view is held");
    release(held.back());
    held.pop_back();
    return Tree::empty_map();
  }

  Terms terms_;
  Viewed first_;
  std::array<MemoryViewPointer, most_views> views_;
  std::array<std::vector<Buffer>, most_views> exports_;
  std::array<bool, most_views> hashed_{};
};

Tree sequence(const Tree& given, const Terms& terms) {
  Views views(map_in(given, "memory"), terms);
  Tree found = Tree::empty_map();
  const Tree* const steps = given.find("steps");
  if (steps == nullptr || !steps->is_list()) throw UnusableCase("'steps' of `given` must be a list");
  for (std::size_t i = 0; i < steps->list.size(); ++i) found.map.emplace_back(key_of(i), views.answer(steps->list[i]));
  return found;
}

}  // namespace

void add_sequence_calls(Calls& calls) { calls["memoryview_sequence"] = sequence; }

}  // namespace bufspec::library
