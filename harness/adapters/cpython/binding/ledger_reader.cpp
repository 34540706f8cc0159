#include "ledger_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <memory>

#include "harness/adapters/cpython/api/guarded.hpp"
#include "ledger_dict.hpp"
#include "suites/engine/ledger.hpp"

namespace bufspec::cpython {

namespace {

using engine::LedgerData;

// What says where a run is: up to the first two counters.
constexpr std::size_t place_size = offsetof(LedgerData, cut_short);

struct ReaderObject {
  PyObject_HEAD int file;
};

bool write_whole(int file, const char* bytes, std::size_t size) {
  for (std::size_t at = 0; at < size;) {
    const ssize_t written = pwrite(file, bytes + at, size - at, static_cast<off_t>(at));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    at += static_cast<std::size_t>(written);
  }
  return true;
}

// Whether the file had so many bytes.
bool read_whole(int file, char* bytes, std::size_t size) {
  for (std::size_t at = 0; at < size;) {
    const ssize_t found = pread(file, bytes + at, size - at, static_cast<off_t>(at));
    if (found < 0 && errno == EINTR) continue;
    if (found <= 0) return false;
    at += static_cast<std::size_t>(found);
  }
  return true;
}

// A new file with an empty ledger, whose space is allocated: a disk that fills up later is no death of whoever maps it.
// -1 with errno set on failure.
int make_file(const char* path) {
  const int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) return -1;
  int failed = posix_fallocate(file, 0, static_cast<off_t>(sizeof(LedgerData)));
  if (failed == 0) {
    const auto data = std::make_unique<LedgerData>();
    const engine::Ledger empty(data.get(), true);
    if (!write_whole(file, reinterpret_cast<const char*>(data.get()), sizeof(LedgerData)))
      failed = errno != 0 ? errno : EIO;
  }
  if (failed == 0) return file;
  close(file);
  unlink(path);
  errno = failed;
  return -1;
}

PyObject* make(PyTypeObject* type, PyObject* arguments, PyObject* keywords) {
  static const char* names[] = {"path", nullptr};
  PyObject* path = nullptr;
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "O&:LedgerReader", const_cast<char**>(names),
                                  PyUnicode_FSConverter, &path) == 0)
    return nullptr;
  const Ref owned_path(path);
  Ref self(PyType_GenericAlloc(type, 0));
  if (!self) return nullptr;
  auto* object = reinterpret_cast<ReaderObject*>(self.get());
  object->file = make_file(PyBytes_AsString(path));
  if (object->file >= 0) return self.release();
  PyErr_SetFromErrnoWithFilename(PyExc_OSError, PyBytes_AsString(path));
  return nullptr;
}

void deallocate(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  const int file = reinterpret_cast<ReaderObject*>(self)->file;
  if (file > 0) close(file);
  reinterpret_cast<freefunc>(PyType_GetSlot(type, Py_tp_free))(self);
  Py_DECREF(type);
}

// The first `size` bytes as a ledger; null with ValueError set if they are none.
std::unique_ptr<LedgerData> data_of(PyObject* self, std::size_t size) {
  const int file = reinterpret_cast<ReaderObject*>(self)->file;
  auto data = std::make_unique<LedgerData>();
  const char* reason = nullptr;
  struct stat status{};
  if (fstat(file, &status) != 0 || status.st_size != static_cast<off_t>(sizeof(LedgerData)) ||
      !read_whole(file, reinterpret_cast<char*>(data.get()), size))
    reason = "its size was changed";
  else if (!engine::Ledger(data.get(), false).is_valid())
    reason = "its head was overwritten";
  if (reason == nullptr) return data;
  PyErr_SetString(PyExc_ValueError, reason);
  return nullptr;
}

PyObject* place(PyObject* self, PyObject*) {
  const auto data = data_of(self, place_size);
  return data != nullptr ? dict_of_place(*data) : nullptr;
}

PyObject* snapshot(PyObject* self, PyObject*) {
  const auto data = data_of(self, sizeof(LedgerData));
  if (data == nullptr) return nullptr;
  if (const char* damage = engine::damage_of(*data); damage != nullptr) {
    PyErr_SetString(PyExc_ValueError, damage);
    return nullptr;
  }
  return dict_of_ledger(*data);
}

PyMethodDef methods[]{
    {"place", guarded<place>, METH_NOARGS,
     "Where the run is, also while it moves: case_index, step, cases_done, heartbeat, surveys_lost, setting_up, "
     "at_end. "
     "ValueError, with the reason, for a file that is no longer a ledger."},
    {"snapshot", guarded<snapshot>, METH_NOARGS,
     "The place, and what was counted by a worker that has ended or answered: requests, exercised, memories, rules. "
     "ValueError, with the reason, for counts that cannot be believed."},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot slots[]{
    {Py_tp_new, guarded_slot<make>()},
    {Py_tp_dealloc, guarded_slot<deallocate>()},
    {Py_tp_methods, methods},
    {Py_tp_doc,
     const_cast<char*>("LedgerReader(path)\n\nMakes a file with an empty ledger, for a worker to map, and "
                       "reads it whatever becomes of it.\nOSError if the file is there already, or cannot be "
                       "made with all its space.")},
    {0, nullptr},
};

PyType_Spec spec{"bufspec._engine.LedgerReader", sizeof(ReaderObject), 0, Py_TPFLAGS_DEFAULT, slots};

}  // namespace

bool add_ledger_reader(PyObject* module) {
  const Ref type(PyType_FromSpec(&spec));
  return type && PyModule_AddObjectRef(module, "LedgerReader", type.get()) == 0;
}

}  // namespace bufspec::cpython
