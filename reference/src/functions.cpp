// What do the library's functions answer about one buffer?
// The copies are in functions_copy.cpp.
#include "bufspec/functions.hpp"

#include "buffer_elements.hpp"
#include "bufspec/layout.hpp"

namespace bufspec {

namespace {

constexpr std::uint32_t first_runtime_with_reserved_words = 0x030d0000;

bool is_reserved(int word, Edition edition, std::uint32_t runtime) noexcept {
  return edition == Edition::current && runtime >= first_runtime_with_reserved_words &&
         (word == flag::READ || word == flag::WRITE);
}

Status refused(Buffer& view, Edition edition, Status status) noexcept {
  if (edition == Edition::current) view.obj = nullptr;
  return status;
}

}  // namespace

bool check_buffer(const Object& object) noexcept { return object.is_exporter(); }

Status get_buffer(Object& object, Buffer& view, int word, Edition edition, std::uint32_t runtime) noexcept {
  if (!object.is_exporter()) return refused(view, edition, {Error::type_error, "a bytes-like object is required"});
  if (is_reserved(word, edition, runtime))
    return refused(view, edition, {Error::system_error, "READ and WRITE are no requests"});
  return object.get_buffer(word, view, edition, runtime);
}

void release(Buffer& view) noexcept {
  if (view.obj == nullptr) return;
  Object& exporter = *static_cast<Object*>(view.obj);
  exporter.release_buffer(view);
  view.obj = nullptr;
  exporter.drop_reference();
}

bool is_contiguous(const Buffer& view, char order) noexcept {
  if (view.suboffsets != nullptr || view.ndim < 0 || view.ndim > max_ndim) return false;
  if (view.ndim > 0 && view.shape == nullptr) {
    if (view.strides != nullptr) return false;
    return order == 'C' || order == 'A' || (order == 'F' && view.ndim == 1);
  }
  return is_contiguous(geometry_of(view), order);
}

Result<char*> get_pointer(const Buffer& view, std::span<const ssize> index) noexcept {
  BufferElements elements;
  if (const Status status = elements.read(view); !status.ok())
    return Result<char*>::failure(status.error, status.reason);
  if (view.ndim > 0 && view.shape == nullptr) return Result<char*>::failure(Error::value_error, "there is no shape");
  if (index.size() != elements.shape().size())
    return Result<char*>::failure(Error::value_error, "not as many indices as dimensions");
  for (std::size_t d = 0; d < index.size(); ++d)
    if (index[d] < 0 || index[d] >= elements.shape()[d])
      return Result<char*>::failure(Error::index_error, "an index is out of range");
  return Result<char*>::success(elements.at(index));
}

Status fill_info(Buffer* view, Object* exporter, void* buf, ssize len, bool readonly, int word, Edition edition,
                 std::uint32_t runtime) noexcept {
  if (view == nullptr)
    return edition == Edition::current ? Status{Error::buffer_error, "there is no view to fill"} : Status{};
  if (is_reserved(word, edition, runtime))
    return refused(*view, edition, {Error::system_error, "READ and WRITE are no requests"});
  if (readonly && has(word, flag::WRITABLE))
    return refused(*view, edition, {Error::buffer_error, "the memory is read-only"});
  static char bytes_format[] = "B";
  view->buf = buf;
  view->obj = exporter;
  if (exporter != nullptr) exporter->add_reference();
  view->len = len;
  view->itemsize = 1;
  view->readonly = readonly ? 1 : 0;
  view->ndim = 1;
  view->format = has(word, flag::FORMAT) ? bytes_format : nullptr;
  view->shape = has(word, flag::ND) ? &view->len : nullptr;
  view->strides = has(word, flag::STRIDES) ? &view->itemsize : nullptr;
  view->suboffsets = nullptr;
  view->internal = nullptr;
  return {};
}

}  // namespace bufspec
