// The reference's exporter, behind the C boundary: the first subject that is no Python object, and one that breaks nothing.
#include <algorithm>
#include <string>
#include <utility>

#include "bufspec/exporter.hpp"
#include "bufspec/functions.hpp"
#include "harness/adapters/native/buffer.hpp"
#include "subjects.hpp"

namespace bufspec::native {

namespace {

constexpr ssize items = 12;
constexpr ssize itemsize = 4;
// READ and WRITE alone are reserved since the version after this one.
constexpr std::uint32_t runtime = 0x030c0000;

thread_local Error last_error = Error::none;

Exporter& exporter_of(void* object) noexcept { return *static_cast<Exporter*>(static_cast<Object*>(object)); }

void* handed_out(Exporter* exporter) noexcept { return static_cast<Object*>(exporter); }

void drop(void* object) {
  Exporter& exporter = exporter_of(object);
  exporter.drop_reference();
  if (exporter.references() == 0) delete &exporter;
}

void* made_of(const Layout& layout) {
  auto exporter = std::make_unique<Exporter>();
  return exporter->build(layout).ok() ? handed_out(exporter.release()) : nullptr;
}

void* make() {
  Layout layout;
  layout.format = "i";
  layout.itemsize = itemsize;
  layout.shape[0] = items;
  layout.has_strides = false;
  layout.block = items * itemsize;
  return made_of(layout);
}

void* build(const bufspec_layout* asked) {
  Layout layout;
  layout.format = asked->format;
  layout.itemsize = asked->itemsize;
  layout.ndim = asked->ndim;
  layout.readonly = asked->readonly != 0;
  layout.offset = asked->offset;
  layout.block = asked->memory_len;
  layout.has_strides = asked->strides != nullptr;
  layout.has_suboffsets = asked->suboffsets != nullptr;
  const auto count = static_cast<std::size_t>(asked->ndim);
  std::copy_n(asked->shape, count, layout.shape.begin());
  if (layout.has_strides) std::copy_n(asked->strides, count, layout.strides.begin());
  if (layout.has_suboffsets) std::copy_n(asked->suboffsets, count, layout.suboffsets.begin());
  return made_of(layout);
}

int get_buffer(void* object, bufspec_buffer* view, int flags) {
  const Status status =
      bufspec::get_buffer(exporter_of(object), reinterpret_cast<Buffer&>(*view), flags, Edition::current, runtime);
  last_error = status.error;
  return status.ok() ? 0 : -1;
}

int get_buffer_slot(void* object, bufspec_buffer* view, int flags) {
  const Status status =
      exporter_of(object).get_buffer(flags, reinterpret_cast<Buffer&>(*view), Edition::current, runtime);
  last_error = status.error;
  return status.ok() ? 0 : -1;
}

void release(bufspec_buffer* view) {
  void* const object = view->obj;
  exporter_of(object).release_buffer(reinterpret_cast<Buffer&>(*view));
  drop(object);
}

bufspec_error resize(void* object) {
  Exporter& exporter = exporter_of(object);
  return static_cast<bufspec_error>(exporter.resize(exporter.layout().shape[0] + 1).error);
}

bufspec_ssize references(void* object) { return exporter_of(object).references(); }
bufspec_error exception() { return static_cast<bufspec_error>(std::exchange(last_error, Error::none)); }
void set_exception(bufspec_error error) { last_error = error_from(error); }
void use(void*, void (*inside)(void*), void* context) { inside(context); }

const std::string& elements() {
  static const std::string bytes = [] {
    std::string made(items * itemsize, '\0');
    for (ssize i = 0; i < items; ++i) element_bytes(i, {made.data() + i * itemsize, itemsize});
    return made;
  }();
  return bytes;
}

constexpr bufspec_operation operations[]{{"resize", resize}};

}  // namespace

const bufspec_exporter& reference_exporter() {
  static const bufspec_exporter described = [] {
    bufspec_exporter made{};
    made.size = sizeof made;
    made.runtime = runtime;
    made.make = make;
    made.get_buffer = get_buffer;
    made.release = release;
    made.drop = drop;
    made.elements = elements().data();
    made.elements_len = static_cast<bufspec_ssize>(elements().size());
    made.build = build;
    made.operations = operations;
    made.operation_count = std::size(operations);
    made.references = references;
    made.exception = exception;
    made.set_exception = set_exception;
    made.get_buffer_slot = get_buffer_slot;
    made.use = use;
    return made;
  }();
  return described;
}

}  // namespace bufspec::native
