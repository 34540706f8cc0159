// Does PyBuffer_FillInfo fill a struct, or refuse to, as the reference does?
#include <cstring>

#include "bufspec/functions.hpp"
#include "bufspec/scenario.hpp"
#include "report.hpp"
#include "suites/engine/observe/poisoned_view.hpp"

namespace bufspec::cpython {

namespace {

// Shape and strides lie in the struct itself, in the fields that hold these values.
bool same_fields(const Py_buffer& found, const Buffer& owed, bool has_owner, PyObject* owner) noexcept {
  const bool same_format = (found.format == nullptr) == (owed.format == nullptr) &&
                           (found.format == nullptr || std::strcmp(found.format, owed.format) == 0);
  return found.buf == owed.buf && found.obj == owner && (owed.obj != nullptr) == has_owner && found.len == owed.len &&
         found.itemsize == owed.itemsize && found.readonly == owed.readonly && found.ndim == owed.ndim && same_format &&
         found.shape == (owed.shape == nullptr ? nullptr : &found.len) &&
         found.strides == (owed.strides == nullptr ? nullptr : &found.itemsize) &&
         found.suboffsets == owed.suboffsets && found.internal == owed.internal;
}

struct Call {
  int word;
  bool readonly;
  Py_ssize_t len;
  PyObject* owner;
};

void compare_call(const Call& call, ComparisonReport& report) {
  static char memory[16];
  Exporter model;  // stands for the owner
  engine::PoisonedView held;
  Buffer owed{};
  report.compared("PyBuffer_FillInfo");
  const Status status = fill_info(&owed, call.owner != nullptr ? &model : nullptr, memory, call.len, call.readonly,
                                  call.word, Edition::current, this_runtime());
  const int returned =
      PyBuffer_FillInfo(&py_buffer(held.view()), call.owner, memory, call.len, call.readonly ? 1 : 0, call.word);
  const Raised raised = take_exception();
  const Py_buffer& found = py_buffer(held.view());
  bool same = raised.error == status.error && (returned == 0) == status.ok() && held.canaries_intact();
  if (same && status.ok()) same = same_fields(found, owed, call.owner != nullptr, call.owner);
  if (same && !status.ok() && found.obj != nullptr) {
    same = reinterpret_cast<std::uintptr_t>(found.obj) == engine::poison_word;
    if (same) report.contested(Rule::error_obj_null_on_failure);
  }
  if (!same)
    report.disagree([&] {
      return "PyBuffer_FillInfo of " + std::to_string(call.len) + (call.readonly ? " read-only" : " writable") +
             " bytes for " + flags_name(call.word) + ": expected " +
             (status.ok() ? "the fields of the reference" : std::string(error_name(status.error))) + ", found " +
             (raised.error == Error::none ? "other fields" : raised.name);
    });
  if (returned == 0) PyBuffer_Release(&py_buffer(held.view()));
}

}  // namespace

void compare_fill_info(ComparisonReport& report) {
  const Ref owner(PyList_New(0));
  for (int word = 0; word < flag::word_count; ++word)
    for (const bool readonly : {false, true})
      for (const Py_ssize_t len : {Py_ssize_t{0}, Py_ssize_t{10}})
        for (PyObject* object : {static_cast<PyObject*>(nullptr), owner.get()})
          compare_call({word, readonly, len, object}, report);

  report.compared("PyBuffer_FillInfo");
  char memory = 0;
  const Status status = fill_info(nullptr, nullptr, &memory, 1, false, 0, Edition::current, this_runtime());
  const int returned = PyBuffer_FillInfo(nullptr, nullptr, &memory, 1, 0, 0);
  const Raised raised = take_exception();
  if (raised.error != status.error || (returned == 0) != status.ok())
    report.disagree([&] { return "PyBuffer_FillInfo without a view: found " + raised.name; });
}

}  // namespace bufspec::cpython
