// Does an object of this interpreter answer every word as the reference exporter of the same memory does?
// A difference is counted as a reading of a contested rule, or under a page of spec/decisions, only where the whole
// answer is what that reading or page says.
#include <algorithm>
#include <cstring>

#include "bufspec/functions.hpp"
#include "bufspec/memoryview.hpp"
#include "bufspec/requests.hpp"
#include "bufspec/scenario.hpp"
#include "harness/adapters/cpython/runtime/functions.hpp"
#include "report.hpp"
#include "suites/engine/observe/poisoned_view.hpp"

namespace bufspec::cpython {

namespace {

struct Expected {
  Status status;
  Buffer view{};
};

struct Found {
  bool granted = false;
  Error error = Error::none;
  engine::PoisonedView held;

  [[nodiscard]] Py_buffer& view() noexcept { return py_buffer(held.view()); }
  [[nodiscard]] const Py_buffer& view() const noexcept { return py_buffer(held.view()); }
};

void ask(PyObject* object, int word, Found& found) {
  found.held.poison();
  found.granted = PyObject_GetBuffer(object, &found.view(), word) == 0;
  found.error = Error::none;
  PyObject* raised = PyErr_Occurred();
  if (raised == nullptr) return;
  if (raised == PyExc_BufferError) {  // by far the most common
    PyErr_Clear();
    found.error = Error::buffer_error;
  } else {
    found.error = take_exception().error;
  }
}

bool is_untouched(const void* pointer) noexcept {
  return reinterpret_cast<std::uintptr_t>(pointer) == engine::poison_word;
}

bool has_owed_array(const Py_ssize_t* found, const ssize* owed, int ndim) noexcept {
  if (found == nullptr || owed == nullptr) return found == owed;
  return !is_untouched(found) && std::equal(owed, owed + ndim, found);
}

bool has_owed_text(const char* found, const char* owed) noexcept {
  if (found == nullptr || owed == nullptr) return found == owed;
  return !is_untouched(found) && std::strcmp(found, owed) == 0;
}

// Whether every field that the rules speak of is as owed; `internal` is the exporter's own affair.
bool agrees(const Found& found, const Expected& owed, PyObject* object, const void* buf) noexcept {
  if (found.granted != owed.status.ok() || found.error != owed.status.error) return false;
  if (!found.held.canaries_intact()) return false;
  const Py_buffer& view = found.view();
  if (!found.granted) return view.obj == nullptr;
  return view.buf == buf && view.obj == object && view.len == owed.view.len && view.itemsize == owed.view.itemsize &&
         view.readonly == owed.view.readonly && view.ndim == owed.view.ndim &&
         has_owed_text(view.format, owed.view.format) && has_owed_array(view.shape, owed.view.shape, view.ndim) &&
         has_owed_array(view.strides, owed.view.strides, view.ndim) &&
         has_owed_array(view.suboffsets, owed.view.suboffsets, view.ndim);
}

std::string text_of(const ssize* array, int ndim) {
  if (array == nullptr) return "NULL";
  if (is_untouched(array)) return "untouched";
  std::string text = "(";
  for (int i = 0; i < ndim; ++i) text += (i == 0 ? "" : ", ") + std::to_string(array[i]);
  return text + ')';
}

// Of a Buffer or a Py_buffer.
template <typename Struct>
std::string text_of(const Struct& view, const void* buf) {
  return "ndim " + std::to_string(view.ndim) + ", shape " + text_of(view.shape, view.ndim) + ", strides " +
         text_of(view.strides, view.ndim) + ", suboffsets " + text_of(view.suboffsets, view.ndim) + ", format " +
         (view.format == nullptr      ? "NULL"
          : is_untouched(view.format) ? "untouched"
                                      : view.format) +
         ", readonly " + std::to_string(view.readonly) + ", len " + std::to_string(view.len) + ", itemsize " +
         std::to_string(view.itemsize) + (view.buf == buf ? "" : ", another buf");
}

// Asks one object all words.
class Interview {
 public:
  Interview(PyObject* object, Exporter& exporter, const Layout& layout, ComparisonReport& report)
      : object_(object), exporter_(exporter), layout_(layout), report_(report), buf_(exporter.buf()) {}

  // Where the object's memory begins, if it is not the exporter's.
  void set_buf(const void* buf) noexcept { buf_ = buf; }

  // `twin`, if it is not null, is a second object of the reference that must answer the same, word for word.
  void run(const char* what, const std::string& name, Object* twin = nullptr) {
    Found found;
    for (int word = 0; word < flag::word_count; ++word) {
      ask(object_, word, found);
      const Expected owed = answer_of(exporter_, word);
      if (!agrees(found, owed, object_, buf_) && !is_explained(word, found, owed)) report(name, word, found, owed);
      if (twin != nullptr) {
        const Expected same = answer_of(*twin, word);
        if (!agrees(found, same, object_, buf_) && !is_untouched_refusal(found, same) && !keeps_suboffsets(word, found))
          report(name + " (as the reference's)", word, found, same);
      }
      if (!found.granted) continue;
      PyBuffer_Release(&found.view());
      if (found.view().obj != nullptr)
        report_.disagree([&] { return describe(layout_) + ", " + name + ": expected obj NULL after the release"; });
    }
    report_.compared(what, flag::word_count);
    if (twin != nullptr) report_.compared("memoryview of the reference", flag::word_count);
  }

 private:
  // What an object of the reference answers; its arrays stay where they are after the release.
  static Expected answer_of(Object& asked, int word) noexcept {
    Expected owed;
    owed.status = asked.get_buffer(word, owed.view, Edition::current, this_runtime());
    if (!owed.status.ok()) return owed;
    Buffer copy = owed.view;
    release(copy);
    return owed;
  }

