// How does an exporter that keeps every rule answer a request?
// Making the memory is in exporter_memory.cpp.
#include "bufspec/exporter.hpp"

#include "answering.hpp"

namespace bufspec {

Status Exporter::get_buffer(int word, Buffer& view, Edition edition, std::uint32_t runtime) noexcept {
  const Status status = show(word, full_, facts_, this, view, edition, runtime);
  if (!status.ok()) return status;
  ++exports_;
  add_reference();
  return status;
}

void Exporter::release_buffer(Buffer&) noexcept {
  if (exports_ > 0) --exports_;
}

Status Exporter::resize(ssize extent) {
  if (exports_ > 0) return {Error::buffer_error, "the memory is exported and cannot be resized"};
  if (layout_.ndim != 1 || !facts_.c_contiguous || layout_.offset != 0)
    return {Error::value_error, "only a contiguous memory of one dimension is resized"};
  Layout resized = layout_;
  resized.shape[0] = extent;
  if (__builtin_mul_overflow(extent, resized.itemsize, &resized.block))
    return {Error::overflow_error, "the size in bytes does not fit"};
  return build(resized, contents_);
}

}  // namespace bufspec
