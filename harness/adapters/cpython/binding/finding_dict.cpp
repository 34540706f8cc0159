#include "finding_dict.hpp"

#include "bufspec/scenario.hpp"
#include "harness/adapters/cpython/api/tables_from_python.hpp"

namespace bufspec::cpython {

namespace {

// A list of what `make` makes of each entry; null with an exception set on failure.
template <typename Entries, typename Make>
PyObject* list_of(const Entries& entries, Make make) {
  Ref list(PyList_New(0));
  for (const auto& entry : entries) {
    const Ref made(make(entry));
    if (!list || !made || PyList_Append(list.get(), made.get()) != 0) return nullptr;
  }
  return list.release();
}

// Texts of a subject may hold any bytes.
PyObject* decoded(std::string_view text) {
  return PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "backslashreplace");
}

PyObject* named(const char* kind, PyObject* owned) { return Py_BuildValue("{s:N}", kind, owned); }

PyObject* request_of(int word) { return Py_BuildValue("{s:i,s:s}", "flags", word, "name", flags_name(word).c_str()); }

struct Maker {
  PyObject* operator()(std::monostate) const { return Py_NewRef(Py_None); }
  PyObject* operator()(ssize number) const { return PyLong_FromSsize_t(number); }
  PyObject* operator()(Pointer pointer) const { return Py_BuildValue("{s:s}", "pointer", name_of(pointer)); }
  PyObject* operator()(Owner owner) const { return Py_BuildValue("{s:s}", "owner", name_of(owner)); }
  PyObject* operator()(const value::Text& one) const { return decoded(one.text); }
  PyObject* operator()(const value::Exception& one) const { return named("exception", decoded(one.name)); }
  PyObject* operator()(const value::Texts& one) const {
    return list_of(one.texts, [](const std::string& text) { return decoded(text); });
  }
  PyObject* operator()(const value::Integers& one) const { return list_of(one.values, PyLong_FromSsize_t); }
  PyObject* operator()(const value::Requests& one) const { return named("requests", list_of(one.words, request_of)); }
  PyObject* operator()(value::Fields set) const { return named("fields", fields_of(set.bits)); }
  PyObject* operator()(value::Capabilities set) const {
    std::vector<unsigned> bits;
    for (; set.bits != 0; set.bits &= set.bits - 1) bits.push_back(set.bits & (0U - set.bits));
    return named("capabilities", list_of(bits, [](unsigned bit) { return decoded(capability_name(bit)); }));
  }
  PyObject* operator()(const value::Bytes& one) const {
    return named("bytes",
                 list_of(one.bytes, [](char byte) { return PyLong_FromLong(static_cast<unsigned char>(byte)); }));
  }
  PyObject* operator()(const value::Map& one) const { return named("map", object_from_tree(one.tree).release()); }
  PyObject* operator()(Misreading misreading) const {
    return named("misreading", decoded(misreading_name(misreading)));
  }
};

PyObject* made(const Value& value) { return std::visit(Maker{}, value); }

PyObject* number_or_none(bool is_set, ssize number) { return is_set ? PyLong_FromSsize_t(number) : Py_NewRef(Py_None); }

PyObject* dict_of(const Finding& one) {
  const auto aspect = aspect_names[static_cast<std::size_t>(one.aspect)];
  const bool asks = one.flags >= 0;
  return Py_BuildValue(
      "{s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N}", "aspect", decoded(aspect), "fields", fields_of(one.fields), "flags",
      number_or_none(asks, one.flags), "name", asks ? decoded(flags_name(one.flags)) : Py_NewRef(Py_None), "order",
      one.order == '\0' ? Py_NewRef(Py_None) : decoded({&one.order, 1}), "index",
      number_or_none(one.index >= 0, one.index), "times", number_or_none(one.times > 0, static_cast<ssize>(one.times)),
      "owed", made(one.owed), "found", made(one.found), "given", made(one.given));
}

}  // namespace

Ref dict_of_violation(const Violation& violation) {
  return Ref(Py_BuildValue("{s:s,s:n,s:N}", "rule", rule_id(violation.rule).data(), "step",
                           static_cast<Py_ssize_t>(violation.step), "finding", dict_of(violation.finding)));
}

const char* name_of(Pointer pointer) noexcept {
  switch (pointer) {
    case Pointer::null:
      return "NULL";
    case Pointer::readable:
      return "set";
    case Pointer::untouched:
      return "untouched";
    case Pointer::unreadable:
      return "unreadable";
  }
  return "";
}

const char* name_of(Owner owner) noexcept {
  switch (owner) {
    case Owner::null:
      return "NULL";
    case Owner::exporter:
      return "exporter";
    case Owner::other:
      return "other object";
    case Owner::untouched:
      return "untouched";
    case Owner::garbage:
      return "garbage";
  }
  return "";
}

PyObject* fields_of(unsigned fields) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < field_names.size(); ++i)
    if ((fields >> i & 1) != 0) names.push_back(field_names[i]);
  return list_of(names, decoded);
}

}  // namespace bufspec::cpython
