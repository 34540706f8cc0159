#include "effects.hpp"

#include <unistd.h>

#include <cstring>
#include <string_view>

#include "suites/engine/observe/probe.hpp"
#include "values.hpp"

namespace bufspec::mutants::consumers {

namespace {

// Where a field of the view points, and how many bytes of it are looked at.
std::pair<void*, std::size_t> part_of(const Py_buffer& view, std::string_view what) {
  const auto bytes = static_cast<std::size_t>(view.ndim) * sizeof(Py_ssize_t);
  if (what == "shape") return {view.shape, bytes};
  if (what == "strides") return {view.strides, bytes};
  if (what == "suboffsets") return {view.suboffsets, bytes};
  if (what == "format") return {view.format, view.format == nullptr ? 0 : std::strlen(view.format)};
  return {nullptr, 0};
}

}  // namespace

void overwrite_part(const Behaviour& behaviour, Call& call) {
  Py_buffer& view = *call.view;
  if (behaviour.word == "internal") {
    view.internal = call.machine;
    return;
  }
  if (behaviour.word == "gaps") {
    write_gaps(view);
    return;
  }
  if (behaviour.word == "elements") {
    fill_view(view, call.word, misread::carefully);
    return;
  }
  const auto [place, size] = part_of(view, behaviour.word);
  if (place == nullptr || size == 0) return;
  // The last number one larger, the last letter another one.
  const std::size_t last = behaviour.word == "format" ? 1 : sizeof(Py_ssize_t);
  std::string bytes(static_cast<char*>(place), size);
  char& changed = bytes[size - last];
  changed = static_cast<char>(changed + 1);
  (void)engine::write_safely(place, bytes);
}

void repoint_part(const Behaviour& behaviour, Call& call) {
  static Py_ssize_t elsewhere[PyBUF_MAX_NDIM];
  static char text[] = "B";
  Py_buffer& view = *call.view;
  if (behaviour.word == "shape") view.shape = elsewhere;
  if (behaviour.word == "strides") view.strides = elsewhere;
  if (behaviour.word == "suboffsets") view.suboffsets = elsewhere;
  if (behaviour.word == "format") view.format = text;
}

void release_stray(const Behaviour&, Call& call) {
  Py_buffer stray{};
  stray.obj = call.exporter;
  PyBuffer_Release(&stray);
}

void swallow(const Behaviour& behaviour, Call& call) {
  constexpr Py_ssize_t some = 8;
  call.has_result = true;
  if (behaviour.word == "nothing") return;
  if (behaviour.word == "none") {
    call.result = cpython::Ref::borrowed(Py_None);
  } else if (behaviour.word == "false") {
    call.result = cpython::Ref::borrowed(Py_False);
  } else {
    call.result = result_of_nothing(call.machine->plan, behaviour.word == "zeros" ? some : 0);
  }
}

void let_others_run(const Behaviour& behaviour, Call&) {
  Py_BEGIN_ALLOW_THREADS;
  usleep(static_cast<useconds_t>(behaviour.number));
  Py_END_ALLOW_THREADS;
}

}  // namespace bufspec::mutants::consumers
