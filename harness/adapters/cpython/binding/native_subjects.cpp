#include "native_subjects.hpp"

#include <string>
#include <vector>

#include "harness/adapters/native/consumer.hpp"
#include "harness/adapters/native/subjects.hpp"

namespace bufspec::cpython {

namespace {

const char* name_of(Target target) noexcept {
  return target == Target::exporter ? "exporter" : target == Target::consumer ? "consumer" : "function";
}

Ref list_of(const std::vector<std::string>& texts) {
  Ref list(PyList_New(0));
  for (const std::string& text : texts) {
    const Ref item(PyUnicode_FromString(text.c_str()));
    if (!list || !item || PyList_Append(list.get(), item.get()) != 0) return {};
  }
  return list;
}

Ref dict_of(const native::Described& one) {
  const auto subject = native::subject_of(one);
  const Ref operations = list_of(one.operations());
  const Ref observes = list_of(native::observation_names(subject != nullptr ? subject->observes() : 0));
  if (!operations || !observes) return {};
  return Ref(Py_BuildValue("{s:s,s:s,s:O,s:O,s:O,s:O,s:n}", "name", one.name.c_str(), "target", name_of(one.target),
                           "operations", operations.get(), "observes", observes.get(), "builds",
                           one.exporter.build != nullptr ? Py_True : Py_False, "volatile",
                           (one.exporter.flags & BUFSPEC_IS_VOLATILE) != 0 ? Py_True : Py_False, "expects",
                           static_cast<Py_ssize_t>(one.exporter.elements != nullptr ? one.exporter.elements_len : -1)));
}

}  // namespace

bool is_native(PyObject* what) noexcept { return PyTuple_Check(what) != 0; }

std::unique_ptr<engine::Subject> native_subject(PyObject* what, Target target) {
  const char* path = nullptr;
  const char* name = nullptr;
  if (PyArg_ParseTuple(what, "ss:native_subject", &path, &name) == 0) return nullptr;
  const native::Library& library = native::load(path);
  const native::Described* const described = library.find(name);
  if (described == nullptr || described->target != target) {
    PyErr_Format(PyExc_ValueError, "%s: %s", path, library.ok() ? "no such subject" : library.refusal.what.c_str());
    return nullptr;
  }
  auto subject = native::subject_of(*described);
  const std::string reason =
      subject != nullptr ? native::reason_of_nothing(*subject, *described) : "such subjects are not judged yet";
  if (reason.empty()) return subject;
  PyErr_SetString(PyExc_RuntimeError, reason.c_str());
  return nullptr;
}

PyObject* facts_of_native(const engine::Subject& subject) {
  const auto* const consumer = dynamic_cast<const native::NativeConsumerSubject*>(&subject);
  if (consumer == nullptr) return Py_NewRef(Py_None);
  const Ref raised(PyDict_New());
  for (const auto& [name, times] : consumer->refused()) {
    const Ref entry(Py_BuildValue("(Ks)", static_cast<unsigned long long>(times), name.c_str()));
    if (!raised || !entry || PyDict_SetItemString(raised.get(), name.c_str(), entry.get()) != 0) return nullptr;
  }
  return Py_BuildValue("{s:O,s:s,s:s,s:s}", "raised", raised.get(), "plain", consumer->plain_error().c_str(), "differs",
                       "", "inferred", "");
}

PyObject* list_native_subjects(PyObject*, PyObject* path) {
  const std::string text = text_from(path);
  if (PyErr_Occurred() != nullptr) return nullptr;
  const native::Library& library = native::load(text);
  Ref subjects(PyList_New(0));
  for (const native::Described& one : library.subjects) {
    if (!library.ok()) break;
    const Ref entry = dict_of(one);
    if (!subjects || !entry || PyList_Append(subjects.get(), entry.get()) != 0) return nullptr;
  }
  const native::Refusal& refusal = library.refusal;
  return Py_BuildValue("{s:N,s:(sss)}", "subjects", subjects.release(), "refusal", refusal.where.c_str(),
                       refusal.what.c_str(), refusal.hint.c_str());
}

}  // namespace bufspec::cpython
