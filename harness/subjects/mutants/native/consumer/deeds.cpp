#include "deeds.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "suites/engine/observe/probe.hpp"
#include "values.hpp"

namespace bufspec::cpython {

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

void overwrite_part(const CallHabit& habit, Call& call) {
  Py_buffer& view = *call.view;
  if (habit.word == "internal") {
    view.internal = call.machine;
    return;
  }
  if (habit.word == "gaps") {
    write_gaps(view);
    return;
  }
  if (habit.word == "elements") {
    fill_view(view, call.word, misread::carefully);
    return;
  }
  const auto [place, size] = part_of(view, habit.word);
  if (place == nullptr || size == 0) return;
  // The last number one larger, the last letter another one.
  const std::size_t last = habit.word == "format" ? 1 : sizeof(Py_ssize_t);
  std::string bytes(static_cast<char*>(place), size);
  char& changed = bytes[size - last];
  changed = static_cast<char>(changed + 1);
  (void)engine::write_safely(place, bytes);
}

void repoint_part(const CallHabit& habit, Call& call) {
  static Py_ssize_t elsewhere[PyBUF_MAX_NDIM];
  static char text[] = "B";
  Py_buffer& view = *call.view;
  if (habit.word == "shape") view.shape = elsewhere;
  if (habit.word == "strides") view.strides = elsewhere;
  if (habit.word == "suboffsets") view.suboffsets = elsewhere;
  if (habit.word == "format") view.format = text;
}

void release_stray(const CallHabit&, Call& call) {
  Py_buffer stray{};
  stray.obj = call.exporter;
  PyBuffer_Release(&stray);
}

void swallow(const CallHabit& habit, Call& call) {
  constexpr Py_ssize_t some = 8;
  call.has_result = true;
  if (habit.word == "nothing") return;
  if (habit.word == "none") {
    call.result = Ref::borrowed(Py_None);
  } else if (habit.word == "false") {
    call.result = Ref::borrowed(Py_False);
  } else {
    call.result = result_of_nothing(call.machine->plan, habit.word == "zeros" ? some : 0);
  }
}

void let_others_run(const CallHabit& habit, Call&) {
  Py_BEGIN_ALLOW_THREADS;
  usleep(static_cast<useconds_t>(habit.number));
  Py_END_ALLOW_THREADS;
}

void end_process(const CallHabit& habit, Call&) {
  constexpr int status = 7;
  if (habit.word == "exit") std::_Exit(status);
  if (habit.word == "abort") std::abort();
  std::raise(SIGSEGV);
}

}  // namespace bufspec::cpython
