// A sequence of operations on memoryviews of one memory, as the interpreter answers each.
#include <array>
#include <optional>

#include "harness/adapters/cpython/runtime/calls/calls.hpp"
#include "views.hpp"

namespace bufspec::cpython {

namespace {

constexpr std::size_t most_views = 8;

std::string key_of(std::size_t step) { return (step < 10 ? "step_0" : "step_") + std::to_string(step); }

class Views {
 public:
  explicit Views(Ref first) { views_[0] = std::move(first); }
  ~Views() {
    for (auto& held : exports_)
      for (Py_buffer& one : held) PyBuffer_Release(&one);
  }
  Views(const Views&) = delete;
  Views& operator=(const Views&) = delete;

  TableValue answer(const TableValue& step) {
    const std::string& what = text_in(step, "do");
    const std::size_t of = number_of_view(step, "of");
    PyObject* const view = view_in(step, "of");
    if (what == "slice") return keep(step, Ref(PyObject_GetItem(view, slice_in(step).get())));
    if (what == "cast") return keep(step, cast(view, step));
    if (what == "toreadonly") return keep(step, Ref(PyObject_CallMethod(view, "toreadonly", nullptr)));
    if (what == "item") return item(view, step);
    if (what == "assign_item") return assign_item(view, step);
    if (what == "assign_slice") return done(PyObject_SetItem(view, slice_in(step).get(), view_in(step, "from")) == 0);
    if (what == "tobytes") return tobytes(view, step);
    if (what == "tolist") return tolist(view);
    if (what == "hash") return hash(view, of);
    if (what == "equal") return equal(view, view_in(step, "with"));
    if (what == "size") return size_of(view);
    if (what == "release") return done(static_cast<bool>(Ref(PyObject_CallMethod(view, "release", nullptr))));
    if (what == "acquire") return acquire(view, of, step);
    if (what == "let_go") return let_go(of);
    throw UnusableCase("no operation " + what);
  }

 private:
  [[nodiscard]] static std::size_t number_of_view(const TableValue& step, const char* key) {
    const std::int64_t number = number_in(step, key);
    if (number < 0 || number >= static_cast<std::int64_t>(most_views)) throw UnusableCase("no view of that number");
    return static_cast<std::size_t>(number);
  }
  [[nodiscard]] PyObject* view_in(const TableValue& step, const char* key) const {
    const Ref& view = views_[number_of_view(step, key)];
    if (!view) throw UnusableCase("no view of that number was made");
    return view.get();
  }

  static TableValue done(bool is_done) { return is_done ? TableValue::empty_map() : raised_error(); }

  TableValue keep(const TableValue& step, Ref made) {
    if (!made) return raised_error();
    const std::size_t to = number_of_view(step, "to");
    views_[to] = std::move(made);
    PyObject* const view = views_[to].get();
    return Found()
        .put("shape", numbers_of(view, "shape"))
        .put("strides", numbers_of(view, "strides"))
        .put("format", text_of(view, "format"))
        .put("readonly", truth_of(view, "readonly"))
        .value();
  }

  static Ref cast(PyObject* view, const TableValue& step) {
    const std::string& format = text_in(step, "format");
    if (step.find("shape") == nullptr) return Ref(PyObject_CallMethod(view, "cast", "s", format.c_str()));
    return Ref(PyObject_CallMethod(view, "cast", "sO", format.c_str(), tuple_of(numbers_in(step, "shape")).get()));
  }

  // Of a released view nothing is known, and no value of its can be had.
  static ElementValues values_of(PyObject* view) {
    const Ref format = attribute(view, "format");
    if (!format) PyErr_Clear();
    return format ? ElementValues(text_from(format.get()), static_cast<ssize>(number_of(view, "itemsize")))
                  : ElementValues("B", 1);
  }

  static TableValue item(PyObject* view, const TableValue& step) {
    const Ref value(PyObject_GetItem(view, index_of(numbers_in(step, "index")).get()));
    if (!value) return raised_error();
    const ssize number = values_of(view).number(value.get());
    return number == -2 ? raised_error() : Found().put("element", number).value();
  }

  static TableValue assign_item(PyObject* view, const TableValue& step) {
    // Of a released view no format is known, and the value does not matter.
    Ref value = values_of(view).value(static_cast<ssize>(number_in(step, "number")));
    if (!value) {
      PyErr_Clear();
      value = Ref(PyLong_FromLong(0));
    }
    return done(PyObject_SetItem(view, index_of(numbers_in(step, "index")).get(), value.get()) == 0);
  }

  static TableValue tobytes(PyObject* view, const TableValue& step) {
    const Ref bytes(PyObject_CallMethod(view, "tobytes", "s", text_in(step, "order").c_str()));
    if (!bytes) return raised_error();
    return Found()
        .put("elements", elements_of_bytes(bytes.get(), static_cast<ssize>(number_of(view, "itemsize"))))
        .value();
  }

  static TableValue tolist(PyObject* view) {
    const Ref list(PyObject_CallMethod(view, "tolist", nullptr));
    if (!list) return raised_error();
    TableValue found;
    if (!values_of(view).numbers(list.get(), found)) return raised_error();
    return Found().put("elements", std::move(found)).value();
  }

  // A view keeps the hash that it had first, whatever becomes of the memory.
  TableValue hash(PyObject* view, std::size_t of) {
    const Py_hash_t found = PyObject_Hash(view);
    if (found == -1) return raised_error();
    if (!hashes_[of]) {
      const Ref bytes(PyObject_CallMethod(view, "tobytes", nullptr));
      if (!bytes) return raised_error();
      hashes_[of] = PyObject_Hash(bytes.get());
    }
    return Found().put("of_bytes", found == *hashes_[of]).value();
  }

  static TableValue equal(PyObject* left, PyObject* right) {
    const Ref compared(PyObject_RichCompare(left, right, Py_EQ));  // not the same for being one object
    const int same = compared ? PyObject_IsTrue(compared.get()) : -1;
    return same < 0 ? raised_error() : Found().put("result", same).value();
  }

  TableValue acquire(PyObject* view, std::size_t of, const TableValue& step) {
    Py_buffer buffer{};
    if (PyObject_GetBuffer(view, &buffer, static_cast<int>(number_in(step, "flags"))) != 0) return raised_error();
    exports_[of].push_back(buffer);
    return Found().put("len", ssize{buffer.len}).put("readonly", buffer.readonly != 0).put("ndim", buffer.ndim).value();
  }

  TableValue let_go(std::size_t of) {
    if (exports_[of].empty()) throw UnusableCase("no buffer of that view is held");
    PyBuffer_Release(&exports_[of].back());
    exports_[of].pop_back();
    return TableValue::empty_map();
  }

  std::array<Ref, most_views> views_;
  std::array<std::vector<Py_buffer>, most_views> exports_;
  std::array<std::optional<Py_hash_t>, most_views> hashes_;
};

TableValue sequence(const TableValue& given) {
  Ref first = memoryview_of(map_in(given, "memory"));
  if (!first) return raised_error();
  Views views(std::move(first));
  TableValue found = TableValue::empty_map();
  const TableValue* const steps = given.find("steps");
  if (steps == nullptr || !steps->is_list()) throw UnusableCase("'steps' of `given` must be a list");
  for (std::size_t i = 0; i < steps->list.size(); ++i) found.map.emplace_back(key_of(i), views.answer(steps->list[i]));
  return found;
}

constexpr CaseCall calls[]{{"memoryview_sequence", sequence}};

}  // namespace

std::span<const CaseCall> sequence_calls() noexcept { return calls; }

}  // namespace bufspec::cpython
