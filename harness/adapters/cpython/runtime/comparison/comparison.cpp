#include "comparison.hpp"

#include "harness/adapters/cpython/binding/loaded_tables.hpp"
#include "harness/adapters/cpython/binding/runs.hpp"
#include "report.hpp"
#include "suites/support/layout_sweep.hpp"

namespace bufspec::cpython {

namespace {

// Compares layout by layout with one exporter for all; after a failure it lets the rest pass by.
class SweepComparison {
 public:
  explicit SweepComparison(ComparisonReport& report) : report_(report) {}

  void compare(const Layout& layout) {
    if (failed_) return;
    if (++seen_ % layouts_between_signals == 0 && PyErr_CheckSignals() != 0) {
      failed_ = true;
      return;
    }
    if (const Status status = exporter_.build(layout); !status.ok()) {
      raise_error(status.error, status.reason);
      failed_ = true;
      return;
    }
    report_.layout();
    compare_geometry(exporter_, layout, report_);
    failed_ = !compare_memoryview(exporter_, layout, report_) || !copies_.compare(exporter_, layout, report_);
  }

  // Whether something failed; the exception is then set.
  [[nodiscard]] bool failed() const noexcept { return failed_; }

 private:
  static constexpr std::size_t layouts_between_signals = 256;

  ComparisonReport& report_;
  Exporter exporter_;
  CopyComparison copies_;
  std::size_t seen_ = 0;
  bool failed_ = false;
};

// `objects` is a list of (name of a layout, object).
bool compare_objects(PyObject* objects, ComparisonReport& report) {
  const Py_ssize_t size = PySequence_Size(objects);
  if (size < 0) return false;
  for (Py_ssize_t i = 0; i < size; ++i) {
    const Ref entry(PySequence_GetItem(objects, i));
    const char* name = nullptr;
    PyObject* object = nullptr;
    if (!entry || !PyTuple_Check(entry.get())) {
      if (PyErr_Occurred() == nullptr) PyErr_SetString(PyExc_TypeError, "testbuffer holds (name of a layout, object)");
      return false;
    }
    if (PyArg_ParseTuple(entry.get(), "sO:testbuffer", &name, &object) == 0) return false;
    const LayoutRow* row = tables().layout(name);
    if (row == nullptr) {
      PyErr_Format(PyExc_ValueError, "no layout is called '%s'", name);
      return false;
    }
    compare_object(object, std::string("object of ") + name, row->layout, report);
  }
  return true;
}

}  // namespace

PyObject* compare_with_cpython(PyObject*, PyObject* arguments, PyObject* keywords) {
  static const char* names[] = {"bound", "testbuffer", nullptr};
  const char* bound = nullptr;
  PyObject* objects = Py_None;
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "s|$O:compare_with_cpython", const_cast<char**>(names), &bound,
                                  &objects) == 0 ||
      !require_tables())
    return nullptr;
  const SweepRow* sweep = tables().sweep(bound);
  if (sweep == nullptr) {
    PyErr_Format(PyExc_ValueError, "no sweep is called '%s'; the tables have `sweeps` in layouts.yaml", bound);
    return nullptr;
  }
  ComparisonReport report;
  if (objects != Py_None && !compare_objects(objects, report)) return nullptr;
  SweepComparison comparison(report);
  for (const LayoutRow& row : tables().layouts) comparison.compare(row.layout);
  each_layout(*sweep, [&](const Layout& layout) { comparison.compare(layout); });
  if (comparison.failed()) return nullptr;
  compare_formats(tables(), report);
  compare_fill_info(report);
  return report.to_dict(bound);
}

}  // namespace bufspec::cpython
