#include "frames.hpp"

#include <array>
#include <cstring>
#include <vector>

#include "readable.hpp"

namespace bufspec::recorder {

namespace {

using Word = std::uintptr_t;
constexpr std::size_t word_size = sizeof(Word);
constexpr Word tag_bits = 3;  // since 3.14 a frame marks in its pointer to the code who owns it

// How one gets from the state of a thread to the frame that runs, and from there to the rest.
struct Way {
  std::size_t in_thread = 0;  // offset of a pointer to the frame, or to what points at it
  std::size_t in_between = 0;
  bool is_indirect = false;
  std::size_t code = 0;  // offsets in the frame
  std::size_t instruction = 0;

  friend bool operator==(const Way&, const Way&) = default;
};
bool is_known = false;
Way way;

Word word_at(const void* object, std::size_t offset) noexcept {
  Word found = 0;
  std::memcpy(&found, static_cast<const char*>(object) + offset, word_size);
  return found;
}

// What is right for the frame that runs now, by the interface.
struct Truth {
  Word thread = 0, code = 0, object = 0;
  Word code_end = 0;

  Truth() noexcept {
    PyFrameObject* const frame = PyEval_GetFrame();
    if (frame == nullptr) return;
    PyCodeObject* const of_frame = PyFrame_GetCode(frame);
    thread = reinterpret_cast<Word>(PyThreadState_Get());
    code = reinterpret_cast<Word>(of_frame);
    object = reinterpret_cast<Word>(frame);
    PyObject* const size = PyObject_CallMethod(reinterpret_cast<PyObject*>(of_frame), "__sizeof__", nullptr);
    code_end = code + (size == nullptr ? 0 : PyLong_AsSize_t(size));
    Py_XDECREF(size);
    Py_DECREF(reinterpret_cast<PyObject*>(of_frame));
  }
};

template <std::size_t count>
bool read_words(Word from, std::array<Word, count>& words) noexcept {
  constexpr Word lowest = 4096;
  return from >= lowest && from % word_size == 0 &&
         read_safely(reinterpret_cast<const void*>(from), words.data(), sizeof words);
}

// Whether `frame` is the frame that runs: it points at its code, at an instruction in it, and at the object that was made for it
// just now.
bool is_frame(Word frame, const Truth& truth, Way& into) noexcept {
  std::array<Word, 12> words{};
  if (!read_words(frame, words)) return false;
  bool has_object = false, has_code = false, has_instruction = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const Word untagged = words[i] & ~tag_bits;
    has_object = has_object || untagged == truth.object;
    if (!has_code && untagged == truth.code) {
      into.code = i * word_size;
      has_code = true;
    } else if (!has_instruction && words[i] > truth.code && words[i] < truth.code_end) {
      into.instruction = i * word_size;
      has_instruction = true;
    }
  }
  return has_object && has_code && has_instruction;
}

// Every way that is right for the frame that runs now.
std::vector<Way> ways_now(const Truth& truth) {
  std::array<Word, 64> thread{};
  std::vector<Way> found;
  if (!read_words(truth.thread, thread)) return found;
  for (std::size_t i = 0; i < thread.size(); ++i) {
    Way one{.in_thread = i * word_size};
    if (is_frame(thread[i], truth, one)) found.push_back(one);
    std::array<Word, 3> between{};
    if (!read_words(thread[i], between)) continue;
    for (std::size_t j = 0; j < between.size(); ++j) {
      Way other{.in_thread = i * word_size, .in_between = j * word_size, .is_indirect = true};
      if (is_frame(between[j], truth, other)) found.push_back(other);
    }
  }
  return found;
}

// Whether a way is right for the frame that runs now.
bool is_right(const Way& one, const Truth& truth) noexcept {
  std::array<Word, 1> at{};
  if (!read_words(truth.thread + one.in_thread, at)) return false;
  if (one.is_indirect && !read_words(at[0] + one.in_between, at)) return false;
  Way again = one;
  return is_frame(at[0], truth, again) && again == one;
}

std::vector<Way> candidates;
bool is_first = true;

// Called in frame after frame: only the ways stay that are right in each.
PyObject* look(PyObject*, PyObject*) {
  const Truth truth;
  if (is_first) candidates = ways_now(truth);
  is_first = false;
  std::erase_if(candidates, [&](const Way& one) { return !is_right(one, truth); });
  return Py_NewRef(Py_None);
}

PyMethodDef look_method{"look", look, METH_NOARGS, nullptr};

}  // namespace

FrameKey innermost_key() noexcept {
  if (!is_known) return {};
  const void* frame = reinterpret_cast<const void*>(word_at(PyThreadState_Get(), way.in_thread));
  if (way.is_indirect && frame != nullptr) frame = reinterpret_cast<const void*>(word_at(frame, way.in_between));
  if (frame == nullptr) return {};
  return {reinterpret_cast<const void*>(word_at(frame, way.code) & ~tag_bits),
          reinterpret_cast<const void*>(word_at(frame, way.instruction))};
}

void find_frames() noexcept {
  // Functions, generators, a class body, and from C back into Python, each at several instructions.
  static constexpr const char* const text =
      "def inner(look, depth):\n"
      "    look()\n"
      "    if depth: inner(look, depth - 1)\n"
      "    look()\n"
      "inner(look, 3)\n"
      "list(look() for _ in range(2))\n"
      "list(map(lambda _: look(), range(2)))\n"
      "class Body:\n"
      "    look()\n"
      "look()\n";
  try {
    PyObject* const globals = PyDict_New();
    PyObject* const function = PyCFunction_NewEx(&look_method, nullptr, nullptr);
    PyObject* const builtins = PyEval_GetBuiltins();
    PyObject* const code = Py_CompileString(text, "<bufspec>", Py_file_input);
    if (globals != nullptr && function != nullptr && code != nullptr && builtins != nullptr &&
        PyDict_SetItemString(globals, "look", function) == 0 &&
        PyDict_SetItemString(globals, "__builtins__", builtins) == 0) {
      PyObject* const done = PyEval_EvalCode(code, globals, globals);
      is_known = done != nullptr && !candidates.empty();
      if (is_known) way = candidates.front();
      Py_XDECREF(done);
    }
    Py_XDECREF(code);
    Py_XDECREF(function);
    Py_XDECREF(globals);
  } catch (const std::bad_alloc&) {
    is_known = false;
  }
  candidates = {};
  PyErr_Clear();
}

}  // namespace bufspec::recorder
