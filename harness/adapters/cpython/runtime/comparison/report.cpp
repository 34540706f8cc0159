#include "report.hpp"

namespace bufspec::cpython {

namespace {

Ref dict_of_counts(const std::map<std::string, std::uint64_t, std::less<>>& counts) {
  Ref dict(PyDict_New());
  for (const auto& [name, number] : counts) {
    const Ref value(PyLong_FromUnsignedLongLong(number));
    if (!dict || !value || PyDict_SetItemString(dict.get(), name.c_str(), value.get()) != 0) return {};
  }
  return dict;
}

}  // namespace

Ref list_of_texts(const std::vector<std::string>& texts) {
  Ref list(PyList_New(0));
  for (const std::string& text : texts) {
    const Ref entry(PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "backslashreplace"));
    if (!list || !entry || PyList_Append(list.get(), entry.get()) != 0) return {};
  }
  return list;
}

PyObject* ComparisonReport::to_dict(const char* bound) const {
  Ref compared = dict_of_counts(compared_);
  Ref contested = dict_of_counts(contested_);
  Ref decided = dict_of_counts(decided_);
  Ref disagreements = list_of_texts(disagreements_);
  if (!compared || !contested || !decided || !disagreements) return nullptr;
  return Py_BuildValue("{s:s,s:I,s:K,s:O,s:O,s:O,s:O,s:K}", "bound", bound, "runtime",
                       static_cast<unsigned int>(this_runtime()), "layouts", static_cast<unsigned long long>(layouts_),
                       "compared", compared.get(), "contested", contested.get(), "decided", decided.get(),
                       "disagreements", disagreements.get(), "disagreement_count",
                       static_cast<unsigned long long>(disagreement_count_));
}

}  // namespace bufspec::cpython
