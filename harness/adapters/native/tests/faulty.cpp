// A library whose subjects break one thing each: what bufspec-suites must find, and how it must survive it.
#include <unistd.h>
#include <csignal>
#include <cstdlib>

#include "bufspec_subject.h"

namespace {

char memory[6] = {0, 1, 2, 3, 4, 5};
bufspec_ssize shape[] = {6};
bufspec_ssize strides[] = {1};
char format[] = "B";

void* make() { return memory; }
void drop(void*) {}
void release(bufspec_buffer*) {}

int answer(void* object, bufspec_buffer* view, int flags, bufspec_ssize len) {
  view->obj = nullptr;
  if ((flags & BUFSPEC_FORMAT) != 0 && (flags & BUFSPEC_ND) == 0) return -1;
  *view = bufspec_buffer{};
  view->buf = memory;
  view->obj = object;
  view->len = len;
  view->itemsize = 1;
  view->ndim = 1;
  if ((flags & BUFSPEC_FORMAT) != 0) view->format = format;
  if ((flags & BUFSPEC_ND) != 0) view->shape = shape;
  if ((flags & BUFSPEC_STRIDES) == BUFSPEC_STRIDES) view->strides = strides;
  return 0;
}

int right(void* object, bufspec_buffer* view, int flags) { return answer(object, view, flags, 6); }
int short_len(void* object, bufspec_buffer* view, int flags) { return answer(object, view, flags, 5); }

constexpr int deadly = 0x2a9;

int dying(void* object, bufspec_buffer* view, int flags) {
  if (flags == deadly) std::raise(SIGSEGV);
  return right(object, view, flags);
}
int hanging(void* object, bufspec_buffer* view, int flags) {
  while (flags == deadly) pause();
  return right(object, view, flags);
}
int leaving(void* object, bufspec_buffer* view, int flags) {
  if (flags == deadly) std::_Exit(0);
  return right(object, view, flags);
}

bufspec_exporter exporter_of(int (*get_buffer)(void*, bufspec_buffer*, int)) {
  bufspec_exporter made{};
  made.size = sizeof made;
  made.make = make;
  made.get_buffer = get_buffer;
  made.release = release;
  made.drop = drop;
  return made;
}

const bufspec_exporter all[] = {exporter_of(right), exporter_of(short_len), exporter_of(dying), exporter_of(hanging),
                                exporter_of(leaving)};

// A consumer that never gives back a memory of several elements.
bufspec_error keep(bufspec_object* exporter, void** result) {
  bufspec_buffer view;
  if (bufspec_get_buffer(exporter, &view, BUFSPEC_SIMPLE) != 0) return BUFSPEC_BUFFER_ERROR;
  if (view.len <= view.itemsize) bufspec_release(&view);
  *result = nullptr;
  return BUFSPEC_OK;
}

const bufspec_consumer keeping = [] {
  bufspec_consumer made{};
  made.size = sizeof made;
  made.consume = keep;
  return made;
}();

}  // namespace

BUFSPEC_SUBJECTS(faulty, BUFSPEC_EXPORTER(right, &all[0]), BUFSPEC_EXPORTER(short_len, &all[1]),
                 BUFSPEC_EXPORTER(dying, &all[2]), BUFSPEC_EXPORTER(hanging, &all[3]),
                 BUFSPEC_EXPORTER(leaving, &all[4]), BUFSPEC_CONSUMER(keeping, &keeping));
