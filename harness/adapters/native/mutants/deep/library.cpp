// Exporters that conform until a certain sequence of events, each by a row of spec/deep_mutants.yaml.
// Their memory is six ints, or what they are built from; operation 0 grows it by an item, 1 closes the object and 2 opens it
// again, all refused while a view is held.
#include <array>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "chains.hpp"
#include "harness/adapters/native/bufspec_subject.h"
#include "machine.hpp"

namespace bufspec::deep {

namespace {

bufspec_error last_error = BUFSPEC_OK;

// Wrong answers claim more than there is: what they claim can be read.
constexpr std::size_t room = 256;

struct Object {
  const Mutant* mutant = nullptr;
  State state;
  long references = 1;
  bool is_closed = false;
  std::vector<char> memory;
  std::string format = "i";
  bufspec_ssize itemsize = 4;
  std::vector<bufspec_ssize> shape{6};
  std::vector<bufspec_ssize> strides{4};
  bufspec_ssize offset = 0;
  bool is_readonly = false;
  std::vector<bufspec_buffer*> held;
};

void happen(Object& object, Event event) {
  event.held = static_cast<int>(object.held.size());
  event.ndim = static_cast<int>(object.shape.size());
  event.items = object.shape.empty() ? 1 : object.shape[0];
  event.format = object.format[0];
  event.calls = ++object.state.calls;
  if (!object.state.is_wrong && object.mutant->comes(object.state, event)) object.state.is_wrong = true;
}

void unreference(Object* object) {
  if (--object->references == 0) delete object;
}

int refuse(bufspec_buffer* view) {
  view->obj = nullptr;
  last_error = BUFSPEC_BUFFER_ERROR;
  return -1;
}

bool is_c_contiguous(const Object& object) {
  bufspec_ssize step = object.itemsize;
  for (std::size_t d = object.shape.size(); d-- > 0;) {
    if (object.shape[d] == 0) return true;
    if (object.shape[d] > 1 && object.strides[d] != step) return false;
    step *= object.shape[d];
  }
  return true;
}

bool is_f_contiguous(const Object& object) {
  bufspec_ssize step = object.itemsize;
  for (std::size_t d = 0; d < object.shape.size(); ++d) {
    if (object.shape[d] == 0) return true;
    if (object.shape[d] > 1 && object.strides[d] != step) return false;
    step *= object.shape[d];
  }
  return true;
}

bool has_all(int flags, int all) { return (flags & all) == all; }

// What an object that conforms refuses.
bool must_refuse(const Object& object, int flags) {
  if (object.is_closed || (has_all(flags, BUFSPEC_WRITABLE) && object.is_readonly)) return true;
  const bool c = is_c_contiguous(object);
  const bool f = is_f_contiguous(object);
  if (has_all(flags, BUFSPEC_C_CONTIGUOUS) && !c) return true;
  if (has_all(flags, BUFSPEC_F_CONTIGUOUS) && !f) return true;
  if (has_all(flags, BUFSPEC_ANY_CONTIGUOUS) && !c && !f) return true;
  return !has_all(flags, BUFSPEC_STRIDES) && !c;
}

void spoil(Object& object, bufspec_buffer* view) {
  switch (object.mutant->fault) {
    case Fault::len:
      view->len += 1;
      break;
    case Fault::readonly:
      view->readonly = view->readonly == 0 ? 1 : 0;
      break;
    case Fault::itemsize:
      view->itemsize *= 2;
      break;
    case Fault::no_shape:
      view->shape = nullptr;
      break;
    case Fault::no_strides:
      view->strides = nullptr;
      break;
    case Fault::format:
      view->format = view->format == nullptr ? const_cast<char*>("i") : nullptr;
      break;
    case Fault::ndim:
      view->ndim = 0;
      break;
    case Fault::keeps:
      ++object.references;
      break;
    case Fault::refuses:
      break;
  }
}

int answer(Object& object, bufspec_buffer* view, int flags, Happens what) {
  Event event;
  event.what = what;
  event.flags = flags;
  happen(object, event);
  if (must_refuse(object, flags)) return refuse(view);
  const bool is_wrong = object.state.is_wrong;
  if (is_wrong && object.mutant->fault == Fault::refuses) return refuse(view);
  bufspec_ssize items = 1;
  for (const bufspec_ssize extent : object.shape) items *= extent;
  view->buf = object.memory.data() + object.offset;
  view->obj = &object;
  view->len = items * object.itemsize;
  view->itemsize = object.itemsize;
  view->readonly = object.is_readonly ? 1 : 0;
  view->ndim = static_cast<int>(object.shape.size());
  view->format = has_all(flags, BUFSPEC_FORMAT) ? object.format.data() : nullptr;
  view->shape = has_all(flags, BUFSPEC_ND) && !object.shape.empty() ? object.shape.data() : nullptr;
  view->strides = has_all(flags, BUFSPEC_STRIDES) && !object.shape.empty() ? object.strides.data() : nullptr;
  view->suboffsets = nullptr;
  view->internal = nullptr;
  if (!has_all(flags, BUFSPEC_ND)) view->ndim = 1;
  if (is_wrong) spoil(object, view);
  ++object.references;
  object.held.push_back(view);
  return 0;
}

int get_buffer(void* object, bufspec_buffer* view, int flags) {
  return answer(*static_cast<Object*>(object), view, flags, Happens::get);
}

int get_buffer_slot(void* object, bufspec_buffer* view, int flags) {
  return answer(*static_cast<Object*>(object), view, flags, Happens::get_by_slot);
}

void release(bufspec_buffer* view) {
  auto& object = *static_cast<Object*>(view->obj);
  Event event;
  event.what = Happens::release;
  // A view may be given back through a copy of its struct: then it is told by nothing, and the oldest is taken.
  std::size_t age = 0;
  for (std::size_t n = 0; n < object.held.size(); ++n)
    if (object.held[n] == view) age = n;
  event.number = static_cast<int>(age);
  happen(object, event);
  if (!object.held.empty()) object.held.erase(object.held.begin() + static_cast<std::ptrdiff_t>(age));
  unreference(&object);
}

bufspec_error operate(void* pointer, int number) {
  auto& object = *static_cast<Object*>(pointer);
  Event event;
  event.what = Happens::operation;
  event.number = number;
  happen(object, event);
  if (!object.held.empty()) return BUFSPEC_BUFFER_ERROR;
  if (number == 0) {
    if (object.is_closed || object.shape.size() != 1 || !is_c_contiguous(object) || object.offset != 0)
      return BUFSPEC_VALUE_ERROR;
    object.memory.resize(object.memory.size() + static_cast<std::size_t>(object.itemsize));
    ++object.shape[0];
  } else {
    object.is_closed = number == 1;
  }
  return BUFSPEC_OK;
}

bufspec_error grow(void* object) { return operate(object, 0); }
bufspec_error close(void* object) { return operate(object, 1); }
bufspec_error open(void* object) { return operate(object, 2); }

void drop(void* object) { unreference(static_cast<Object*>(object)); }

bufspec_ssize references(void* object) { return static_cast<Object*>(object)->references; }

bufspec_error exception() {
  const bufspec_error error = last_error;
  last_error = BUFSPEC_OK;
  return error;
}

void set_exception(bufspec_error error) { last_error = error; }

void use(void* pointer, void (*inside)(void*), void* context) {
  Event event;
  event.what = Happens::use;
  happen(*static_cast<Object*>(pointer), event);
  inside(context);
}

constexpr std::array<unsigned char, 24> elements{1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12,
                                                 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24};

template <std::size_t number>
void* make() {
  auto* const object = new Object;
  object->mutant = &mutants[number];
  object->memory.reserve(room);
  object->memory.assign(elements.begin(), elements.end());
  return object;
}

template <std::size_t number>
void* build(const bufspec_layout* layout) {
  if (layout->memory == nullptr || layout->itemsize == 0) return nullptr;
  auto* const object = new Object;
  object->mutant = &mutants[number];
  const auto* const from = static_cast<const char*>(layout->memory);
  object->memory.reserve(2 * static_cast<std::size_t>(layout->memory_len) + room);
  object->memory.assign(from, from + layout->memory_len);
  object->format = layout->format;
  object->itemsize = layout->itemsize;
  object->shape.assign(layout->shape, layout->shape + layout->ndim);
  object->strides.resize(static_cast<std::size_t>(layout->ndim));
  bufspec_ssize step = layout->itemsize;
  for (auto d = static_cast<std::size_t>(layout->ndim); d-- > 0; step *= layout->shape[d])
    object->strides[d] = layout->strides != nullptr ? layout->strides[d] : step;
  object->offset = layout->offset;
  object->is_readonly = layout->readonly != 0;
  return object;
}

constexpr std::array operations{bufspec_operation{"grow", grow}, bufspec_operation{"close", close},
                                bufspec_operation{"open", open}};

template <std::size_t number>
const bufspec_exporter* exporter() {
  static const bufspec_exporter one{
      .size = sizeof(bufspec_exporter),
      .flags = 0,
      .runtime = 0,
      .make = make<number>,
      .get_buffer = get_buffer,
      .release = release,
      .drop = drop,
      .elements = elements.data(),
      .elements_len = static_cast<bufspec_ssize>(elements.size()),
      .build = mutants[number].builds ? build<number> : nullptr,
      .operations = operations.data(),
      .operation_count = operations.size(),
      .references = references,
      .exception = exception,
      .set_exception = set_exception,
      .get_buffer_slot = get_buffer_slot,
      .is_object = nullptr,
      .collect = nullptr,
      .use = use,
  };
  return &one;
}

template <std::size_t... numbers>
const bufspec_table* table_of(std::index_sequence<numbers...>) {
  static const std::array subjects{
      bufspec_subject{BUFSPEC_TARGET_EXPORTER, 0, mutants[numbers].name, exporter<numbers>()}...};
  static const bufspec_table table{BUFSPEC_SUBJECT_MAGIC, BUFSPEC_SUBJECT_VERSION, "deep", subjects.size(),
                                   subjects.data()};
  return &table;
}

}  // namespace

}  // namespace bufspec::deep

BUFSPEC_EXPORT const bufspec_table* bufspec_subjects(void);
BUFSPEC_EXPORT const bufspec_table* bufspec_subjects(void) {
  return bufspec::deep::table_of(std::make_index_sequence<bufspec::deep::mutants.size()>());
}
