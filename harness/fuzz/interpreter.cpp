#include "interpreter.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

// CPython keeps much until its end, which a fuzzer never comes to.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" __attribute__((visibility("default"))) int __lsan_is_turned_off() { return 1; }

namespace bufspec::fuzz {

void start_interpreter() {
  static const bool is_started = [] {
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    config.site_import = 0;
    config.install_signal_handlers = 0;
    const PyStatus status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status) != 0) {
      std::fprintf(stderr, "no interpreter: %s\n", status.err_msg);
      std::exit(2);
    }
    return true;
  }();
  (void)is_started;
}

Error take_error() {
  PyObject* type = nullptr;
  PyObject* value = nullptr;
  PyObject* trace = nullptr;
  PyErr_Fetch(&type, &value, &trace);
  if (type == nullptr) return Error::none;
  const Reference kept[]{Reference(type), Reference(value), Reference(trace)};
  const std::string name = reinterpret_cast<PyTypeObject*>(type)->tp_name;
  if (name == "struct.error" || name == "error") return Error::struct_error;
  if (name == "UnicodeDecodeError") return Error::unicode_encode_error;  // by which of the two a text fails is open
  return error_from_name(name);
}

Py_buffer struct_of(const Exporter& exporter, const Layout& layout) {
  const Layout& built = exporter.layout();
  const auto unconst = [](const ssize* values) { return const_cast<ssize*>(values); };
  Py_buffer view{};
  view.buf = exporter.buf();
  view.len = exporter.length();
  view.itemsize = built.itemsize;
  view.readonly = built.readonly ? 1 : 0;
  view.ndim = built.ndim;
  view.format = const_cast<char*>(built.format.c_str());
  view.shape = unconst(built.shape.data());
  view.strides = layout.has_strides || layout.ndim == 0 ? unconst(built.strides.data()) : nullptr;
  view.suboffsets = built.has_suboffsets ? unconst(built.suboffsets.data()) : nullptr;
  return view;
}

}  // namespace bufspec::fuzz