  void report(const std::string& name, int word, const Found& found, const Expected& owed) {
    report_.disagree([&] {
      std::string text = describe(layout_) + ", " + name + " asked " + flags_name(word) + ": expected ";
      text += owed.status.ok() ? text_of(owed.view, exporter_.buf()) : std::string(error_name(owed.status.error));
      text += "; found ";
      if (found.granted)
        text += text_of(found.view(), buf_) + (found.error == Error::none ? "" : ", and an exception");
      else
        text += std::string(error_name(found.error)) + (found.view().obj == nullptr ? "" : ", obj not NULL");
      return text + (found.held.canaries_intact() ? "" : ", and bytes around the struct");
    });
  }

  // Whether both refuse alike, but for an obj that was left as it was.
  static bool is_untouched_refusal(const Found& found, const Expected& owed) noexcept {
    return !found.granted && !owed.status.ok() && found.error == owed.status.error && found.held.canaries_intact() &&
           is_untouched(found.view().obj);
  }

  // The answer to `word` if the facts of the memory were these.
  [[nodiscard]] Expected answer_with(const MemoryFacts& facts, int word) const noexcept {
    const bool is_reserved = word == flag::READ || word == flag::WRITE;
    RequestAnswer answer =
        answer_to(is_reserved ? word : complete_flags(word), facts, Edition::current, this_runtime());
    if (answer.stray_bits) answer = answer_to(complete_flags(word), facts, Edition::current, this_runtime());
    Expected owed;
    if (answer.duty == Duty::must_refuse || answer.format_free) {
      owed.status = {answer.duty == Duty::must_refuse ? answer.error : Error::buffer_error, ""};
      return owed;
    }
    Layout& kept = const_cast<Layout&>(exporter_.layout());  // Buffer's arrays are not const; nobody writes to them
    owed.view.len = exporter_.length();
    owed.view.itemsize = kept.itemsize;
    owed.view.readonly = kept.readonly ? 1 : 0;
    owed.view.ndim = answer.ndim_free ? 1 : kept.ndim;
    owed.view.format = answer.format ? kept.format.data() : nullptr;
    owed.view.shape = answer.shape == Holds::array ? kept.shape.data() : nullptr;
    owed.view.strides = answer.strides == Holds::array ? kept.strides.data() : nullptr;
    if (answer.suboffsets == Holds::array) owed.view.suboffsets = const_cast<ssize*>(layout_.suboffsets.data());
    return owed;
  }

  [[nodiscard]] bool agrees_with(const MemoryFacts& facts, int word, const Found& found) const noexcept {
    return agrees(found, answer_with(facts, word), object_, buf_);
  }

  bool is_explained(int word, const Found& found, const Expected& owed) {
    if (is_untouched_refusal(found, owed)) {
      report_.contested(Rule::error_obj_null_on_failure);
      return true;
    }
    if (keeps_suboffsets(word, found)) return true;
    MemoryFacts facts = exporter_.facts();
    if (!facts.ambiguous_empty) return false;
    facts.ambiguous_empty = facts.c_contiguous = facts.f_contiguous = false;
    if (!agrees_with(facts, word, found)) return false;
    report_.contested(Rule::layout_contiguous_empty);
    return true;
  }

  // Whether suboffsets that are all negative were taken for an indirection, in the whole answer.
  bool keeps_suboffsets(int word, const Found& found) {
    MemoryFacts facts = exporter_.facts();
    if (!layout_.has_suboffsets || facts.indirect || facts.zero_dim) return false;
    facts.indirect = true;
    facts.c_contiguous = facts.f_contiguous = facts.ambiguous_empty = false;
    if (!agrees_with(facts, word, found)) return false;
    report_.decided(page::negative_suboffsets);
    return true;
  }

  PyObject* object_;
  Exporter& exporter_;
  const Layout& layout_;
  ComparisonReport& report_;
  const void* buf_;
};

}  // namespace

bool compare_memoryview(Exporter& exporter, const Layout& layout, ComparisonReport& report) {
  const Py_buffer view = struct_of(exporter, layout);
  const Ref memory_view(PyMemoryView_FromBuffer(&view));
  const Result<MemoryViewPointer> twin = MemoryView::from_buffer(buffer_of(view));
  if (!memory_view) return false;
  if (!twin.ok()) report.disagree([&] { return describe(layout) + ": the reference makes no memoryview of it"; });
  Interview(memory_view.get(), exporter, layout, report).run("memoryview", "memoryview", twin.value.get());
  // It refuses to be released while a request is still counted.
  const Ref released(PyObject_CallMethod(memory_view.get(), "release", nullptr));
  return static_cast<bool>(released);
}

void compare_object(PyObject* object, const std::string& name, const Layout& layout, ComparisonReport& report) {
  Exporter exporter;
  if (const Status status = exporter.build(layout); !status.ok()) {
    report.disagree([&] { return name + ": no memory of " + describe(layout) + ": " + status.reason; });
    return;
  }
  Found richest;
  ask(object, flag::FULL_RO, richest);
  if (!richest.granted) {
    report.disagree([&] { return name + " of " + describe(layout) + ": expected an answer to FULL_RO, found none"; });
    return;
  }
  Interview interview(object, exporter, layout, report);
  interview.set_buf(richest.view().buf);
  interview.run("testbuffer", name);
  PyBuffer_Release(&richest.view());
}

}  // namespace bufspec::cpython
