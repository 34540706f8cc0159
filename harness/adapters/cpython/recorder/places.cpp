// Where does the application make a request?  At a place of its Python code: that of the innermost frame, or of all.
#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <new>
#include <string>
#include <unordered_map>
#include <vector>

#include "definitions.hpp"
#include "frames.hpp"
#include "record_file.hpp"
#include "repeats.hpp"
#include "weakly_known.hpp"

namespace bufspec::recorder {

namespace {

constexpr std::size_t deepest_stack = 256;

// The instruction of a frame: public since 3.11, though no part of the limited API; by line where there is none.
int instruction_of(PyFrameObject* frame) noexcept {
  using Function = int (*)(PyFrameObject*);
  static const auto function = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, "PyFrame_GetLasti"));
  return function == nullptr ? PyFrame_GetLineNumber(frame) : function(frame);
}

struct Instruction {
  int offset;
  std::uint64_t number;
};
struct Instructions {
  std::vector<Instruction> known;

  static void forget(PyObject* code) noexcept;
};
WeaklyKnown<Instructions>& codes() {
  static auto* const all = new WeaklyKnown<Instructions>;
  return *all;
}
std::uint64_t count = 0;

// The places that were found last, each where the key of its frame leads.
struct Recent {
  FrameKey key;
  std::uint64_t number = 0;
};
constexpr std::size_t recent_count = 1024;
std::array<Recent, recent_count> recent;
Recent& recent_of(const FrameKey& key) noexcept {
  const auto bits =
      reinterpret_cast<std::uintptr_t>(key.code) / 16 + reinterpret_cast<std::uintptr_t>(key.instruction) / 2;
  return recent[bits % recent_count];
}
void Instructions::forget(PyObject* code) noexcept {
  for (Recent& one : recent)
    if (one.key.code == code) one = Recent{};
  forget_calls_of(code);
}

std::string text_of(PyObject* code, const char* name) {
  PyObject* const text = PyObject_GetAttrString(code, name);
  std::string found;
  if (text != nullptr) {
    Py_ssize_t size = 0;
    const char* const bytes = PyUnicode_AsUTF8AndSize(text, &size);
    if (bytes != nullptr) found.assign(bytes, static_cast<std::size_t>(size));
  }
  PyErr_Clear();
  Py_XDECREF(text);
  return found;
}

std::uint64_t define(PyObject* code, PyFrameObject* frame, int offset) {
  // What these texts are made of runs no Python code, and finds no exception.
  PyObject *type = nullptr, *value = nullptr, *trace = nullptr;
  PyErr_Fetch(&type, &value, &trace);
  const std::string file = text_of(code, "co_filename");
  const std::string function = text_of(code, "co_qualname");
  const int line = PyFrame_GetLineNumber(frame);
  const bool is_watched = codes().watch(code);
  PyErr_Restore(type, value, trace);

  if (head() == nullptr) return 0;
  unsigned char* to = open_event();
  if (to == nullptr) return 0;
  to = put(to, file);
  to = put(to, function);
  to = put(to, static_cast<std::uint64_t>(std::max(line, 0)));
  close_event(kind::place, to);
  ++count;
  if (Instructions* const it = is_watched ? codes().find(code) : nullptr) it->known.push_back({offset, count});
  return count;
}

std::uint64_t place_of(PyFrameObject* frame, FrameKey key) {
  PyObject* const code = reinterpret_cast<PyObject*>(PyFrame_GetCode(frame));
  const int offset = instruction_of(frame);
  std::uint64_t found = 0;
  if (const Instructions* const it = codes().find(code))
    for (const Instruction& one : it->known)
      if (one.offset == offset) found = one.number;
  if (found == 0) found = define(code, frame, offset);
  // Only of code that is watched: another one may come to its address.
  if (found != 0 && key.code == code && codes().find(code) != nullptr) recent_of(key) = {key, found};
  Py_DECREF(code);
  return found;
}

bool is_running() noexcept { return Py_IsInitialized() != 0; }

using Frames = std::vector<std::uint64_t>;
struct Hash {
  std::size_t operator()(const Frames& frames) const noexcept {
    std::size_t hash = frames.size();
    for (const std::uint64_t one : frames) hash = (hash ^ one) * 0x9e3779b97f4a7c15U;
    return hash;
  }
};
std::unordered_map<Frames, std::uint64_t, Hash>& stacks() {
  static auto* const all = new std::unordered_map<Frames, std::uint64_t, Hash>;
  return *all;
}

std::uint64_t number_of_stack(const Frames& frames) {
  if (head() == nullptr) return 0;
  const auto found = stacks().find(frames);
  if (found != stacks().end()) return found->second;
  unsigned char* to = open_event();
  if (to == nullptr) return 0;
  to = put(to, frames.size());
  for (const std::uint64_t one : frames) to = put(to, one);
  close_event(kind::stack, to);
  return stacks()[frames] = stacks().size() + 1;
}

}  // namespace

Place innermost_place() noexcept {
  try {
    if (!is_running()) return {};
    const FrameKey key = RunningThread().innermost();
    const Recent& last = recent_of(key);
    if (key.code != nullptr && last.key.code == key.code && last.key.instruction == key.instruction)
      return {last.number};
    PyFrameObject* const frame = PyEval_GetFrame();
    return {frame == nullptr ? 0 : place_of(frame, key)};
  } catch (const std::bad_alloc&) {
    return {};
  }
}

Place whole_stack() noexcept {
  try {
    Frames frames;
    PyObject *type = nullptr, *value = nullptr, *trace = nullptr;
    PyErr_Fetch(&type, &value, &trace);
    PyObject* frame = reinterpret_cast<PyObject*>(is_running() ? PyEval_GetFrame() : nullptr);
    Py_XINCREF(frame);
    while (frame != nullptr && frame != Py_None && frames.size() < deepest_stack) {
      frames.push_back(place_of(reinterpret_cast<PyFrameObject*>(frame), {}));
      PyObject* const outer = PyObject_GetAttrString(frame, "f_back");
      Py_DECREF(frame);
      frame = outer;
    }
    Py_XDECREF(frame);
    PyErr_Restore(type, value, trace);
    return {frames.empty() ? 0 : number_of_stack(frames)};
  } catch (const std::bad_alloc&) {
    return {};
  }
}

bool is_watched_code(const void* code) noexcept {
  return codes().find(static_cast<PyObject*>(const_cast<void*>(code))) != nullptr;
}

void forget_places() noexcept {
  codes().forget_values();
  stacks().clear();
  recent.fill({});
  count = 0;
}

}  // namespace bufspec::recorder
