// How is a memoryview made, and what does it take from the struct that it is given?
// Nothing is believed of a struct that could lead out of its memory, but for the memory itself.
#include <algorithm>

#include "buffer_elements.hpp"
#include "memoryview_shared.hpp"

namespace bufspec {

namespace {

using Made = Result<MemoryViewPointer>;

Made failed(const Status& status) { return Made::failure(status.error, status.reason); }

}  // namespace

Made MemoryView::make(std::shared_ptr<Shared> shared, const Buffer& buffer) {
  MemoryViewPointer view(new MemoryView(std::move(shared)));
  if (const Status status = view->describe(buffer); !status.ok()) return failed(status);
  return Made::success(std::move(view));
}

Made MemoryView::twin() const {
  if (is_released()) return Made::failure(Error::value_error, "the memoryview was released");
  return make(shared_, full_);
}

Status MemoryView::describe(const Buffer& buffer) {
  if (buffer.ndim < 0 || buffer.ndim > max_ndim)
    return {Error::value_error, "the number of dimensions is out of range"};
  if (buffer.itemsize < 0 || buffer.len < 0) return {Error::value_error, "a size is negative"};
  const auto ndim = static_cast<std::size_t>(buffer.ndim);
  full_ = buffer;
  format_ = buffer.format != nullptr ? buffer.format : "B";
  if (buffer.shape != nullptr) {
    std::copy_n(buffer.shape, ndim, shape_.begin());
  } else if (ndim == 1) {
    shape_[0] = buffer.itemsize > 0 ? buffer.len / buffer.itemsize : 0;
  } else if (ndim > 1) {
    return {Error::value_error, "several dimensions and no shape"};
  }
  const auto count = element_count({shape_.data(), ndim});
  if (!count.ok()) return {count.error, count.reason};
  if (const auto length = byte_length(count.value, buffer.itemsize); !length.ok())
    return {Error::value_error, length.reason};
  if (buffer.strides != nullptr) {
    std::copy_n(buffer.strides, ndim, strides_.begin());
  } else {
    const Status filled = fill_contiguous_strides({shape_.data(), ndim}, buffer.itemsize, 'C', {strides_.data(), ndim});
    if (!filled.ok()) return {Error::value_error, filled.reason};
  }
  has_suboffsets_ = buffer.suboffsets != nullptr && ndim > 0;
  if (has_suboffsets_) std::copy_n(buffer.suboffsets, ndim, suboffsets_.begin());
  take_facts();
  return {};
}

void MemoryView::take_facts() noexcept {
  full_.format = format_.data();
  full_.shape = shape_.data();
  full_.strides = strides_.data();
  full_.suboffsets = has_suboffsets_ ? suboffsets_.data() : nullptr;
  facts_ = facts_of(geometry_of(full_), full_.readonly != 0);
  if (has_suboffsets_) {
    // Suboffsets that are all negative make a memory contiguous in no order, though nothing is followed.
    facts_.c_contiguous = false;
    facts_.f_contiguous = false;
  } else if (full_.ndim == 1) {
    const bool is_dense = shape_[0] == 1 || strides_[0] == full_.itemsize;
    facts_.c_contiguous = is_dense;
    facts_.f_contiguous = is_dense;
  }
}

Made MemoryView::from_object(Object& object, Edition edition, std::uint32_t runtime) {
  if (const auto* view = dynamic_cast<const MemoryView*>(&object)) return view->twin();
  auto shared = std::make_shared<Shared>();
  const Status status = bufspec::get_buffer(object, shared->master, flag::FULL_RO, edition, runtime);
  if (!status.ok()) {
    shared->master.obj = nullptr;  // undefined after a failure, and nothing to release
    return failed(status);
  }
  const Buffer& master = shared->master;
  return make(shared, master);
}

Made MemoryView::from_buffer(const Buffer& buffer, Edition edition) {
  if (buffer.buf == nullptr) return Made::failure(Error::value_error, "the struct has no memory");
  auto shared = std::make_shared<Shared>();
  shared->master = buffer;
  if (edition == Edition::current) shared->master.obj = nullptr;
  const Buffer& master = shared->master;
  Made made = make(shared, master);
  if (!made.ok()) shared->master.obj = nullptr;  // what was refused is still the caller's
  return made;
}

Made MemoryView::from_memory(char* memory, ssize size, int mode) {
  if (memory == nullptr || size < 0) return Made::failure(Error::value_error, "there is no memory");
  if (mode != flag::READ && mode != flag::WRITE) return Made::failure(Error::value_error, "neither READ nor WRITE");
  Buffer buffer{};
  const Status status = fill_info(&buffer, nullptr, memory, size, mode == flag::READ, flag::FULL_RO);
  return status.ok() ? from_buffer(buffer) : failed(status);
}

Made MemoryView::get_contiguous(Object& object, int mode, char order, Edition edition) {
  if (mode != flag::READ && mode != flag::WRITE) return Made::failure(Error::value_error, "neither READ nor WRITE");
  if (order != 'C' && order != 'F' && order != 'A') return Made::failure(Error::value_error, "an unknown order");
  Made made = from_object(object, edition);
  if (!made.ok()) return made;
  const MemoryView& view = *made.value;
  if (mode == flag::WRITE && view.readonly()) return Made::failure(Error::buffer_error, "the memory is read-only");
  if (bufspec::is_contiguous(view.full_, order)) return made;
  if (mode == flag::WRITE) return Made::failure(Error::buffer_error, "the memory would have to be copied");
  return view.copy_in_order(order);
}

Made MemoryView::copy_in_order(char order) const {
  const char index_order = order == 'A' ? 'C' : order;
  auto bytes = tobytes(index_order);
  if (!bytes.ok()) return Made::failure(bytes.error, bytes.reason);
  auto shared = std::make_shared<Shared>();
  shared->copy = std::move(bytes.value);
  shared->is_copy = true;
  Extents strides{};
  const Status filled = fill_contiguous_strides(shape(), full_.itemsize, index_order, {strides.data(), shape().size()});
  if (!filled.ok()) return failed(filled);
  Buffer contiguous = full_;
  contiguous.buf = shared->copy.data();
  contiguous.obj = nullptr;
  contiguous.readonly = 1;
  contiguous.strides = strides.data();
  contiguous.suboffsets = nullptr;
  return make(std::move(shared), contiguous);
}

}  // namespace bufspec
