#include "memoryviews.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "foreign.hpp"
#include "harness/adapters/native/buffer.hpp"

namespace bufspec::native {

namespace {

// A memoryview, and the objects that it stands on.
struct ViewObject {
  bufspec_object object;
  std::shared_ptr<ForeignObject> base;  // before the view, which gives its buffer back to it
  MemoryViewPointer view;
};

ViewObject& view_in(bufspec_object* object) noexcept { return *reinterpret_cast<ViewObject*>(object); }

int get_buffer(bufspec_object* self, bufspec_buffer* view, int flags) {
  // READ and WRITE alone are reserved by the library's function since the version after this one; by no slot.
  constexpr std::uint32_t nothing_reserved = 0x030c0000;
  const Status status =
      view_in(self).view->get_buffer(flags, reinterpret_cast<Buffer&>(*view), Edition::current, nothing_reserved);
  if (!status.ok()) {
    last_error() = status.error;
    return -1;
  }
  view->obj = self;
  ++self->references;
  return 0;
}

void release_buffer(bufspec_object* self, bufspec_buffer* view) {
  view_in(self).view->release_buffer(reinterpret_cast<Buffer&>(*view));
}

const bufspec_type type{get_buffer, release_buffer, nullptr, nullptr, BUFSPEC_IS_OBJECT};

bufspec_object* made_of(Result<MemoryViewPointer> view, std::shared_ptr<ForeignObject> base) {
  if (!view.ok()) {
    last_error() = view.error;
    return nullptr;
  }
  return &(new ViewObject{{&type, 1}, std::move(base), std::move(view.value)})->object;
}

int check(bufspec_object* object) { return object->type == &type ? 1 : 0; }

bufspec_object* from_object(bufspec_object* object) {
  // A memoryview of a memoryview shares its buffer.
  if (check(object) != 0) {
    const ViewObject& of = view_in(object);
    return made_of(MemoryView::from_object(*of.view), of.base);
  }
  auto base = std::make_shared<ForeignObject>(*object);
  auto view = MemoryView::from_object(*base);
  return made_of(std::move(view), std::move(base));
}

bufspec_object* from_buffer(const bufspec_buffer* view) {
  Buffer copied;
  std::memcpy(&copied, view, sizeof copied);
  copied.obj = nullptr;  // the buffer stays the caller's
  return made_of(MemoryView::from_buffer(copied), nullptr);
}

bufspec_object* from_memory(char* memory, bufspec_ssize size, int flags) {
  return made_of(MemoryView::from_memory(memory, size, flags), nullptr);
}

bufspec_object* get_contiguous(bufspec_object* object, int mode, char order) {
  if (check(object) != 0) {
    const ViewObject& of = view_in(object);
    return made_of(MemoryView::get_contiguous(*of.view, mode, order), of.base);
  }
  auto base = std::make_shared<ForeignObject>(*object);
  auto view = MemoryView::get_contiguous(*base, mode, order);
  return made_of(std::move(view), std::move(base));
}

const bufspec_buffer* buffer_of(bufspec_object* memoryview) {
  return reinterpret_cast<const bufspec_buffer*>(&view_in(memoryview).view->buffer());
}

bufspec_object* base_of(bufspec_object* memoryview) {
  const ViewObject& self = view_in(memoryview);
  return self.base != nullptr && self.view->base() != nullptr ? &self.base->object() : nullptr;
}

bufspec_object* slice(bufspec_object* memoryview, bufspec_ssize start, bufspec_ssize stop, bufspec_ssize step) {
  Slice bounds;
  if (start != BUFSPEC_NO_BOUND) bounds.start = start;
  if (stop != BUFSPEC_NO_BOUND) bounds.stop = stop;
  bounds.step = step;
  const ViewObject& self = view_in(memoryview);
  return made_of(self.view->slice(bounds), self.base);
}

bufspec_object* cast(bufspec_object* memoryview, const char* format, int ndim, const bufspec_ssize* shape) {
  const ViewObject& self = view_in(memoryview);
  return made_of(
      shape == nullptr ? self.view->cast(format) : self.view->cast(format, {shape, static_cast<std::size_t>(ndim)}),
      self.base);
}

bufspec_object* to_readonly(bufspec_object* memoryview) {
  const ViewObject& self = view_in(memoryview);
  return made_of(self.view->to_readonly(), self.base);
}

const char* item(bufspec_object* memoryview, int count, const bufspec_ssize* index) {
  const auto place = view_in(memoryview).view->item({index, static_cast<std::size_t>(count)});
  if (place.ok()) return place.value;
  last_error() = place.error;
  return nullptr;
}

int tobytes(bufspec_object* memoryview, char order, void* buf, bufspec_ssize len) {
  const auto bytes = view_in(memoryview).view->tobytes(order);
  if (!bytes.ok()) {
    last_error() = bytes.error;
    return -1;
  }
  std::copy_n(bytes.value.data(), std::min(bytes.value.size(), static_cast<std::size_t>(len)), static_cast<char*>(buf));
  return 0;
}

int equal(bufspec_object* memoryview, bufspec_object* other) {
  return view_in(memoryview).view->equals(*view_in(other).view) ? 1 : 0;
}

int release(bufspec_object* memoryview) {
  const Status status = view_in(memoryview).view->release();
  if (status.ok()) return 0;
  last_error() = status.error;
  return -1;
}

void drop(bufspec_object* object) {
  if (--object->references == 0 && check(object) != 0) delete &view_in(object);
}

}  // namespace

const MemoryView& memoryview_in(const bufspec_object* object) noexcept {
  return *reinterpret_cast<const ViewObject*>(object)->view;
}

void add_memoryviews(bufspec_functions& functions) {
  functions.memoryview_from_object = from_object;
  functions.memoryview_from_buffer = from_buffer;
  functions.memoryview_from_memory = from_memory;
  functions.memoryview_get_contiguous = get_contiguous;
  functions.memoryview_get_buffer = buffer_of;
  functions.memoryview_get_base = base_of;
  functions.memoryview_check = check;
  functions.memoryview_slice = slice;
  functions.memoryview_cast = cast;
  functions.memoryview_toreadonly = to_readonly;
  functions.memoryview_item = item;
  functions.memoryview_tobytes = tobytes;
  functions.memoryview_equal = equal;
  functions.memoryview_release = release;
  functions.drop = drop;
}

}  // namespace bufspec::native
